"""A partial answer says what is missing, from when its information is and what to verify: in words,
in fields and in the log."""

import asyncio
from datetime import timedelta

import pytest

import desk_tools
from desk_world import USER, desk, last_run, of_kind, runtime, with_tool
from remit import Degraded
from remit.event import Ended
from remit.model import ModelError, ModelErrorClass
from remit.testing import FrozenClock, call, failing

FIND = call("find", order="7")


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def test_a_dated_answer_names_its_date_and_what_may_have_changed(tmp_path):
    clock = FrozenClock()
    remit = desk(tmp_path, "find", rules={"find": {"unavailable": {"last_known": "24h"}}})

    async def whole():
        async with runtime(tmp_path, [FIND, "Late."], clock=clock) as running:
            await running.handle(remit, "Where is 7?", user=USER)
        as_of = clock()
        clock.advance(3600)
        broken = with_tool(remit, "find", failing)
        async with runtime(tmp_path, [FIND, "Late."], clock=clock) as running:
            outcome = await running.handle(broken, "Where is 7?", user=USER)
            (ended,) = of_kind(running, last_run(running), Ended)
            return outcome, ended, as_of

    outcome, ended, as_of = asyncio.run(whole())
    assert isinstance(outcome, Degraded)
    assert outcome.as_of is not None
    assert outcome.as_of.timestamp() == pytest.approx(as_of, abs=1)
    minute = f"{outcome.as_of:%Y-%m-%d %H:%M} UTC"
    assert outcome.verify == (f"whether anything from find has changed since {minute}",)
    assert outcome.message == (
        f"Late. Please note: this rests on information as of {minute}. "
        f"Please verify whether anything from find has changed since {minute}."
    )
    assert ended.outcome == outcome
    assert outcome.as_of.utcoffset() == timedelta(0)


def test_a_prepared_answer_says_that_it_is_one_and_why(tmp_path):
    remit = desk(tmp_path, on_failure={"model_unavailable": {"value": "We open at nine."}})
    gone = ModelError(ModelErrorClass.AUTHENTICATION, "no")

    async def whole():
        async with runtime(tmp_path, [gone], clock=FrozenClock()) as running:
            return await running.handle(remit, "When do you open?", user=USER)

    outcome = asyncio.run(whole())
    assert isinstance(outcome, Degraded)
    assert (outcome.missing, outcome.verify) == (
        ("model_unavailable",),
        ("whether this prepared answer fits",),
    )
    assert outcome.message == (
        "We open at nine. Please note: this is a prepared answer, given because no model in the chain gave "
        "an answer in time. Please verify whether this prepared answer fits."
    )
