"""Everything that brings a person in: each leaves a case that says why, and none is said and never done."""

import asyncio
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import desk_tools
from desk_world import ANN, USER, desk, of_kind, runtime
from remit.app import Work, Worker
from remit.event import CaseOpened, Taken
from remit.model import ModelError, ModelErrorClass, Reply
from remit.testing import FrozenClock, answer, call

GONE = ModelError(ModelErrorClass.AUTHENTICATION, "no")
UNSURE = Reply(text="Perhaps.", finish="stop", mean_logprob=math.log(0.4), reported_model="m")
PAY = call("pay", order="7", amount=30, memo="x")


@pytest.fixture(autouse=True)
def _tools() -> None:
    desk_tools.reset()


def opened(folder: Path, script: list[Any], value: str = "Hello", **keys: Any) -> CaseOpened:
    """The one case of a run of this agent."""

    async def nothing(running: Any, run_id: str, clock: FrozenClock) -> None:
        return None

    return afterwards(folder, script, nothing, value, **keys)


def afterwards(
    folder: Path, script: list[Any], do: Callable[..., Any], value: str = "Hello", **keys: Any
) -> CaseOpened:
    remit = desk(folder / "desk", **keys)
    clock = FrozenClock()

    async def whole() -> CaseOpened:
        async with runtime(folder, script, clock=clock) as running:
            run_id, _ = await running.handle_run(remit, value, user=USER)
            await do(running, run_id, clock)
            (case,) = of_kind(running, run_id, CaseOpened)
            return case

    return asyncio.run(whole())


def topic(folder: Path) -> CaseOpened:
    return opened(folder, [], "Tax advice?", does_not=[{"topic": "tax advice", "queue": "people"}])


def failure(folder: Path) -> CaseOpened:
    return opened(folder, [GONE], on_failure={"model_unavailable": {"queue": "people"}})


def unsure(folder: Path) -> CaseOpened:
    return opened(folder, [UNSURE], confidence={"from": "logprobs", "below": {"queue": "people"}})


def audited(folder: Path) -> CaseOpened:
    confidence = {"mode": "observe", "from": "logprobs", "below": {"queue": "people"}, "audit": 1.0}
    return opened(folder, [UNSURE], confidence=confidence)


def rule(folder: Path) -> CaseOpened:
    ask = {"when": "amount > 20", "queue": "people"}
    return opened(folder, [PAY], rules={"pay": {"ask": ask}}, handover="people")


def permit(folder: Path) -> CaseOpened:
    args = {"order": {"kind": "authority"}, "amount": {"kind": "content"}, "memo": {"kind": "content"}}
    return opened(folder, [PAY], rules={"pay": {"args": args}}, handover="people")


def own_request(folder: Path) -> CaseOpened:
    return opened(folder, [call("ask_person", question="May I?")], ask_person="people")


def callers_wish(folder: Path) -> CaseOpened:
    async def wish(running: Any, run_id: str, clock: FrozenClock) -> None:
        await running.hand_over(run_id, by=ANN, reason="They call.")

    return afterwards(folder, [answer("Hi.")], wish, handover="people")


def poison(folder: Path) -> CaseOpened:
    remit, clock = desk(folder / "desk", handover="people"), FrozenClock()

    async def whole() -> CaseOpened:
        async with runtime(folder, [], clock=clock) as running:
            run_id = await running.submit(remit, "Hello", user=USER)
            for number in range(3):
                appender = running.log.appender(running.log.fold(run_id))
                appender.add(Taken(wake=f"w{number}", worker="gone"))
                await appender.flush(wake=f"w{number}", lease_s=1.0)
                clock.advance(10)
            await running.sweep()
            (case,) = of_kind(running, run_id, CaseOpened)
            return case

    return asyncio.run(whole())


def orphan(folder: Path) -> CaseOpened:
    clock = FrozenClock()

    async def whole() -> CaseOpened:
        async with runtime(folder, [], clock=clock) as first:
            old = desk(folder / "old", "find", "mark", handover="people")
            run_id = await first.submit(old, "Hello", user=USER)
        async with runtime(folder, [], clock=clock) as second:
            second.register(desk(folder / "new", "find", handover="people"))
            worker = Worker(second, Work(release_wait_s=60.0))
            for _ in range(2):
                clock.advance(70)
                await worker.orphans.look()
            (case,) = of_kind(second, run_id, CaseOpened)
            return case

    return asyncio.run(whole())


TRIGGERS: dict[str, tuple[Callable[[Path], CaseOpened], str, str, str]] = {
    "scope topic": (topic, "handover", "does_not", "tax advice"),
    "failure mode": (failure, "handover", "on_failure", "model_unavailable"),
    "low confidence": (unsure, "low_confidence", "confidence", "low_confidence"),
    "drawn to be labelled": (audited, "audit", "confidence.audit", "drawn by chance"),
    "rule": (rule, "permit", "tools.pay.ask", "amount > 20"),
    "permit question": (permit, "permit", "", "order"),
    "the agent's own request": (own_request, "agent_request", "ask_person", "own request"),
    "a caller's request": (callers_wish, "caller_request", "", "They call."),
    "poison": (poison, "poisoned", "", "none made progress"),
    "orphan": (orphan, "release_gone", "", "no worker that can run release"),
}


@pytest.mark.parametrize("name", TRIGGERS)
def test_what_brings_a_person_in_is_recorded_with_its_reason(tmp_path: Path, name: str) -> None:
    reach, trigger, by, reason = TRIGGERS[name]
    case = reach(tmp_path)
    assert (case.trigger, case.queue) == (trigger, "people")
    assert case.rule.startswith(by)
    assert reason in case.why
    assert case.question


def test_every_trigger_of_the_log_is_one_of_these() -> None:
    known = set(get_args(get_type_hints(CaseOpened)["trigger"]))
    # A call in doubt is in test_log_eleven_rules.py, with all that follows from it.
    assert {trigger for _, trigger, _, _ in TRIGGERS.values()} | {"effect_unknown"} == known
