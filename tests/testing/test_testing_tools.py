"""Tools that break on purpose look like the tools that they break."""

import asyncio

import pytest

from remit.errors import ToolDeclarationError
from remit.event import Integrity
from remit.outcome import Effect
from remit.testing import failing, hanging, huge
from remit.tools import Tool, ToolContext, ToolFailure, ToolUnavailable, declared_of, tool

CONTEXT = ToolContext(run_id="r", key="k", user=None, tenant="")


@tool(effect="keyed")
def plain(number: str) -> str:
    """Finds."""
    return f"found {number}"


@tool(effect="read")
async def awaited(number: str) -> str:
    """Finds, slowly."""
    return f"found {number}"


async def call_tool(arguments, context):
    return f"found {arguments['number']}"


LOADED = Tool(
    name="find",
    description="Finds.",
    parameters={"type": "object"},
    effect=Effect.READ,
    integrity=Integrity.THIRD_PARTY,
    signature="s",
    validate=dict,
    call=call_tool,
)


def call(target, number="A"):
    if isinstance(target, Tool):
        return asyncio.run(target.call({"number": number}, CONTEXT))
    return asyncio.run(target(number=number))


@pytest.mark.parametrize("target", [plain, awaited, LOADED], ids=["function", "coroutine", "loaded"])
def test_it_fails_as_often_as_told_and_then_works(target):
    broken = failing(target, times=2, with_=ToolFailure("no"))
    for _ in range(2):
        with pytest.raises(ToolFailure, match="no"):
            call(broken)
    assert call(broken) == "found A"


@pytest.mark.parametrize("target", [plain, LOADED], ids=["function", "loaded"])
def test_it_fails_always_and_is_unavailable_unless_told_otherwise(target):
    broken = failing(target)
    for _ in range(3):
        with pytest.raises(ToolUnavailable):
            call(broken)


@pytest.mark.parametrize("make", [hanging, lambda target: failing(target, with_="timeout")])
def test_it_hangs_until_it_is_given_up(make):
    async def impatient():
        async with asyncio.timeout(0.05):
            await make(LOADED).call({"number": "A"}, CONTEXT)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


def test_its_result_is_as_large_as_told():
    assert len(call(huge(plain, 50_000_000, times=1))) == 50_000_000


def test_what_it_declares_and_takes_stays_the_same():
    before, after = declared_of(plain), declared_of(failing(plain))
    assert before is not None
    assert after is not None
    assert (after.effect, after.integrity, after.reconcile) == (
        before.effect,
        before.integrity,
        before.reconcile,
    )
    assert failing(plain).__doc__ == plain.__doc__
    assert failing(LOADED).signature == LOADED.signature


def test_a_function_that_is_no_tool_is_refused():
    def bare(number: str) -> str:
        return number

    with pytest.raises(ToolDeclarationError, match="bare is no tool"):
        failing(bare)
