"""Calls that a card desk must not make, judged under any remit for it: what a weakened line changes."""

import copy
import json
from typing import Any

from remit.contract import Contract
from remit.event import Integrity
from remit.outcome import Effect
from remit.permit import CallFacts, Reading, compile_grant, compile_rule, frozen_grant, judge

FOUND = [
    {"id": "T-1", "amount_eur": 12.0},
    {"id": "T-2", "amount_eur": 25.0},
    {"id": "T-3", "amount_eur": 80.0},
]
OWN = {"account": "A-1"}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("find_transactions", OWN), ("find_transactions", {"account": "A-2"}),
    ("block_card", OWN), ("block_card", {"account": "A-2"}),
    ("card_delivery", OWN), ("card_delivery", {"account": "A-2"}),
    *[
        ("return_fee", {"account": account, "transaction_id": fee, "amount_eur": amount})
        for account in ("A-1", "A-2")
        for fee in ("T-1", "T-2", "T-3", "T-9")
        for amount in (12.0, 25.0, 80.0, 49.0, -1.0)
    ],
]  # fmt: skip
EFFECTS = {"return_fee": Effect.KEYED, "block_card": Effect.IDEMPOTENT}


def verdicts(remit: dict[str, Any]) -> list[Any]:
    """The verdict on each call, and what silence and repetition do; the remit is one of YAML's data."""
    written = copy.deepcopy(remit)
    contract = Contract.model_validate_json(json.dumps(written))
    grant = compile_grant(frozen_grant(contract, list(EFFECTS)))
    found: list[Any] = [
        (rule.once_per, rule.ask.otherwise if rule.ask is not None else None)
        for rule in contract.tools.values()
    ]
    for tool, arguments in CALLS:
        facts = CallFacts(
            key="k",
            tool=tool,
            known=True,
            rule=compile_rule(tool, contract.tools[tool]),
            effect=EFFECTS.get(tool, Effect.READ),
            arguments=arguments,
            user=OWN,
            readings=[Reading(tool="find_transactions", result=FOUND, seq=4)],
            context_integrity=Integrity.THIRD_PARTY,
            grant=grant,
            rules=contract.tools,
        )
        permit = judge(facts)
        found.append((permit.verdict, permit.rule))
    return found
