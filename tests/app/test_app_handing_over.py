"""A caller wants a person: whatever the run is doing, it ends with a case, and nothing new is done."""

import asyncio

import pytest

import desk_tools
from desk_world import ANN, USER, desk, last_run, runtime
from remit.errors import DecisionRefused
from remit.event import CaseOpened
from remit.outcome import Answered, Escalated, Waiting
from remit.testing import FrozenClock, answer, call


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


PAY = call("pay", order="7", amount=30, memo="x")


def whole(folder, script, check):
    remit = desk(folder / "desk", "pay", rules={"pay": {"ask": "always"}}, handover="people")

    async def run():
        async with runtime(folder, script, clock=FrozenClock()) as running:
            outcome = await running.handle(remit, "Pay order 7.", user=USER)
            await check(running, outcome, last_run(running))

    asyncio.run(run())


def test_a_run_that_waits_is_handed_over_and_its_question_is_void(tmp_path):
    async def check(running, outcome, run_id):
        assert isinstance(outcome, Waiting)
        await running.hand_over(run_id, by=ANN, reason="The customer calls.", queue="others")
        await running.hand_over(run_id, by=ANN)
        ended = await running.advance(run_id)
        assert isinstance(ended, Escalated)
        assert ended.queue == "others"
        opened = running.log.fold(run_id).cases[ended.case].opened
        assert (opened.trigger, opened.why) == (
            "caller_request",
            f"{ANN} wants a person to take it over: The customer calls.",
        )
        with pytest.raises(DecisionRefused, match="has ended"):
            await running.decide(outcome.case, "approve", by=ANN)
        with pytest.raises(DecisionRefused, match="a person's already"):
            await running.hand_over(run_id, by=ANN)
        await running.decide(ended.case, "answer", by=ANN, answer="Done by phone.")
        assert desk_tools.DONE == []

    whole(tmp_path, [PAY, answer("Paid.")], check)


def test_a_run_that_has_ended_gets_a_case(tmp_path):
    async def check(running, outcome, run_id):
        assert isinstance(outcome, Answered)
        await running.hand_over(run_id, by=ANN, reason="It is wrong.")
        (case,) = [each.event for each in running.log.read(run_id) if isinstance(each.event, CaseOpened)]
        assert (case.queue, case.trigger) == ("people", "caller_request")
        with pytest.raises(DecisionRefused, match="a person's already"):
            await running.hand_over(run_id, by=ANN)
        with pytest.raises(DecisionRefused, match="no queue nowhere"):
            await running.hand_over(run_id, by=ANN, queue="nowhere")

    whole(tmp_path, [answer("Hi.")], check)
