"""The tools that the tests' agents name: they do what the test says, and count what they did."""

import asyncio
from collections.abc import Callable
from typing import Any

from remit import ToolContext, tool

DONE: list[tuple[str, dict[str, Any]]] = []
"""Every call that reached a tool, in order."""
DOES: dict[str, Callable[..., Any]] = {}
"""What a tool does in place of the usual; it gets the arguments by name."""


def reset() -> None:
    DONE.clear()
    DOES.clear()


def calls_of(name: str) -> list[dict[str, Any]]:
    return [arguments for tool_name, arguments in DONE if tool_name == name]


async def _reached(name: str, usual: Any, **arguments: Any) -> Any:
    DONE.append((name, arguments))
    does = DOES.get(name)
    if does is None:
        return usual
    result = does(**arguments)
    return await result if asyncio.iscoroutine(result) else result


@tool(effect="read")
async def find(order: str) -> Any:
    """Find an order."""
    return await _reached("find", {"id": order, "state": "late"}, order=order)


@tool(effect="read")
async def weather(city: str) -> Any:
    """Look at the weather."""
    return await _reached("weather", "rain", city=city)


@tool(effect="idempotent")
async def mark(order: str, text: str = "seen") -> Any:
    """Mark an order."""
    return await _reached("mark", "marked", order=order, text=text)


@tool(effect="keyed")
async def book(order: str, amount: float, context: ToolContext) -> Any:
    """Book a credit."""
    return await _reached("book", {"key": context.key}, order=order, amount=amount)


@tool(effect="irreversible")
async def pay(order: str, amount: float, memo: str = "none") -> Any:
    """Pay money back."""
    return await _reached("pay", f"paid {amount:g}", order=order, amount=amount, memo=memo)


async def paid_already(order: str, context: ToolContext) -> Any:
    return await _reached("paid_already", None, order=order)


@tool(effect="irreversible", reconcile=paid_already)
async def wire(order: str) -> Any:
    """Wire money."""
    return await _reached("wire", "wired", order=order)


def half_sure(input: Any, output: Any) -> float:
    """A score that says nothing."""
    return 0.5
