"""Did a call with a lost result take place? The tool's own query says, where it has one."""

import asyncio
from dataclasses import dataclass
from typing import Any

from remit.tools.as_json import NotJson, as_json, reason_text
from remit.tools.port import Tool, ToolContext


@dataclass(frozen=True, slots=True, kw_only=True)
class TookPlace:
    """The call took place, with this result."""

    result: Any
    cut_from_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverHappened:
    """The call did not take place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillUnknown:
    """The query gave no answer, or there is none: a person has to say."""

    reason: str


async def reconcile(
    tool: Tool,
    arguments: dict[str, Any],
    context: ToolContext,
    *,
    timeout_s: float,
    max_result_bytes: int,
) -> TookPlace | NeverHappened | StillUnknown:
    """Ask the tool's own query, once. Ask only after the call can no longer be under way."""
    if tool.reconcile is None:
        return StillUnknown(reason=f"{tool.name} has no query that could say")
    limit = asyncio.timeout(timeout_s)
    try:
        async with limit:
            found = await tool.reconcile(arguments, context)
    except Exception as error:
        late = limit.expired()
        said = (
            f"no answer within {timeout_s:g} s" if late else reason_text(f"{type(error).__name__}: {error}")
        )
        return StillUnknown(reason=f"the query of {tool.name} failed: {said}")
    if found is None:
        return NeverHappened()
    try:
        result = as_json(found, max_result_bytes)
    except NotJson as error:
        return TookPlace(result=f"The call took place, but its result cannot be shown: {error}.")
    return TookPlace(result=result.value, cut_from_bytes=result.cut_from_bytes)
