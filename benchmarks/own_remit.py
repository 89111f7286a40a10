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
FILE = "remit.db"


def scripted(request: Request) -> Reply:
    """Answers at once, by how often it has answered before; ends only with three whole results."""
    turn = sum(isinstance(message, ModelSaid) for message in request.messages)
    if turn < TOOL_CALLS:
        return Reply(text="", calls=(Call(id=f"c{turn}", tool="look", arguments={"key": f"k{turn}"}),))
    results = [message for message in request.messages if isinstance(message, ToolSaid)]
    whole = sum(not result.failed and len(result.text) >= RESULT_CHARACTERS for result in results)
    return Reply(text=checked(ANSWER, whole))


@asynccontextmanager
async def durable(folder: Path) -> AsyncIterator[Run]:
    """One process and one file, as `Runtime` opens it by default."""
    desk = Remit.load(DESK)
    async with Runtime(folder / FILE, model=ScriptedModel(scripted)) as runtime:

        async def run() -> str:
            outcome = await runtime.handle(desk, INPUT, user={"id": "u1"}, tenant="t")
            if not isinstance(outcome, Answered):
                raise RuntimeError(f"the run ended otherwise: {outcome}")
            return outcome.message

        yield run
