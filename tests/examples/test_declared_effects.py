"""What the tools of an example declare is held against what they change: by state, not by belief."""

import asyncio
import copy
import sys
from pathlib import Path
from typing import Any

import pytest

from remit import Remit
from remit.outcome import Effect
from remit.tools import ToolContext

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CALLS: dict[str, dict[str, dict[str, Any]]] = {
    "card-desk": {
        "find_transactions": {"account": "A-1002"},
        "return_fee": {"account": "A-1002", "transaction_id": "T-51288", "amount_eur": 15.0},
        "block_card": {"account": "A-1009"},
        "card_delivery": {"account": "A-1002"},
    },
}


def state_of(module: Any) -> dict[str, Any]:
    """Everything that the module keeps, as it is now."""
    return {
        name: copy.deepcopy(value)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, dict | set | list)
    }


@pytest.mark.parametrize(
    ("agent", "tool"), [(agent, tool) for agent, calls in CALLS.items() for tool in calls]
)
def test_a_read_changes_nothing_and_what_acts_changes_something(agent: str, tool: str) -> None:
    remit = Remit.load(EXAMPLES / agent, model="local:qwen2.5-coder-1.5b", environment={})
    declared, arguments = remit.tools[tool], CALLS[agent][tool]
    module = next(
        each
        for each in list(sys.modules.values())
        if getattr(each, "__file__", None) == str(EXAMPLES / agent / "desk.py")
    )
    module.BANK["courier"]["state"] = "with the courier"

    def once(key: str) -> dict[str, Any]:
        context = ToolContext(run_id="r", key=key, user={"account": arguments["account"]}, tenant="")
        asyncio.run(declared.call(arguments, context))
        return state_of(module)

    before = state_of(module)
    first = once("k")
    assert (first != before) == (declared.effect is not Effect.READ)
    if declared.effect in (Effect.IDEMPOTENT, Effect.KEYED):
        assert once("k") == first


def test_every_tool_of_the_card_desk_is_looked_at() -> None:
    remit = Remit.load(EXAMPLES / "card-desk", model="local:qwen2.5-coder-1.5b", environment={})
    assert set(CALLS["card-desk"]) == set(remit.tools)
