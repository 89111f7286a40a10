"""The eight steps as a Remit run: on SQLite and Postgres, advanced in process or by DBOS's queue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from contender import Run
from engine_run import CALLS_PER_ANSWER, INPUT, STEP_CHARACTERS, STEPS, checked

from remit import Answered, Remit, Runtime
from remit.event import Call, ModelSaid, ToolSaid
from remit.model import Reply, Request
from remit.testing import ScriptedModel

DESK = Path(__file__).parent / "engine-desk"
TEXT = "done " * (STEP_CHARACTERS // 5)


def scripted(request: Request) -> Reply:
    """Answers at once, by how often it has answered before; ends only with four whole results."""
    turn = sum(isinstance(message, ModelSaid) for message in request.messages)
    asked = sum(CALLS_PER_ANSWER[:turn])
    calls = tuple(
        Call(id=f"c{number}", tool="look", arguments={"key": f"k{number}"})
        for number in range(asked, asked + CALLS_PER_ANSWER[turn])
    )
    if not calls:
        results = [message for message in request.messages if isinstance(message, ToolSaid)]
        whole = sum(not result.failed and len(result.text) >= STEP_CHARACTERS for result in results)
        checked(whole + turn + 1, TEXT)
    return Reply(text=TEXT, calls=calls, reported_model="scripted")


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Run]:
    """One process and one file; every step is committed before the next begins."""
    async with _runs(str(folder / "remit.db"), "inline") as run:
        yield run


@asynccontextmanager
async def on_postgres(folder: Path) -> AsyncIterator[Run]:
    """A database of its own on the server that all share; the process that admits a run advances it."""
    async with _runs((folder / "remit.url").read_text(), "inline") as run:
        yield run


@asynccontextmanager
async def dbos_on_sqlite(folder: Path) -> AsyncIterator[Run]:
    """Every run is submitted and advanced by a workflow from DBOS's queue."""
    async with _runs(str(folder / "remit-dbos.db"), "dbos") as run:
        yield run


@asynccontextmanager
async def dbos_on_postgres(folder: Path) -> AsyncIterator[Run]:
    """The same on a database of its own on the server that all share."""
    async with _runs((folder / "remit_dbos.url").read_text(), "dbos") as run:
        yield run


@asynccontextmanager
async def _runs(address: str, dispatch: Literal["inline", "dbos"]) -> AsyncIterator[Run]:
    desk = Remit.load(DESK)
    model = ScriptedModel(scripted)
    async with Runtime(address, model=model, commit_every_s=0, dispatch=dispatch) as runtime:

        async def run() -> str:
            outcome = await runtime.handle(desk, INPUT, user={"id": "u1"}, tenant="t")
            if not isinstance(outcome, Answered):
                raise RuntimeError(f"the run ended otherwise: {outcome}")
            return checked(STEPS, outcome.message)

        yield run
