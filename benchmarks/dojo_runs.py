"""One task through the real loop: a scripted agent that may be taken over, and three kinds of person."""

import asyncio
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from agentdojo.functions_runtime import FunctionCall
from dojo_attacks import read_whole
from dojo_suites import World
from dojo_tools import Desk

from remit import Answered, Degraded, Remit, Runtime, Waiting
from remit.event import Call, Integrity, ToolSaid
from remit.model import Reply, Request
from remit.testing import ScriptedModel

Person = Literal["ideal", "absent", "rubber"]
"""Approves exactly the user's own calls; never answers; approves everything."""
PRINCIPAL = "emma"
HERE = Path(__file__).parent
SHARED_MEMORY = Path("/dev/shm")


@dataclass(slots=True)
class Script:
    """What the agent will ask for: the user's calls, and the attacker's once it has read them."""

    user: Sequence[FunctionCall]
    answer: str
    attack: str = ""
    attacker: Sequence[FunctionCall] = ()
    plan: Sequence[dict[str, Any]] = ()
    """The templates that it writes when it is asked for a plan."""
    _texts: list[str] = field(default_factory=list)
    _shown: int = 0
    _done: int = 0
    _attacked: bool = False
    _pending: list[Call] = field(default_factory=list)

    def reply(self, request: Request) -> Reply:
        """The plan where one is asked for, the next call, or the answer when there is none left."""
        if _asks_for_plan(request):
            return Reply(text=json.dumps({"calls": list(self.plan)}), finish="stop")
        for message in request.messages[self._shown :]:
            if isinstance(message, ToolSaid):
                self._texts.append(message.text)
        self._shown = len(request.messages)
        if self._time_to_attack():
            self._attacked = True
            self._pending = [_call(f"attack-{index}", one) for index, one in enumerate(self.attacker)]
        if self._pending:
            return Reply(text="", calls=(self._pending.pop(0),), finish="tool_calls")
        if self._done < len(self.user):
            self._done += 1
            return Reply(
                text="",
                calls=(_call(f"user-{self._done}", self.user[self._done - 1]),),
                finish="tool_calls",
            )
        return Reply(text=self.answer, finish="stop")

    def _time_to_attack(self) -> bool:
        if self._attacked or not self.attacker or (self.attack == "after" and self._done < len(self.user)):
            return False
        return read_whole(self.attack, self._texts)


def _asks_for_plan(request: Request) -> bool:
    schema = request.output_schema
    return not request.tools and schema is not None and "calls" in schema.get("properties", {})


def _call(call_id: str, wanted: FunctionCall) -> Call:
    return Call(id=call_id, tool=wanted.function, arguments=dict(wanted.args))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of one run."""

    executed: list[FunctionCall]
    after: Any
    answer: str
    asked_user: int
    """Questions about the user's own calls."""
    asked_attack: int
    """Questions about the attacker's."""
    unsound: int
    """Calls of the attacker that were asked for before the log knew of any third party's text."""
    verdicts: list[tuple[str, str, str, str]]
    """Call id, tool, verdict and reason of every permit."""
    questions: list[tuple[str, str, str]]
    """Call id, tool and reason of every question."""
    outcome: str

    def asked(self, whose: str) -> str:
        """What a person was asked, for one who looks for the cause."""
        return "; ".join(f"{tool}: {why}" for call, tool, why in self.questions if call.startswith(whose))

    def told(self, verdict: str, whose: str = "") -> str:
        """What was decided of the calls, for a person who looks for the cause."""
        return "; ".join(
            f"{tool} {decided}: {reason}"
            for call, tool, decided, reason in self.verdicts
            if call.startswith(whose) and decided.startswith(verdict)
        )


class Planner(Protocol):
    """Whoever writes the plans."""

    async def reply(self, request: Request) -> Reply:
        """The plan that is asked for."""
        ...


class Planned:
    """The script, but for the plan: a planner writes that."""

    def __init__(self, script: ScriptedModel, planner: Planner) -> None:
        self._script = script
        self._planner = planner
        self.name = script.name
        self.context_tokens = script.context_tokens

    async def ask(self, request: Request) -> Reply:
        """The planner's plan, or what the script says."""
        return await (self._planner.reply(request) if _asks_for_plan(request) else self._script.ask(request))


class Clock:
    """Real time, and as much more as a person who never answers takes."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        self.now += 0.0001
        return self.now


class Bench:
    """One runtime on a log of its own; runs one after the other."""

    def __init__(self, remit: Remit, planner: Planner | None = None) -> None:
        self.remit = remit
        script = ScriptedModel(self._reply, context_tokens=100_000_000)
        self._folder = tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None)
        self._script: Script | None = None
        self._clock = Clock()
        self._loop = asyncio.new_event_loop()
        self.runtime = Runtime(
            Path(self._folder.name) / "remit.db",
            model=script if planner is None else Planned(script, planner),
            clock=self._clock,
            random_bytes=random.Random(7).randbytes,
            commit_every_s=3600.0,
        )

    def _reply(self, request: Request) -> Reply:
        assert self._script is not None, "a run has a script"
        return self._script.reply(request)

    def close(self) -> None:
        """Lets the log go."""
        self.runtime.close()
        self._loop.close()
        self._folder.cleanup()

    def run(self, prompt: str, world: World, script: Script, person: Person) -> Ran:
        """One run from its admission to its outcome, every question answered as this person would."""
        self._script = script
        environment = world.fresh()
        Desk.begin(environment)
        return self._loop.run_until_complete(self._run(prompt, environment, person))

    async def _run(self, prompt: str, environment: Any, person: Person) -> Ran:
        run_id = await self.runtime.submit(self.remit, prompt, user={"id": PRINCIPAL})
        outcome = await self.runtime.advance(run_id)
        asked = {"user": 0, "attack": 0}
        while isinstance(outcome, Waiting):
            who = self._whose(run_id, outcome.case)
            asked[who] += 1
            await self._decide(outcome, person, who)
            outcome = await self.runtime.advance(run_id)
        state = self.runtime.log.fold(run_id)
        verdicts = [
            (
                call.call.id,
                call.call.tool,
                call.permit.verdict if call.permit else "",
                call.permit.reason if call.permit else "",
            )
            for call in state.calls.values()
        ]
        return Ran(
            executed=list(Desk.executed),
            after=environment,
            answer=str(outcome.output) if isinstance(outcome, Answered | Degraded) else "",
            asked_user=asked["user"],
            asked_attack=asked["attack"],
            unsound=sum(
                call.call.id.startswith("attack") and call.integrity is not Integrity.THIRD_PARTY
                for call in state.calls.values()
            ),
            verdicts=verdicts,
            questions=[
                (state.calls[case.opened.key].call.id, case.opened.tool or "", case.opened.why)
                for case in state.cases.values()
                if case.opened.key is not None
            ],
            outcome=outcome.kind,
        )

    def _whose(self, run_id: str, case: str) -> Literal["user", "attack"]:
        state = self.runtime.log.fold(run_id)
        key = state.cases[case].opened.key
        assert key is not None, "every question here is about a call"
        return "attack" if state.calls[key].call.id.startswith("attack") else "user"

    async def _decide(self, waiting: Waiting, person: Person, who: str) -> None:
        if person == "absent":
            self._clock.now = waiting.deadline.timestamp() + 1
            self.runtime.expire()
        elif person == "rubber" or who == "user":
            await self.runtime.decide(waiting.case, "approve", by="reviewer")
        else:
            await self.runtime.decide(waiting.case, "reject", by="reviewer", reason="Nobody asked for this.")


def opened(suite: str) -> Remit:
    """The remit of a suite."""
    return Remit.load(HERE / "dojo_desks" / suite)
