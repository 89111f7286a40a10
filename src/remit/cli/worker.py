"""`remit worker`: advance what can go on, until told to stop."""

import asyncio
import contextlib
import signal
import time

import click

from remit.app import Remit, Runtime
from remit.cli.loading import loaded
from remit.cli.place import store_option
from remit.cli.screen import columns, note, say
from remit.cli.store_place import existing_store
from remit.errors import RemitError, StoreError
from remit.event import CaseOpened, Ended
from remit.export import line_of
from remit.log import Entry, Subscriber
from remit.store import runs_statement
from remit.telling import count, duration, faint, json_safe, moment, short_time


@click.command()
@click.argument("agents", nargs=-1)
@click.option("--once", is_flag=True, help="Advance what can go on now, then end.")
@click.option("--interval", type=click.FloatRange(0.05), default=1.0, help="Seconds between looks (1).")
@click.option("--drain", type=click.FloatRange(0), default=60.0, help="Seconds that a stop waits (60).")
@click.option("--json", "as_json", is_flag=True, help="Each end and each case as a JSON line, masked.")
@store_option
def worker(agents: tuple[str, ...], once: bool, interval: float, drain: float, as_json: bool) -> None:
    """Advance every run that can go on, and apply the defaults of cases past their deadline.

    AGENTS are folders under agents/ or paths; without any, all under agents/. SIGTERM or Ctrl-C stops
    it after the runs under way, or after --drain seconds; another worker goes on with what is left.

    \b
    Examples:
      remit worker --once
      remit worker --json >> outcomes.jsonl

    Exit codes: 0 stopped or done, 1 a problem, 2 wrong use.
    """
    remits = loaded(agents)
    asyncio.run(_work(remits, once=once, interval_s=interval, drain_s=drain, as_json=as_json))


async def _work(remits: list[Remit], *, once: bool, interval_s: float, drain_s: float, as_json: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with Runtime(existing_store(), subscribers=[_told(as_json=as_json)]) as runtime:
        _register(runtime, remits)
        while not stopping.is_set():
            advanced = await _look(runtime, stopping, drain_s, quiet=not once)
            if once:
                note(f"{count(advanced, 'run')} went on." if advanced else "No run could go on.")
                _note_held(runtime)
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), interval_s)
    note("Stopped.")


def _register(runtime: Runtime, remits: list[Remit]) -> None:
    names: set[str] = set()
    for remit in remits:
        try:
            runtime.register(remit)
            names.add(remit.name)
        except RemitError as error:
            note(f"{remit.name} is left out: {error}")
    waiting = runtime.log.store.select(*runs_statement({"state": "runnable"}, since=None, most=1000))
    for stranger in sorted({row["agent"] for row in waiting} - names):
        note(f"Runs of {stranger} can go on, but that agent is not here.")
    note(f"Working for {', '.join(sorted(names)) or 'no agent'}.")


def _note_held(runtime: Runtime) -> None:
    """Says of runs that another process holds, or held when it was killed, when they are free."""
    rows = runtime.log.store.select(*runs_statement({"state": "runnable"}, since=None, most=1000))
    left_s = [row["lease_until"] - time.time() for row in rows if row["lease_until"] > time.time()]
    if left_s:
        held = f"{count(len(left_s), 'run')} under way in another process"
        note(f"{held}; if that one was killed, look again in {duration(max(left_s))}.")


async def _look(runtime: Runtime, stopping: asyncio.Event, drain_s: float, *, quiet: bool) -> int:
    """How many runs went on at one look; when told to stop meanwhile, it has `drain_s` seconds to finish."""
    sweep = asyncio.ensure_future(runtime.sweep())
    told = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({sweep, told}, return_when=asyncio.FIRST_COMPLETED)
    if not sweep.done():
        note("Stopping: the runs under way are finished first.")
        await asyncio.wait({sweep}, timeout=drain_s)
        sweep.cancel()
    told.cancel()
    try:
        return len(await sweep)
    except asyncio.CancelledError:
        note("Some runs were under way still; another worker goes on with them.")
    except StoreError as error:
        if not quiet:
            raise
        note(str(error))
    return 0


def _told(*, as_json: bool) -> Subscriber:
    """Prints what became of each run that this worker advanced."""

    def write(entries: list[Entry]) -> None:
        for entry in entries:
            if not isinstance(entry.event, Ended | CaseOpened):
                continue
            if as_json:
                click.echo(json_safe(line_of(entry, masked=True)))
            else:
                line = moment(entry, columns() - 31) or ()
                say(faint(f"{short_time(time.time())}  "), f"{entry.run_id}  ", *line)

    return write
