"""The card desk's bank does what its remit relies on."""

import importlib.util

import pytest

from remit import ToolContext, ToolFailure, ToolUnavailable
from remit.cli.demo import example_folder


@pytest.fixture
def desk():
    """The tools with a bank of their own."""
    spec = importlib.util.spec_from_file_location("card_desk_under_test", example_folder() / "desk.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def context(key="k1"):
    return ToolContext(run_id="r", key=key, user=None, tenant="")


def test_the_same_key_returns_a_fee_once(desk):
    first = desk.return_fee("A-1002", "T-51288", 15.0, context())
    assert desk.return_fee("A-1002", "T-51288", 15.0, context()) is first
    assert list(desk.RETURNED) == ["k1"]


@pytest.mark.parametrize(
    ("account", "transaction_id", "amount_eur", "why"),
    [
        ("A-1015", "T-64020", 120.0, "is no fee"),
        ("A-1016", "T-65111", 19.0, "stays: charged every November"),
        ("A-1002", "T-51288", 950.0, "not 950.0 EUR"),
        ("A-1002", "T-99999", 15.0, "is no fee of this account"),
        ("A-9999", "T-51288", 15.0, "no account A-9999"),
    ],
)
def test_what_is_not_a_returnable_fee_is_refused(desk, account, transaction_id, amount_eur, why):
    with pytest.raises(ToolFailure, match=why):
        desk.return_fee(account, transaction_id, amount_eur, context())
    assert desk.RETURNED == {}


def test_a_card_is_blocked_and_twice_is_the_same(desk):
    assert desk.block_card("A-1009") == desk.block_card("A-1009")
    assert sorted(desk.BLOCKED) == ["A-1009"]


def test_the_courier_is_down(desk):
    with pytest.raises(ToolUnavailable):
        desk.card_delivery("A-1007")
    desk.BANK["courier"]["state"] = "in transit"
    assert desk.card_delivery("A-1007")["where"] == "in transit"
