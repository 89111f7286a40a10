"""Tools that break on purpose: each takes a tool and gives one that looks the same to a model."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any, Literal, TypeVar, cast

from remit.errors import ToolDeclarationError
from remit.tools import Tool, ToolUnavailable, declared_of, tool

Target = TypeVar("Target", bound="Tool | Callable[..., Any]")
"""A function marked with `@tool`, or a loaded tool."""
Fault = Callable[[], Awaitable[Any]]


def failing(
    target: Target,
    *,
    times: int | None = None,
    with_: "Exception | type[Exception] | Literal['timeout']" = ToolUnavailable,
) -> Target:
    """The same tool, failing in its first `times` calls, or always; the others reach the tool.

    `with_` is the exception that it raises, or `"timeout"` for a call that never comes back.
    """
    if with_ == "timeout":
        return _broken(target, _hang, times)

    async def fail() -> Any:
        raise with_("it was made to fail") if isinstance(with_, type) else with_

    return _broken(target, fail, times)


def hanging(target: Target, *, times: int | None = None) -> Target:
    """The same tool, whose first `times` calls, or all of them, never come back."""
    return _broken(target, _hang, times)


def huge(target: Target, size_bytes: int, *, times: int | None = None) -> Target:
    """The same tool, whose first `times` results, or all of them, are a text of that size."""

    async def bloat() -> Any:
        return "x" * size_bytes

    return _broken(target, bloat, times)


async def _hang() -> Any:
    await asyncio.Event().wait()


def _broken(target: Target, fault: Fault, times: int | None) -> Target:
    calls = count()

    def due() -> bool:
        return times is None or next(calls) < times

    if isinstance(target, Tool):
        return cast(Target, _broken_tool(target, fault, due))
    return cast(Target, _broken_function(target, fault, due))


def _broken_tool(whole: Tool, fault: Fault, due: Callable[[], bool]) -> Tool:
    async def call(arguments: dict[str, Any], context: Any) -> Any:
        return await (fault() if due() else whole.call(arguments, context))

    return replace(whole, call=call)


def _broken_function(
    function: Callable[..., Any], fault: Fault, due: Callable[[], bool]
) -> Callable[..., Any]:
    declared = declared_of(function)
    if declared is None:
        raise ToolDeclarationError(
            f"{getattr(function, '__name__', function)!s} is no tool.", remedy="Mark it with @tool first."
        )

    @functools.wraps(function)
    async def call(*arguments: Any, **named: Any) -> Any:
        if due():
            return await fault()
        result = function(*arguments, **named)
        return await result if inspect.isawaitable(result) else result

    marked = tool(effect=declared.effect, integrity=declared.integrity, reconcile=declared.reconcile)
    return marked(call)
