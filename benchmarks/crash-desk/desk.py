"""Tools whose every call leaves lines in the bank's own record, outside Remit's log."""

from crash_bank import act

from remit import ToolContext, tool


@tool(effect="read")
async def find_fee(order: str, context: ToolContext) -> dict[str, object]:
    """Find the fee of an order."""
    await act("find_fee", order, context)
    return {"order": order, "fee_eur": 12}


@tool(effect="keyed")
async def note_fee(order: str, context: ToolContext) -> str:
    """Note that a fee is being returned; the same key is noted once."""
    await act("note_fee", order, context)
    return "noted"


@tool(effect="irreversible")
async def return_fee(order: str, context: ToolContext) -> str:
    """Return the fee of an order. Twice is wrong."""
    await act("return_fee", order, context)
    return "returned"
