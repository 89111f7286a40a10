"""The process that is killed: it sweeps, goes on with what others left, and admits new runs."""

import asyncio
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import crash_bank

from remit import Remit, Runtime
from remit.event import Call, ModelSaid, Said
from remit.model import Reply, Request
from remit.testing import ScriptedModel

DESK = Path(__file__).parent / "crash-desk"
LOG, BANK, ACKNOWLEDGED = "remit.db", "bank.jsonl", "acknowledged.jsonl"
AT_ONCE = 4
LEASE_S = 0.4
SWEEP_EVERY_S = 0.03
SHAPES = (
    (("find_fee",), ("note_fee",), ("return_fee",)),
    (("find_fee",), ("note_fee", "return_fee")),
    (("find_fee",), ("return_fee",), ("note_fee",)),
    (("find_fee", "find_fee"), ("return_fee", "note_fee")),
)
"""The tools that each answer of the model asks for; a run has one shape, by its order's number."""


def scripted(request: Request) -> Reply:
    """A pure function of what the model is shown, so that a new process gets the same answers."""
    order = next(message.text for message in request.messages if isinstance(message, Said)).split()[-1]
    shape = SHAPES[int(order.rpartition("-")[2]) % len(SHAPES)]
    turn = sum(isinstance(message, ModelSaid) for message in request.messages)
    if turn >= len(shape):
        return Reply(text="The fee is returned.")
    calls = [
        Call(id=f"c{turn}-{index}", tool=tool, arguments={"order": order})
        for index, tool in enumerate(shape[turn])
    ]
    return Reply(text="", calls=tuple(calls))


def live(folder: Path, child: int, seed: int, admit: int) -> None:
    """Be one worker process: until it is killed or, with nothing to admit, until all is done."""
    random.seed(f"{seed} {child}")
    os.environ[crash_bank.FILE_VARIABLE] = str(folder / BANK)
    asyncio.run(_live(folder, child, admit))


async def _live(folder: Path, child: int, admit: int) -> None:
    desk = Remit.load(DESK)
    orders = iter(range(admit))
    async with Runtime(folder / LOG, model=ScriptedModel(scripted), lease_s=LEASE_S) as runtime:

        async def admitting() -> None:
            for number in orders:
                order = f"{child}-{number}"
                user = {"id": f"customer-{order}", "order": order}
                run_id = await runtime.submit(desk, f"Return the fee of order {order}", user=user, tenant="t")
                crash_bank.append(folder / ACKNOWLEDGED, {"order": order, "run_id": run_id})
                await runtime.advance(run_id)

        async def sweeping() -> None:
            while admit or unfinished(folder / LOG):
                await runtime.sweep()
                await asyncio.sleep(SWEEP_EVERY_S)

        await asyncio.gather(sweeping(), *(admitting() for _ in range(AT_ONCE)))


def unfinished(log: Path) -> int:
    """Runs that somebody still has to advance, read from the file itself."""
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("select count(*) from run where state = 'runnable'").fetchone()
    return count
