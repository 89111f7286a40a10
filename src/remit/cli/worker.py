"""`remit worker`: advance what can go on, until told to stop."""

import asyncio
import signal
import time
from typing import Any

import click

from remit.app import Remit, Runtime, Vitals, Work, Worker, serve_vitals
from remit.cli.loading import loaded
from remit.cli.place import store_option
from remit.cli.screen import columns, note, say
from remit.cli.store_place import awaited, existing_store
from remit.errors import RemitError
from remit.event import CaseOpened, Ended
from remit.export import line_of
from remit.log import Entry, Subscriber
from remit.store import runs_statement
from remit.telling import count, duration, faint, json_safe, moment, short_time


@click.command()
@click.argument("agents", nargs=-1)
@click.option("--once", is_flag=True, help="Advance what can go on now, then end.")
@click.option("--dispatch", type=click.Choice(["inline", "dbos"]), default="inline", help="What wakes runs.")
@click.option("--concurrency", type=click.IntRange(1), default=20, help="Runs under way here at once (20).")
@click.option("--interval", type=click.FloatRange(0.05), default=0.2, help="Seconds between looks (0.2).")
@click.option("--sweep", type=click.FloatRange(0.1), default=1.0, help="Seconds between sweeps (1).")
@click.option(
    "--lease", type=click.FloatRange(0.1), default=30.0, help="Seconds a silent worker keeps a run (30)."
)
@click.option(
    "--release-wait",
    type=click.FloatRange(0),
    default=900.0,
    help="Seconds without a worker for a release until a person is asked (900).",
)
@click.option(
    "--drain-timeout",
    "--drain",
    "drain",
    type=click.FloatRange(0),
    default=60.0,
    help="Seconds that a stop waits (60).",
)
@click.option("--health-host", default="127.0.0.1", help="The address of --health-port (127.0.0.1).")
@click.option(
    "--health-port",
    type=click.IntRange(0, 65535),
    help="Serve /health/ready, /health/live, /metrics on it; 0 is any.",
)
@click.option("--json", "as_json", is_flag=True, help="Each end and each case as a JSON line, masked.")
@store_option
def worker(agents: tuple[str, ...], once: bool, as_json: bool, **options: Any) -> None:
    """Advance every run that can go on, and apply the defaults of cases past their deadline.

    AGENTS are names under agents/, paths, or folders of agents; without any, agents/. Any number of
    workers may share a store. SIGTERM or Ctrl-C stops it after the runs under way, or after
    --drain-timeout seconds; another worker goes on with what is left.

    \b
    Examples:
      remit worker --once
      remit worker my-desk --concurrency 50 --health-port 8322
      remit worker --json >> outcomes.jsonl

    Exit codes: 0 stopped or done, 1 a problem, 2 wrong use.
    """
    remits = loaded(agents)
    asyncio.run(_work(remits, once=once, as_json=as_json, options=options))


async def _work(remits: list[Remit], *, once: bool, as_json: bool, options: dict[str, Any]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    named: dict[str, Any] = {"dispatch": options["dispatch"], "lease_s": options["lease"]}
    async with Runtime(awaited(existing_store()), subscribers=[_told(as_json=as_json)], **named) as runtime:
        _register(runtime, remits)
        if once:
            advanced = await _look(runtime, stopping, options["drain"])
            note(f"{count(advanced, 'run')} went on." if advanced else "No run could go on.")
            _note_held(runtime)
            return
        work = Work(
            concurrency=options["concurrency"],
            look_every_s=options["interval"],
            sweep_every_s=options["sweep"],
            release_wait_s=options["release_wait"],
        )
        await _serve(Worker(runtime, work, said=note), stopping, options)
    note("Stopped.")


async def _serve(worker: Worker, stopping: asyncio.Event, options: dict[str, Any]) -> None:
    """Works until told to stop, then drains; the health port answers until the end."""
    server = None
    if options["health_port"] is not None:
        try:
            server = serve_vitals(Vitals(worker), options["health_host"], options["health_port"])
        except OSError as error:
            remedy = "Name another one with --health-port."
            raise RemitError(f"The port cannot be had: {error.strerror}.", remedy=remedy) from error
        note(f"Health: http://{server.server_address[0]}:{server.server_address[1]}/health/ready")
    try:
        await worker.run(stopping)
        if worker.runtime.wakes.active:
            note("Stopping: the runs under way are finished first.")
        left = await worker.drain(options["drain"])
        if left:
            note(f"{count(left, 'run')} under way still; another worker goes on with them.")
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


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


async def _look(runtime: Runtime, stopping: asyncio.Event, drain_s: float) -> int:
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
