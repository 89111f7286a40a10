"""Tools that mostly work; what they do is said by the order's own text."""

import asyncio

from remit import ToolUnavailable, tool


@tool(effect="read")
async def find(order: str) -> dict[str, object]:
    """Find an order."""
    await asyncio.sleep(0.002)
    if order.startswith("broken"):
        raise ToolUnavailable("the order system does not answer")
    return {"order": order, "fee_eur": 12, "text": order.ljust(1500, ".")}


@tool(effect="idempotent")
async def note(order: str) -> str:
    """Note something at an order."""
    await asyncio.sleep(0.002)
    return f"noted at {order}"


@tool(effect="irreversible")
async def pay(order: str, amount_eur: float) -> str:
    """Pay an amount back."""
    await asyncio.sleep(0.002)
    return f"paid {amount_eur} EUR for {order}"
