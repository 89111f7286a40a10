"""The other side of each rule: what is nearly the same and must be judged otherwise."""

from typing import Any

import pytest
from permit_world import (
    EVIL,
    GUARDED,
    HOLES,
    PAY,
    READ,
    around,
    contract_of,
    fill,
    granted,
    reading,
    verdict,
    written,
)

from remit.contract import Select, ToolRule
from remit.event import Integrity, Permit
from remit.permit import (
    CompiledGrant,
    NotSelected,
    Reading,
    compile_grant,
    frozen_grant,
    planned,
    result_integrity,
    selected,
    verbatim,
)
from remit.permit.content import texts_of
from remit.permit.filling import origin_of
from remit.permit.freezing import MOST_PLANNED
from remit.permit.values import cut

LINK = "see http://partner.example/x"
FREE = {**HOLES, "to": {"free": True}}


def returns(**fields: Any) -> Any:
    return ToolRule.model_validate({"python": "d:x", "returns": {"fields": fields}}).returns


def pay_with(**changes: Any) -> Any:
    """The contract where `pay` is written otherwise."""
    tools = written()
    tools["pay"].update(changes)
    return contract_of(tools=tools)


def test_what_a_grant_would_ask_is_asked_after_strangers_words_alone() -> None:
    call = {**PAY, "to": EVIL}
    assert verdict("pay", call, FREE).verdict == "ask"
    assert verdict("pay", call, FREE, context_integrity=Integrity.USER).verdict == "allow"


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, "allow"),
        ({"fetched": False}, "ask"),
        ({"integrity": Integrity.THIRD_PARTY}, "ask"),
    ],
)
def test_a_link_may_come_from_a_result_that_is_trusted_and_fresh(
    changes: dict[str, Any], wanted: str
) -> None:
    named = {"tool": "find_bill", "result": {"terms": LINK}, "seq": 5, "integrity": Integrity.ATTESTED}
    found = Reading(**{**named, "returns": READ[0].returns, **changes})
    assert verdict("pay", {**PAY, "text": LINK}, HOLES, readings=(found,)).verdict == wanted


def test_one_trusted_text_that_holds_a_link_is_enough() -> None:
    texts = ["rent", LINK]
    assert verdict("pay", {**PAY, "text": LINK}, HOLES, readings=(), trusted_texts=texts).verdict == "allow"


@pytest.mark.parametrize(
    ("value", "defaults", "wanted"),
    [(EVIL, {}, "ask"), (None, {}, "allow"), ("CH99", {"to": "CH99"}, "allow"), ("CH99", {}, "ask")],
)
def test_what_goes_to_nobody_in_particular_may_hold_a_link(
    value: Any, defaults: dict[str, Any], wanted: str
) -> None:
    call = {**PAY, "to": value, "text": LINK}
    endorsed = [
        {"type": "iban", "value": each, "owner": "ann", "until": "2099-01-01"} for each in (EVIL, "CH99")
    ]
    contract = contract_of(endorsements=endorsed)
    permit = verdict("pay", call, FREE, contract=contract, readings=(), defaults=defaults)
    assert permit.verdict == wanted


def test_what_goes_to_the_caller_may_hold_a_link() -> None:
    args = {**written()["pay"]["args"], "to": {"is": "user.iban"}}
    holes = {**HOLES, "to": {"is": "user.iban"}}
    permit = verdict("pay", {**PAY, "text": LINK}, holes, contract=pay_with(args=args), readings=())
    assert permit.verdict == "allow"


def test_an_audience_of_the_user_is_no_argument_of_that_name() -> None:
    args = {"text": {"kind": "content"}, "user": {}}
    call, holes = {"text": LINK, "user": "CH11"}, {"text": {"free": True}, "user": "CH11"}
    for audience, wanted in (("user", "allow"), ("public", "ask")):
        contract = pay_with(audience=audience, args=args)
        assert verdict("pay", call, holes, contract=contract, readings=()).verdict == wanted


@pytest.mark.parametrize(
    ("holes", "wanted"),
    [
        ({"when": {"free": True}, "name": "Rent", "loud": True}, "allow"),
        ({"when": {"free": True}, "name": {"free": True}, "loud": True}, "ask"),
    ],
)
def test_a_detail_is_the_models_to_say_where_the_template_says_something(
    holes: dict[str, Any], wanted: str
) -> None:
    contract = pay_with(audience="user", args={"when": {"kind": "detail"}, "name": {}, "loud": {}})
    call = {"when": "at noon", "name": "Rent", "loud": True}
    assert verdict("pay", call, holes, contract=contract).verdict == wanted


def test_of_templates_that_ask_the_same_the_first_counts() -> None:
    each = {"tool": "pay", "args": FREE}
    grant = granted(contract_of(), first=each, second=each)
    permit = verdict("pay", {**PAY, "to": EVIL}, None, grant=grant)
    assert (permit.verdict, permit.template) == ("ask", "grants.g0.0")


def test_a_source_that_a_template_quotes_is_one_that_it_names() -> None:
    tools = written()
    tools["diary"] = {"python": "d:diary", "returns": {"readers": "user"}}
    tools["fetch"] = {
        "python": "d:fetch",
        "egress": True,
        "args": {"text": {"kind": "content"}, "url": {}},
    }
    contract = contract_of(tools=tools)
    diary = Reading(
        tool="diary", result="My page is http://me.example/a.", returns=contract.tools["diary"].returns
    )
    call = {"url": "http://me.example/a", "text": "hello"}

    def permit(url: Any) -> Permit:
        holes = {"url": url, "text": {"free": True}}
        return verdict("fetch", call, holes, contract=contract, readings=(diary,))

    assert permit({"quoted_from": "diary"}).verdict == "allow"
    named = permit("http://me.example/a")
    assert (named.verdict, "may carry what diary returned" in named.reason) == ("ask", True)


def test_only_what_that_tool_gave_just_now_can_be_quoted() -> None:
    page = "http://evil.example/x"
    holes = {"url": {"quoted_from": "read_mail"}}
    other = Reading(tool="list_events", result=f"see {page}")
    stale = Reading(tool="read_mail", result=f"see {page}", fetched=False)
    assert verdict("fetch", {"url": page}, holes).verdict == "allow"
    assert verdict("fetch", {"url": page}, holes, readings=(other,)).verdict == "deny"
    assert verdict("fetch", {"url": page}, holes, readings=(stale,)).verdict == "deny"


def standing() -> CompiledGrant:
    return compile_grant(frozen_grant(contract_of(), GUARDED))


def test_under_its_own_rule_a_bound_is_trusted_and_a_strangers_value_is_not() -> None:
    permit = verdict("pay", {**PAY, "to": EVIL}, None, grant=standing())
    trusted = {origin.argument: origin.trusted for origin in permit.origins}
    assert (trusted["amount"], trusted["to"]) == (True, False)


def test_own_is_what_this_run_made_itself_and_nothing_else() -> None:
    made = READ[3]
    listed = Reading(tool="list_files", result=[{"id": "13"}], acted=True, returns=READ[1].returns)
    told = Reading(tool="make_file", result={"id": "78"}, acted=True, fetched=False, returns=made.returns)
    holes = {"file": {"own": "file.id"}}
    for value, wanted in (
        ("77", "allow"),
        ("13", "ask"),
        ("78", "ask"),
        (["77"], "allow"),
        (["77", "13"], "ask"),
    ):
        permit = verdict("delete_file", {"file": value}, holes, readings=(made, listed, told))
        assert permit.verdict == wanted, value


def test_a_reading_vouches_for_nothing_by_itself() -> None:
    bill = {"only": "find_bill.iban"}
    silent = Reading(tool="find_bill", result={"iban": "CH93"}, returns=READ[0].returns)
    assert verdict("pay", {**PAY, "to": "CH93"}, {**HOLES, "to": bill}, readings=(silent,)).verdict == "ask"
    made = Reading(tool="make_file", result={"id": "77"}, returns=READ[3].returns)
    permit = verdict("delete_file", {"file": "77"}, {"file": {"own": "file.id"}}, readings=(made,))
    assert permit.verdict == "ask"


def test_an_origin_is_told_of_all_values_or_of_none() -> None:
    where = around(Reading(tool="look", result="A-1 and A-2, Müller"))
    assert "written by a third party" in origin_of(["A-1", "müller"], where)[0]
    assert "nothing that was read" in origin_of(["A-1", "A-3"], where)[0]
    permit = verdict("pay", {**PAY, "to": ["CH11", "made up"]}, FREE)
    assert "nothing that was read" in permit.reason
    assert "the user's own words" in verdict("pay", {**PAY, "to": ["CH11", "Bob"]}, FREE).reason


@pytest.mark.parametrize(
    ("hole", "value", "expected"),
    [
        ({"free": True}, "x", "untrusted"),
        ({"max": 0}, 0, "fits"),
        ({"max": 0}, -5, "misfits"),
        ({"max": -1}, -5, "fits"),
    ],
)
def test_what_a_hole_says_by_itself(hole: Any, value: Any, expected: str) -> None:
    assert fill(hole, value) == expected


def test_each_entry_has_to_be_one_of_the_records() -> None:
    any_of = {"select": {"from": "look", "pick": "any", "field": "id"}}
    assert fill(any_of, ["1", "3"], reading({"id": "1"}, {"id": "2"})) == "misfits"


@pytest.mark.parametrize("pick", [{"pick": "max", "by": "n", "field": "id"}, {"pick": "sum", "field": "n"}])
def test_numbers_and_texts_cannot_be_compared(pick: dict[str, str]) -> None:
    select = Select.model_validate({"from": "look", **pick})
    mixed = reading({"id": "1", "n": 3}, {"id": "2", "n": "x"})
    assert isinstance(selected(select, [mixed]), NotSelected)


def test_the_only_value_is_that_of_every_record() -> None:
    only = Select.model_validate({"from": "look", "pick": "only", "field": "id"})
    assert selected(only, [reading({"id": "1"}, {"id": "1"})]).value == "1"
    assert isinstance(selected(only, [reading({"id": "1"}, {"name": "x"})]), NotSelected)


def test_the_same_call_is_the_same_in_whatever_order_it_is_written() -> None:
    total = Select.model_validate({"from": "look", "pick": "sum", "field": "n"})
    first = Reading(tool="look", result=[{"n": 1}], arguments={"a": 1, "b": 2})
    again = Reading(tool="look", result=[{"n": 1}], arguments={"b": 2, "a": 1})
    assert selected(total, [first, again]).value == 1


@pytest.mark.parametrize(("text", "expected"), [("on May 15th, 12 pm", True), ("on May 15th, 12 am", False)])
def test_noon_is_in_the_afternoon(text: str, expected: bool) -> None:
    assert verbatim("2026-05-15 12:00", text) is expected


def test_a_result_is_a_strangers_where_one_field_is() -> None:
    typed, strange = returns(id={"type": "x"}), returns(id={"integrity": "third_party"})
    assert result_integrity(Integrity.ATTESTED, typed, {"id": 1}) is Integrity.ATTESTED
    assert result_integrity(Integrity.ATTESTED, strange, {"id": 1}) is Integrity.THIRD_PARTY


def test_a_grant_is_frozen_as_it_is_written_and_named_by_what_it_says() -> None:
    holes = {"to": {"is": "user.iban"}, "amount": {"max": 50}}
    contract = contract_of(grants={"rent": [{"tool": "pay", "args": holes}]})
    (explicit,) = (each for each in frozen_grant(contract, ["pay"]).templates if each.tool == "pay")
    assert explicit.arguments == holes
    args = {"to": {"is": "user.iban"}}
    (rule,) = frozen_grant(pay_with(args=args, audience="to"), ["pay"]).templates
    assert rule.arguments == args
    turned = dict(reversed(HOLES.items()))
    assert granted(contract_of(), pay=HOLES).id == granted(contract_of(), pay=turned).id


def test_a_plan_is_written_as_a_remit_is() -> None:
    entry = {"tool": "pay", "args": {"to": {"is_": "user.iban"}}}
    found = planned({"calls": [entry]}, contract_of(), {"pay": {"properties": {"to": {}}}}, "")
    assert not found.templates
    assert "planner.0: it is no template" in found.dropped[0]


def test_a_plan_has_no_more_calls_than_are_read() -> None:
    calls = [{"tool": "pay", "args": {}}] * MOST_PLANNED
    parameters: dict[str, Any] = {"pay": {"properties": {}}}
    assert planned({"calls": calls}, contract_of(), parameters, "").dropped == ()
    (dropped,) = planned({"calls": [*calls, calls[0]]}, contract_of(), parameters, "").dropped
    assert dropped == f"1 calls beyond the first {MOST_PLANNED}"


def test_texts_are_those_of_values_and_numbers() -> None:
    assert sorted(texts_of({"name": "a", "list": [5, True, None, "b"]})) == ["5", "a", "b"]


def test_what_just_fits_is_shown_whole() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) != "abcd"


def test_a_switch_may_be_set_by_a_plan_where_the_tool_has_one() -> None:
    properties = {"loud": {"type": "boolean"}, "name": {"type": "string"}, "mode": {"enum": ["a", "b"]}}
    holes = {"loud": True, "name": True, "mode": "a"}
    tools = {**written(), "pay": {"python": "d:pay"}}
    plan = {"calls": [{"tool": "pay", "args": holes}]}
    found = planned(plan, contract_of(tools=tools), {"pay": {"properties": properties}}, "")
    kept = found.templates[0].arguments
    assert (kept["loud"], kept["name"], kept["mode"]) == ({"value": True}, {"free": True}, {"value": "a"})
    named = planned(
        {"calls": [{"tool": "pay", "args": {"loud": "yes"}}]},
        contract_of(tools=tools),
        {"pay": {"properties": properties}},
        "",
    )
    assert named.templates[0].arguments["loud"] == {"free": True}
