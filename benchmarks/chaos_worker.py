"""A worker of the chaos run: sweeps until it is killed, or until nothing is left when it is told to drain.

`python chaos_worker.py ADDRESS FOLDER SEED [--dispatch dbos] [--drain]`; it also runs under the source of
an older version.
"""

import argparse
import asyncio
import contextlib
import os
import random
from pathlib import Path
from typing import Any, Literal

import crash_bank
from crash_child import BANK, DESK, Hesitant, scripted
from records import column

from remit import Remit, Runtime
from remit.errors import RemitError

Dispatch = Literal["inline", "dbos"]
LEASE_S = 2.0
SWEEP_EVERY_S = 0.1
PATIENCE_S = 15.0
SLOWEST_S = 0.12
"""A run takes a second or two, so that a fault finds many of them under way."""
UNFINISHED = "select run_id from run where state in ('runnable', 'set_aside')"
POISONED = "select case_id from review_case where reason = 'poisoned' and state = 'open'"


async def work(address: str, *, dispatch: Dispatch, drain: bool) -> None:
    """Sweep, and say that a run that was set aside is to be tried again."""
    desk = Remit.load(DESK)
    wait_as_the_command_does(address)
    named: dict[str, Any] = {"lease_s": LEASE_S, "wait_for_store_s": PATIENCE_S, "dispatch": dispatch}
    async with Runtime(address, model=Hesitant(scripted), **named) as runtime:
        runtime.register(desk)
        stopping = asyncio.Event()
        working = asyncio.create_task(_advancing(runtime, stopping))
        while drain:
            await approve_poisoned(runtime, address)
            if not column(address, UNFINISHED):
                stopping.set()
                break
            await asyncio.sleep(SWEEP_EVERY_S)
        await working


def wait_as_the_command_does(address: str) -> None:
    """What `remit worker` does first; an older version does not wait."""
    with contextlib.suppress(ImportError):
        from remit.store import wait_for_database

        wait_for_database(
            address, wait_s=PATIENCE_S, told=lambda shown: print(f"{shown}: waiting", flush=True)
        )


async def _advancing(runtime: Runtime, stopping: asyncio.Event) -> None:
    """What `remit worker` runs; an older version's own loop where it has no such class."""
    try:
        from remit.app import Work, Worker
    except ImportError:
        while not stopping.is_set():
            try:
                await runtime.sweep()
            except (RemitError, ValueError) as error:
                print(f"{os.getpid()}: {error}", flush=True)
            await asyncio.sleep(SWEEP_EVERY_S)
        return
    work = Work(concurrency=20, look_every_s=SWEEP_EVERY_S, sweep_every_s=SWEEP_EVERY_S)
    await Worker(runtime, work, said=lambda line: print(f"{os.getpid()}: {line}", flush=True)).run(stopping)


async def approve_poisoned(runtime: Runtime, address: str) -> None:
    """The operator's word for runs that were killed too often in a row."""
    for case in column(address, POISONED):
        await runtime.decide(case, "approve", by="operator@example.com", reason="Killed on purpose.")


def main() -> None:
    """Be one worker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("seed")
    parser.add_argument("--dispatch", choices=("inline", "dbos"), default="inline")
    parser.add_argument("--drain", action="store_true")
    options = parser.parse_args()
    random.seed(options.seed)
    crash_bank.SLOWEST_S = SLOWEST_S
    os.environ[crash_bank.FILE_VARIABLE] = str(options.folder / BANK)
    asyncio.run(work(options.address, dispatch=options.dispatch, drain=options.drain))


if __name__ == "__main__":
    main()
