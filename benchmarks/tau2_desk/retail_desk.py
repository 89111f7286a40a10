"""The shop behind the retail policy: reads of one's own records, and the seven writes."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from tau2_shop import SHOP, Record

from remit import ToolContext, ToolFailure, tool

Reason = Literal["no longer needed", "ordered by mistake"]


def _own_order(order_id: str, context: ToolContext) -> Record:
    order = SHOP.records["orders"].get(order_id)
    if order is None or order["user_id"] != _caller(context):
        raise ToolFailure("there is no such order of this user")
    return order


def _caller(context: ToolContext) -> str:
    user: Mapping[str, Any] = context.user or {}
    return str(user.get("id", ""))


def _found(users: Iterable[Record]) -> Record:
    for user in users:
        return {"user_id": user["user_id"]}
    raise ToolFailure("there is no such user")


@tool(effect="read", blocking=False)
def find_user_id_by_name_zip(first_name: str, last_name: str, zip: str) -> Record:
    """Find a user's id by name and zip code."""
    name = {"first_name": first_name, "last_name": last_name}
    users = SHOP.records["users"].values()
    return _found(user for user in users if user["name"] == name and user["address"]["zip"] == zip)


@tool(effect="read", blocking=False)
def find_user_id_by_email(email: str) -> Record:
    """Find a user's id by mail address."""
    return _found(user for user in SHOP.records["users"].values() if user["email"] == email)


@tool(effect="read", integrity="attested", blocking=False)
def get_user_details(user_id: str, context: ToolContext) -> Record:
    """The caller's own profile: address, payment methods and orders."""
    if user_id != _caller(context):
        raise ToolFailure("only the caller's own profile can be read")
    user = SHOP.records["users"][user_id]
    return {**user, "payment_methods": list(user["payment_methods"].values())}


@tool(effect="read", integrity="attested", blocking=False)
def get_order_details(order_id: str, context: ToolContext) -> Record:
    """One of the caller's own orders."""
    return _own_order(order_id, context)


@tool(effect="read", integrity="attested", blocking=False)
def get_product_details(product_id: str) -> Record:
    """A product and the items that there are of it."""
    product = SHOP.records["products"].get(product_id)
    if product is None:
        raise ToolFailure("there is no such product")
    return {**product, "variants": list(product["variants"].values())}


@tool(effect="read", integrity="attested", blocking=False)
def get_item_details(item_id: str) -> Record:
    """One item of any product."""
    for product in SHOP.records["products"].values():
        if item_id in product["variants"]:
            return product["variants"][item_id]
    raise ToolFailure("there is no such item")


@tool(effect="read", blocking=False, integrity="operator")
def calculate(expression: str) -> str:
    """The value of a sum; its value is not needed here."""
    return f"the value of an expression of {len(expression)} characters"


@tool(effect="idempotent", blocking=False, integrity="operator")
def transfer_to_human_agents(summary: str) -> str:
    """Hand the conversation over to a person."""
    SHOP.written.append(("transfer_to_human_agents", {"summary": summary}))
    return "Transfer successful"


def _written(name: str, **arguments: Any) -> None:
    SHOP.written.append((name, arguments))


def _in_status(order: Record, status: str) -> None:
    if not order["status"].startswith(status):
        raise ToolFailure(f"the order is {order['status']}, not {status}")


@tool(effect="irreversible", blocking=False)
def cancel_pending_order(order_id: str, reason: Reason, context: ToolContext) -> Record:
    """Cancel a pending order."""
    order = _own_order(order_id, context)
    _in_status(order, "pending")
    order["status"] = "cancelled"
    _written("cancel_pending_order", order_id=order_id, reason=reason)
    return order


@tool(effect="irreversible", blocking=False)
def modify_pending_order_address(
    order_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,
    context: ToolContext,
) -> Record:
    """Send a pending order to another address."""
    order = _own_order(order_id, context)
    _in_status(order, "pending")
    address = _address(address1, address2, city, state, country, zip)
    order["address"] = address
    _written("modify_pending_order_address", order_id=order_id, **address)
    return order


def _address(address1: str, address2: str, city: str, state: str, country: str, zip_code: str) -> Record:
    return {
        "address1": address1,
        "address2": address2,
        "city": city,
        "state": state,
        "country": country,
        "zip": zip_code,
    }


@tool(effect="irreversible", blocking=False)
def modify_user_address(
    user_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,
    context: ToolContext,
) -> Record:
    """Change the caller's default address."""
    if user_id != _caller(context):
        raise ToolFailure("only the caller's own address can be changed")
    user = SHOP.records["users"][user_id]
    address = _address(address1, address2, city, state, country, zip)
    user["address"] = address
    _written("modify_user_address", user_id=user_id, **address)
    return user


@tool(effect="irreversible", blocking=False)
def modify_pending_order_payment(order_id: str, payment_method_id: str, context: ToolContext) -> Record:
    """Pay a pending order by another method."""
    order = _own_order(order_id, context)
    _in_status(order, "pending")
    order["payment_history"].append({"payment_method_id": payment_method_id})
    _written("modify_pending_order_payment", order_id=order_id, payment_method_id=payment_method_id)
    return order


@tool(effect="irreversible", blocking=False)
def modify_pending_order_items(
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
    context: ToolContext,
) -> Record:
    """Change items of a pending order, once."""
    order = _own_order(order_id, context)
    if order["status"] != "pending":
        raise ToolFailure(f"the order is {order['status']}, not pending")
    order["status"] = "pending (item modified)"
    _written(
        "modify_pending_order_items",
        order_id=order_id,
        item_ids=item_ids,
        new_item_ids=new_item_ids,
        payment_method_id=payment_method_id,
    )
    return order


@tool(effect="irreversible", blocking=False)
def exchange_delivered_order_items(
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
    context: ToolContext,
) -> Record:
    """Exchange items of a delivered order, once."""
    order = _own_order(order_id, context)
    _in_status(order, "delivered")
    order["status"] = "exchange requested"
    _written(
        "exchange_delivered_order_items",
        order_id=order_id,
        item_ids=item_ids,
        new_item_ids=new_item_ids,
        payment_method_id=payment_method_id,
    )
    return order


@tool(effect="irreversible", blocking=False)
def return_delivered_order_items(
    order_id: str, item_ids: list[str], payment_method_id: str, context: ToolContext
) -> Record:
    """Take items of a delivered order back."""
    order = _own_order(order_id, context)
    _in_status(order, "delivered")
    order["status"] = "return requested"
    _written(
        "return_delivered_order_items",
        order_id=order_id,
        item_ids=item_ids,
        payment_method_id=payment_method_id,
    )
    return order
