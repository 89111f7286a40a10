"""The tools that pieces of remits on the documentation's pages speak of."""

from typing import Any

from remit import ToolContext, tool


@tool(effect="read")
def find_order(order_id: str) -> dict[str, Any]:
    """Find one order by its number."""
    return {"id": order_id}


@tool(effect="read", integrity="operator")
def find_orders(account: str) -> list[dict[str, Any]]:
    """Find the orders of an account."""
    return [{"id": "1001", "account": account}]


@tool(effect="read")
def track(order_id: str) -> str:
    """Tell where the parcel is."""
    return order_id


@tool(effect="keyed")
def refund(order_id: str, amount_eur: float, context: ToolContext) -> str:
    """Pay money back."""
    return f"{order_id} {amount_eur} {context.key}"


@tool(effect="irreversible")
def send_letter(account: str, text: str) -> str:
    """Send a letter."""
    return f"{account} {text}"
