"""The tools of the order desk, over orders that are invented and live in memory only."""

from typing import Any

from remit import ToolFailure, ToolUnavailable, tool

ORDERS: dict[str, dict[str, Any]] = {
    "1001": {"account": "A-1", "item": "kettle", "state": "on its way", "days_late": 0, "paid_eur": 39.0},
    "1002": {"account": "A-1", "item": "desk lamp", "state": "on its way", "days_late": 9, "paid_eur": 24.5},
}
ARCHIVED = "9"
"""Orders whose number begins so lie in an archive, which is down."""


@tool(effect="read")
def find_order(order_id: str, account: str) -> dict[str, Any]:
    """Find one order of an account: what it is, where it is, how many days late, what was paid."""
    if order_id.startswith(ARCHIVED):
        raise ToolUnavailable("The archive of old orders does not answer.")
    order = ORDERS.get(order_id)
    if order is None or order["account"] != account:
        raise ToolFailure(f"There is no order {order_id}.")
    return {"order_id": order_id, **order}


@tool(effect="irreversible")
def refund(order_id: str, amount_eur: float) -> str:
    """Pay money of one order back to the customer."""
    return f"{amount_eur:.2f} EUR of order {order_id} are on their way back."
