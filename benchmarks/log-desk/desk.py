"""Tools that work at once, or do not, as the order says."""

from remit import ToolUnavailable, tool


@tool(effect="read")
async def find(order: str) -> dict[str, object]:
    """Find an order."""
    if order.startswith("broken"):
        raise ToolUnavailable("the order system does not answer")
    return {"order": order, "fee_eur": 12}


@tool(effect="read")
async def weather(order: str) -> str:
    """Say what the weather was like where an order went."""
    raise ToolUnavailable("the weather service does not answer")


@tool(effect="irreversible")
async def pay(order: str, amount_eur: float) -> str:
    """Pay an amount back."""
    return f"paid {amount_eur} EUR for {order}"
