"""What `remit new` writes: a remit of a dozen lines and a file of two tools."""

REMIT = """\
# What {name} may do. The runtime enforces this file; the prompt and the runbook are written
# from it. `remit check {name}` shows what it means, and where each failure leads.
remit: 1
agent: {name}
purpose: Answer customers' questions about their orders.
model: {model}
handover: me@example.com  # the default queue: who decides, and who gets what fails
does: [tell where an order is, refund a late order]
does_not: [legal advice]
tools:
  find_order: {module}:find_order
  refund: {{python: "{module}:refund", ask: always}}
"""

DESK = '''\
"""The tools of {name}: plain functions that say what their call does to the world.

The orders are invented and live in memory only; put calls to your own systems in their place.
`effect` is required: "read" changes nothing, "idempotent" may be repeated, "keyed" is recognised
by its key on the other side, "irreversible" is never called twice without a person.
"""

from remit import ToolFailure, tool

ORDERS: dict[str, dict[str, str | int | float]] = {{
    "1001": {{"item": "blue kettle", "state": "on its way", "days_late": 0, "paid_eur": 39.0}},
    "1002": {{"item": "desk lamp", "state": "on its way", "days_late": 9, "paid_eur": 54.5}},
    "1003": {{"item": "wool socks", "state": "delivered", "days_late": 0, "paid_eur": 12.0}},
}}
refunded_eur: dict[str, float] = {{}}


@tool(effect="read")
def find_order(order_id: str) -> dict[str, str | int | float]:
    """Find one order by its number, such as 1001: what it is, where it is, how late, what was paid."""
    if order_id not in ORDERS:
        raise ToolFailure(f"There is no order {{order_id}}.")
    return {{"order_id": order_id, **ORDERS[order_id]}}


@tool(effect="irreversible")
def refund(order_id: str, amount_eur: float) -> str:
    """Pay money of one order back to the customer, at most what was paid for it."""
    left_eur = float(find_order(order_id)["paid_eur"]) - refunded_eur.get(order_id, 0.0)
    if not 0 < amount_eur <= left_eur:
        raise ToolFailure(f"At most {{left_eur:.2f}} EUR of order {{order_id}} can be refunded.")
    refunded_eur[order_id] = refunded_eur.get(order_id, 0.0) + amount_eur
    return f"{{amount_eur:.2f}} EUR of order {{order_id}} are on their way back."
'''
