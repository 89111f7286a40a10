"""The breaker of a tool in the loop: what this process and others count reaches the next call."""

import asyncio

import pytest

import desk_tools
from desk_world import USER, desk, runtime
from remit import Degraded
from remit.store import Statement
from remit.testing import FrozenClock, ScriptedModel, call
from remit.tools.breaker import BELIEVED_S

DEGRADE = {"tool_failed": "degrade", "tool_unavailable": "degrade"}


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def called(folder, breaker, *steps):
    """How often the tool is called by runs with these steps before each, at one frozen moment."""
    clock = FrozenClock()
    rules = {"find": {"breaker": breaker, "breaker_rest": "1h"}}
    remit = desk(folder / "desk", rules=rules, on_failure=DEGRADE)

    async def whole():
        script = ScriptedModel([call("find", order="7"), "Done."], by_turn=True)
        async with runtime(folder, script, clock=clock) as running:
            for step in steps:
                step(running, clock)
                last = await running.handle(remit, "Hello", user=USER)
            return len(desk_tools.DONE), isinstance(last, Degraded)

    return asyncio.run(whole())


def as_it_is(running, clock):
    pass


def broken(order):
    raise RuntimeError("down")


def breaks(running, clock):
    desk_tools.DOES["find"] = broken


@pytest.mark.parametrize(("later_s", "found"), [(BELIEVED_S / 2, (2, False)), (BELIEVED_S * 2, (1, True))])
def test_a_failure_in_another_process_is_noticed_within_a_moment(tmp_path, later_s, found):
    def fails_elsewhere(running, clock):
        values = {"tool": "desk:find", "failures": 1, "threshold": 1, "at": clock()}
        running.log.store.execute_now(Statement("count_breaker_failures", values))
        clock.advance(later_s)

    assert called(tmp_path, 1, as_it_is, fails_elsewhere) == found


def test_a_failure_in_this_process_is_noticed_at_once(tmp_path):
    assert called(tmp_path, 2, as_it_is, breaks, as_it_is, as_it_is) == (3, True)
