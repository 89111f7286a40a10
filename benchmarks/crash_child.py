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


class Hesitant(ScriptedModel):
    """Takes a moment before it answers, so that a kill may land while a model is asked."""

    async def ask(self, request: Request) -> Reply:
        """The scripted answer, a moment later."""
        await asyncio.sleep(random.uniform(0, crash_bank.SLOWEST_S))
        return await super().ask(request)


def live(folder: Path, child: int, seed: int, admit: int) -> None:
    """Be one worker process: until it is killed or, with nothing to admit, until all is done."""
    random.seed(f"{seed} {child}")
    os.environ[crash_bank.FILE_VARIABLE] = str(folder / BANK)
    asyncio.run(_live(folder, child, admit))


async def _live(folder: Path, child: int, admit: int) -> None:
    desk = Remit.load(DESK)
    orders = iter(range(admit))
    async with Runtime(folder / LOG, model=Hesitant(scripted), lease_s=LEASE_S) as runtime:
        runtime.register(desk)

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
                for case in poisoned(folder / LOG):
                    await runtime.decide(
                        case, "approve", by="operator@example.com", reason="Killed on purpose."
                    )
                await asyncio.sleep(SWEEP_EVERY_S)

        await asyncio.gather(sweeping(), *(admitting() for _ in range(AT_ONCE)))


def unfinished(log: Path) -> int:
    """How many runs somebody still has to advance, read from the file itself."""
    return len(_column(log, "select run_id from run where state in ('runnable', 'set_aside')"))


def poisoned(log: Path) -> list[str]:
    """The open cases of runs that were set aside because they were killed too often in a row."""
    return _column(log, "select case_id from review_case where reason = 'poisoned' and state = 'open'")


def _column(log: Path, statement: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as connection:
        return [value for (value,) in connection.execute(statement)]
