"""The run in Remit: permits, provenance, hash chain and log on SQLite, as its users have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contender import Run
from the_run import ANSWER, INPUT, RESULT_CHARACTERS, TOOL_CALLS, checked

from remit import Answered, Remit, Runtime
from remit.event import Call, ModelSaid, ToolSaid
from remit.model import Reply, Request
from remit.testing import ScriptedModel

DESK = Path(__file__).parent / "look-desk"
EACH_STEP = Path(__file__).parent / "look-desk-each-step"
FILE = "remit.db"


def scripted(request: Request) -> Reply:
    """Answers at once, by how often it has answered before; ends only with three whole results."""
    turn = sum(isinstance(message, ModelSaid) for message in request.messages)
    if turn < TOOL_CALLS:
        look = Call(id=f"c{turn}", tool="look", arguments={"key": f"k{turn}"})
        return Reply(text="", calls=(look,), reported_model="scripted")
    results = [message for message in request.messages if isinstance(message, ToolSaid)]
    whole = sum(not result.failed and len(result.text) >= RESULT_CHARACTERS for result in results)
    return Reply(text=checked(ANSWER, whole), reported_model="scripted")


@asynccontextmanager
async def durable(folder: Path) -> AsyncIterator[Run]:
    """One process and one file, as `Runtime` opens it by default; the tool reads, so it may be repeated."""
    async with _runs_of(DESK, folder, commit_every_s=0.25) as run:
        yield run


@asynccontextmanager
async def durable_each_step(folder: Path) -> AsyncIterator[Run]:
    """The same with a tool that acts: every step is committed before the next begins."""
    async with _runs_of(EACH_STEP, folder, commit_every_s=0) as run:
        yield run


@asynccontextmanager
async def _runs_of(path: Path, folder: Path, *, commit_every_s: float) -> AsyncIterator[Run]:
    desk = Remit.load(path)
    async with Runtime(
        folder / FILE, model=ScriptedModel(scripted), commit_every_s=commit_every_s
    ) as runtime:

        async def run() -> str:
            outcome = await runtime.handle(desk, INPUT, user={"id": "u1"}, tenant="t")
            if not isinstance(outcome, Answered):
                raise RuntimeError(f"the run ended otherwise: {outcome}")
            return outcome.message

        yield run
