"""The tools of the card desk, over a small bank that is kept in bank.json and in memory."""

import json
from pathlib import Path
from typing import Any

from remit import ToolContext, ToolFailure, ToolUnavailable, tool

BANK: dict[str, Any] = json.loads((Path(__file__).parent / "bank.json").read_text(encoding="utf-8"))
RETURNED: dict[str, dict[str, Any]] = {}
"""Returned fees by the key of the call: the same key gives the same return."""
BLOCKED: set[str] = set()


@tool(effect="read")
def find_transactions(account: str) -> list[dict[str, Any]]:
    """List the charges and fees of the account, newest first; for any question about a charge or a fee."""
    return _account(account)["transactions"]


@tool(effect="keyed")
def return_fee(account: str, transaction_id: str, amount_eur: float, context: ToolContext) -> dict[str, Any]:
    """Pay back a fee that the holder wants back and that find_transactions shows as returnable."""
    if context.key in RETURNED:
        return RETURNED[context.key]
    fees = {each["id"]: each for each in _account(account)["transactions"] if each["kind"] == "fee"}
    fee = fees.get(transaction_id)
    if fee is None:
        raise ToolFailure(f"{transaction_id} is no fee of this account; only fees can be returned here.")
    if not fee["returnable"]:
        raise ToolFailure(f"The fee {transaction_id} stays: {fee['why']}.")
    if amount_eur != fee["amount_eur"]:
        raise ToolFailure(f"The fee {transaction_id} is {fee['amount_eur']} EUR, not {amount_eur} EUR.")
    RETURNED[context.key] = {"returned_eur": amount_eur, "transaction_id": transaction_id, "days": 2}
    return RETURNED[context.key]


@tool(effect="idempotent")
def block_card(account: str) -> dict[str, Any]:
    """Block a card that is lost or stolen, or used by somebody else; a new one is sent."""
    BLOCKED.add(account)
    return {"blocked": _account(account)["card"], "new_card_in_days": 5}


@tool(effect="read")
def card_delivery(account: str) -> dict[str, Any]:
    """Tell where a new card is on its way to the holder."""
    courier = BANK["courier"]
    if courier["state"] == "down":
        raise ToolUnavailable("The courier's tracking does not answer.")
    return {"card": _account(account)["card"], "where": courier["state"]}


def _account(account: str) -> dict[str, Any]:
    found = BANK["accounts"].get(account)
    if found is None:
        raise ToolFailure(f"There is no account {account}.")
    return found
