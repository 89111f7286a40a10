"""After strangers' words: what a template permits, asks about and denies; each rule, from both sides."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_world import (
    BILL,
    EVIL,
    GUARDED,
    HOLES,
    PAY,
    READ,
    contract_of,
    granted,
    replace_reading,
    verdict,
    written,
)

from remit.contract import ToolRule
from remit.event import Integrity
from remit.outcome import Effect
from remit.permit import (
    Approval,
    Planned,
    Reading,
    compile_grant,
    folded,
    frozen_grant,
    planned,
    result_integrity,
)


def test_a_call_that_fits_is_allowed_and_names_its_grant() -> None:
    permit = verdict("pay", PAY, HOLES)
    assert (permit.verdict, permit.template) == ("allow", "grants.g0.0")
    assert permit.grant == granted(contract_of(), pay=HOLES).id
    assert {origin.argument: origin.trusted for origin in permit.origins}["to"]


def test_without_strangers_words_no_template_is_needed() -> None:
    permit = verdict("pay", {**PAY, "to": EVIL}, HOLES, context_integrity=Integrity.USER)
    assert (permit.verdict, permit.template) == ("allow", "")


@pytest.mark.parametrize(
    "change", [{"to": EVIL}, {"to": None}, {"amount": 51}, {"amount": -1}, {"amount": "40"}, {"more": "x"}]
)
def test_what_misfits_is_denied_and_nobody_is_asked(change: dict[str, Any]) -> None:
    permit = verdict("pay", {**PAY, **change}, HOLES)
    assert (permit.verdict, permit.rule, permit.grant) in (
        ("deny", "grant", ""),
        ("deny", "tools.pay.args.amount", ""),
    )


def test_no_grant_denies() -> None:
    empty = compile_grant(frozen_grant(contract_of(guard={"planner": True}), GUARDED))
    assert verdict("pay", PAY, None, grant=empty).verdict == "deny"
    facts_without = verdict("pay", PAY, HOLES, grant=granted(contract_of(), delete_file={"file": "1"}))
    assert facts_without.verdict == "ask"  # `pay` is bounded by its own rule then
    assert verdict("pay", PAY, HOLES).verdict == "allow"


def test_a_template_is_used_up() -> None:
    assert verdict("pay", PAY, HOLES, used={"grants.g0.0": 1}).verdict == "deny"
    assert verdict("pay", PAY, HOLES, used={"grants.g1.0": 1}).verdict == "allow"
    twice = {"tool": "pay", "args": HOLES, "uses": 2}
    assert verdict("pay", PAY, twice, used={"grants.g0.0": 1}).verdict == "allow"


SOURCES: list[tuple[dict[str, Any], Any, str]] = [
    ({"value": "CH11"}, "CH11", "allow"), ({"value": "CH11"}, "CH12", "deny"),
    ({"value": ["CH11", "CH12"]}, ["CH12", "CH11"], "allow"), ({"value": ["CH11"]}, ["CH11", EVIL], "deny"),
    ({"one_of": ["CH11", "CH12"]}, "CH12", "allow"), ({"one_of": ["CH11", "CH12"]}, "CH13", "deny"),
    ({"is": "user.iban"}, "CH11", "allow"), ({"is": "user.iban"}, "CH12", "deny"),
    ({"is": "user.phone"}, None, "deny"),
    ({"only": "find_bill.iban"}, BILL["iban"], "allow"), ({"only": "find_bill.iban"}, EVIL, "ask"),
    ({"attested": "find_bill.iban"}, BILL["iban"], "allow"), ({"attested": "find_bill.iban"}, EVIL, "ask"),
    ({"only_from": "find_bill.iban"}, BILL["iban"], "allow"), ({"only_from": "find_bill.iban"}, EVIL, "deny"),
    ({"only_from": "list_files.id"}, "13", "deny"), ({"attested": "list_files.id"}, "13", "deny"),
    ({"quoted_from": "read_mail"}, EVIL, "deny"),
    ({"from_prompt": True}, "CH11", "allow"), ({"from_prompt": True}, "CH1", "deny"),
    ({"from_prompt": True}, EVIL, "deny"), ({"from_prompt": True}, "", "deny"),
    ({"free": True}, EVIL, "ask"), ({"free": True}, "made up", "ask"), ({"free": True}, None, "allow"),
]  # fmt: skip


@pytest.mark.parametrize(("hole", "value", "wanted"), SOURCES)
def test_what_may_fill_an_authority(hole: dict[str, Any], value: Any, wanted: str) -> None:
    permit = verdict("pay", {**PAY, "to": value}, {**HOLES, "to": hole})
    assert permit.verdict == wanted
    assert bool(permit.questions) == (wanted == "ask")


def test_the_question_shows_where_the_value_is_from() -> None:
    permit = verdict("pay", {**PAY, "to": EVIL}, {**HOLES, "to": {"free": True}})
    (origin,) = [each for each in permit.origins if each.argument == "to"]
    assert not origin.trusted
    assert "written by a third party" in origin.words
    assert origin.seq == 10
    assert "read_mail" in permit.reason
    made_up = verdict("pay", {**PAY, "to": "made up"}, {**HOLES, "to": {"free": True}})
    assert "nothing that was read" in made_up.reason


@pytest.mark.parametrize(
    ("hole", "value", "wanted"),
    [
        ({"own": "file.id"}, "77", "allow"), ({"own": "file.id"}, "13", "ask"),
        ({"own": "event.id"}, "77", "deny"),
        ({"only_from": "list_files.id"}, "13", "allow"), ({"only_from": "list_events.id"}, "13", "deny"),
        ({"attested": "list_files.id"}, "14", "allow"), ({"attested": "list_files.name"}, "a", "deny"),
        ({"only": "list_files.id"}, "13", "ask"), ({"only": "list_events.id"}, "13", "deny"),
        ({"select": {"from": "list_files", "pick": "max", "by": "size", "field": "id"}}, "14", "allow"),
        ({"select": {"from": "list_files", "pick": "max", "by": "size", "field": "id"}}, "13", "deny"),
        ({"select": {"from": "list_events", "pick": "only", "field": "id"}}, "13", "deny"),
        ({"select": {"from": "list_files", "pick": "only", "field": "id"}}, "13", "ask"),
    ],
)  # fmt: skip
def test_identifiers_are_typed(hole: dict[str, Any], value: str, wanted: str) -> None:
    assert verdict("delete_file", {"file": value}, {"file": hole}).verdict == wanted


def test_only_needs_a_read_whose_arguments_were_pinned_and_one_record() -> None:
    holes = {**HOLES, "to": {"only": "find_bill.iban"}}
    call = {**PAY, "to": BILL["iban"]}
    free = replace_reading(0, pinned=False)
    assert verdict("pay", call, holes, readings=free).verdict == "ask"
    two = replace_reading(0, result=[BILL, {**BILL, "iban": EVIL}])
    assert verdict("pay", call, holes, readings=two).verdict == "ask"
    stale = replace_reading(0, fetched=False)
    assert verdict("pay", call, holes, readings=stale).verdict == "ask"


def test_a_field_that_a_stranger_wrote_is_not_attested() -> None:
    holes = {"file": {"attested": "list_files.id"}}
    labelled = replace_reading(
        1, returns=ToolRule.model_validate(
            {"python": "d:x", "returns": {"fields": {"id": {"integrity": "third_party", "type": "file.id"}}}}
        ).returns
    )  # fmt: skip
    assert verdict("delete_file", {"file": "13"}, holes, readings=labelled).verdict == "ask"


def test_an_endorsement_stands_in_for_a_question_until_its_day() -> None:
    holes = {**HOLES, "to": {"free": True}}
    for until, value, kind, wanted in (
        ("2026-11-23", EVIL, "iban", "allow"),
        ("2026-11-22", EVIL, "iban", "ask"),
        ("2027-01-01", "CH12", "iban", "ask"),
        ("2027-01-01", EVIL, "bic", "ask"),
    ):
        each = {"type": kind, "value": EVIL, "owner": "ann", "until": until}
        contract = contract_of(endorsements=[each])
        assert verdict("pay", {**PAY, "to": value}, holes, contract=contract).verdict == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Rent for May", "allow"), ("see http://evil.example/x", "ask"), ("see evil.com", "ask"),
        ("write to a@evil.example", "ask"), (f"pay {EVIL}", "ask"), ("<b>hi</b>", "ask"),
        ("hxxp://evil[.]example", "ask"), ("EVIL\u200b.COM", "ask"), ("account 123456789012", "ask"),
        ("https://shop.example/terms", "allow"), ("https://shop.example/terms/x", "ask"),
        ("[here](x)", "ask"), ("on 2026-05-03 at 10:00", "allow"), ("4111 1111 1111 1111", "ask"),
    ],
)  # fmt: skip
def test_what_could_act_is_asked_about_unless_trusted_text_holds_it(text: str, wanted: str) -> None:
    assert verdict("pay", {**PAY, "text": text}, HOLES, readings=()).verdict == wanted


def test_active_content_may_be_refused_or_let_through() -> None:
    for word, wanted in (("deny", "deny"), ("allow", "allow"), ("ask", "ask")):
        tools = written()
        tools["pay"]["args"]["text"]["active_content"] = word
        permit = verdict(
            "pay",
            {**PAY, "text": "http://evil.example"},
            HOLES,
            contract=contract_of(tools=tools),
            readings=(),
        )
        assert permit.verdict == wanted


def test_a_source_that_the_grant_does_not_name_may_not_leak_in_content() -> None:
    private = READ[:1]
    tools = written()
    tools["find_bill"]["returns"]["readers"] = "user"
    closed = contract_of(tools=tools)
    permit = verdict("pay", PAY, HOLES, readings=private, contract=closed)
    assert permit.verdict == "ask"
    assert "find_bill" in permit.reason
    named = {**HOLES, "to": {"only": "find_bill.iban"}}
    assert (
        verdict("pay", {**PAY, "to": BILL["iban"]}, named, readings=private, contract=closed).verdict
        == "allow"
    )
    assert verdict("pay", PAY, HOLES, readings=private).verdict == "allow"


def test_nobody_else_reads_what_only_the_user_reads() -> None:
    tools = written()
    for audience, wanted in (("user", "allow"), ("public", "ask"), ("to", "ask"), ("day", "allow")):
        tools["pay"]["audience"] = audience
        permit = verdict(
            "pay", {**PAY, "text": "http://x.example"}, HOLES, contract=contract_of(tools=tools), readings=()
        )
        assert permit.verdict == wanted, audience


def test_a_detail_is_an_authority_where_others_are_affected_or_nothing_is_pinned() -> None:
    tools = written()
    call = {**PAY, "day": "2026-12-01"}
    assert verdict("pay", call, HOLES, readings=()).verdict == "ask"
    tools["pay"]["audience"] = "user"
    alone = contract_of(tools=tools)
    assert verdict("pay", call, HOLES, readings=(), contract=alone).verdict == "allow"
    nothing = {name: {"free": True} for name in HOLES}
    call = {"to": None, "amount": 5, "text": None, "day": "2026-12-01"}
    assert verdict("pay", call, nothing, readings=(), contract=alone).verdict == "ask"


@pytest.mark.parametrize(("pin", "wanted"), [([], "ask"), ("", "ask"), ("7", "allow"), (["7"], "allow")])
def test_an_empty_pin_is_nobodys_word_for_a_detail(pin: Any, wanted: str) -> None:
    tools = written()
    tools["pay"]["audience"] = "user"
    del tools["pay"]["args"]["amount"]
    holes = {"to": {"value": pin}, "text": {"free": True}, "day": {"free": True}}
    call = {"to": pin, "text": None, "day": "2026-12-01"}
    found = verdict("pay", call, holes, readings=(), contract=contract_of(tools=tools))
    assert found.verdict == wanted


def test_an_egress_read_is_guarded_like_a_write() -> None:
    holes = {"url": {"quoted_from": "read_mail"}}
    assert verdict("fetch", {"url": "http://evil.example/x"}, holes).verdict == "allow"
    assert verdict("fetch", {"url": "http://evil.example/x?q=secret"}, holes).verdict == "deny"
    assert verdict("fetch", {"url": "http://other.example"}, holes, egress=False).verdict == "allow"


@pytest.mark.parametrize(
    ("hole", "value", "wanted"),
    [
        ({"is": "caller.iban"}, "CH11", "deny"), ({"is": "user"}, "CH11", "deny"),
        ({"value": ["CH11", "CH12"]}, ["CH12", 5], "deny"), ({"value": ["CH11", "CH12"]}, ["CH12"], "deny"),
        ({"value": "CH11"}, ["CH11"], "allow"), ({"one_of": [5]}, True, "deny"), ({"max": 5}, 5, "allow"),
        ({"min": 2}, 1, "deny"), ({"min": 2}, 2, "allow"), ({"min": 2}, float("inf"), "deny"),
        ({"max": -2}, -3, "allow"), ({"max": 5}, -1, "deny"), ({"max": 5}, True, "deny"),
        ({"only_from": "find_bill.iban"}, [], "deny"),
        ({"only_from": "find_bill.iban"}, [BILL["iban"], "x"], "deny"),
        ({"only_from": "find_bill.iban"}, {"iban": BILL["iban"]}, "deny"),
        ({"select": {"from": "find_bill", "field": "iban"}}, BILL["iban"], "allow"),
        ({"select": {"from": "find_bill", "field": "iban"}}, [BILL["iban"]], "allow"),
        ({"select": {"from": "find_bill", "field": "id"}}, "B-1", "deny"),
        ({"select": {"from": "list_files", "pick": "count"}}, 2, "allow"),
    ],
)  # fmt: skip
def test_the_edges_of_what_may_fill_an_authority(hole: dict[str, Any], value: Any, wanted: str) -> None:
    assert verdict("pay", {**PAY, "to": value}, {**HOLES, "to": hole}).verdict == wanted


@pytest.mark.parametrize("whole", [Integrity.THIRD_PARTY, Integrity.ATTESTED])
def test_a_field_without_a_label_is_attested_where_its_result_is(whole: Integrity) -> None:
    tools = written()
    del tools["pay"]["args"]["to"]["type"]
    open_ = contract_of(tools=tools)
    readings = (Reading(tool="balance", result={"iban": "CH77"}, integrity=whole),)
    permit = verdict(
        "pay",
        {**PAY, "to": "CH77"},
        {**HOLES, "to": {"attested": "balance.iban"}},
        contract=open_,
        readings=readings,
    )
    assert permit.verdict == ("allow" if whole is Integrity.ATTESTED else "ask")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (["http://evil.example/x"], "allow"), ([], "deny"), ([""], "deny"),
        (["http://evil.example/x", 5], "deny"),
        (["http://evil.example/x", "http://b.example"], "deny"), (5, "deny"), (" ", "deny"),
    ],
)  # fmt: skip
def test_each_of_several_addresses_is_quoted(url: Any, wanted: str) -> None:
    assert verdict("fetch", {"url": url}, {"url": {"quoted_from": "read_mail"}}).verdict == wanted


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        ("2026-05-03T11:00", "allow"),
        ("2026-05-03T10:59", "deny"),
        ("2026-05-03T11:01", "deny"),
        ("soon", "deny"),
    ],
)
def test_a_time_follows_from_another_argument(day: str, wanted: str) -> None:
    tools = written()
    tools["pay"]["args"]["begins"] = {}
    pins = {"begins": "2026-05-03T10:00", "day": {"after": {"argument": "begins", "minutes": 60}}}
    call = {**PAY, "begins": "2026-05-03T10:00", "day": day}
    permit = verdict("pay", call, {**HOLES, **pins}, contract=contract_of(tools=tools), readings=())
    assert permit.verdict == wanted


def test_the_template_with_the_fewest_questions_permits_the_first_of_equals() -> None:
    free, pinned = {**HOLES, "to": {"free": True}}, {**HOLES, "to": "CH11"}
    templates = [{"tool": "pay", "args": each} for each in (free, pinned, pinned)]
    contract = contract_of(grants={"g": templates})
    grant = compile_grant(frozen_grant(contract, GUARDED))
    assert verdict("pay", PAY, None, grant=grant).template == "grants.g.1"
    assert verdict("pay", {**PAY, "to": EVIL}, None, grant=grant).template == "grants.g.0"


def test_the_id_of_a_grant_is_that_of_its_templates() -> None:
    first = frozen_grant(contract_of(), GUARDED)
    assert first == frozen_grant(contract_of(), GUARDED)
    assert first.id != frozen_grant(contract_of(), GUARDED[:2]).id
    assert len(first.id) == 16


def test_only_a_read_takes_its_address_from_strangers() -> None:
    holes = {"url": {"quoted_from": "read_mail"}}
    call = {"url": "http://evil.example/x"}
    assert verdict("fetch", call, holes, effect=Effect.IRREVERSIBLE).verdict == "deny"


def test_an_argument_that_the_runtime_fills_in_need_not_stand_in_a_template() -> None:
    tools = written()
    tools["pay"]["args"]["from_account"] = {"is": "user.iban"}
    closed = contract_of(tools=tools)
    call = {**PAY, "from_account": "CH11"}
    assert verdict("pay", call, HOLES, contract=closed).verdict == "allow"
    grant = compile_grant(frozen_grant(closed, GUARDED))
    told = verdict("pay", call, None, contract=closed, grant=grant)
    words = {origin.argument: origin.words for origin in told.origins}
    assert words["from_account"] == "the caller's user.iban"
    assert words["amount"] == "within the limits of the remit"


def test_an_approval_settles_the_question_and_no_cap() -> None:
    holes = {**HOLES, "to": {"free": True}}
    call = {**PAY, "to": EVIL}
    approval = Approval(key="k", arguments=call, case="c", by="ann")
    assert verdict("pay", call, holes, approved=approval).verdict == "allow"
    assert verdict("pay", {**call, "amount": 41}, holes, approved=approval).verdict == "ask"
    assert verdict("pay", {**call, "amount": 501}, holes, approved=approval).verdict == "deny"


def test_nobody_to_ask_denies() -> None:
    permit = verdict("pay", {**PAY, "to": EVIL}, {**HOLES, "to": {"free": True}}, can_ask=False)
    assert (permit.verdict, permit.rule) == ("deny", "grants.g0.0")


# A tool's own rule.


def test_a_rule_asks_about_what_it_leaves_open() -> None:
    contract = contract_of()
    grant = compile_grant(frozen_grant(contract, GUARDED))
    permit = verdict("delete_file", {"file": "13"}, None, grant=grant)
    assert (permit.verdict, permit.template) == ("ask", "tools.delete_file")
    assert verdict("make_file", {"text": "hello"}, None, grant=grant).verdict == "allow"
    assert verdict("make_file", {"text": "www.evil.example"}, None, grant=grant).verdict == "ask"


def test_a_rule_that_binds_everything_is_a_template() -> None:
    rule = {"python": "d:p", "args": {"to": {"is": "user.iban"}, "amount": {"max": 50}}}
    tools = {
        **json.loads(contract_of().model_dump_json(by_alias=True, exclude_unset=True))["tools"],
        "pay": rule,
    }
    contract = contract_of(tools=tools)
    grant = compile_grant(frozen_grant(contract, GUARDED))
    call = {"to": "CH11", "amount": 40}
    assert verdict("pay", call, None, grant=grant, contract=contract).verdict == "allow"
    assert verdict("pay", {**call, "memo": "x"}, None, grant=grant, contract=contract).verdict == "ask"
    defaults = {"memo": "x"}
    left = verdict("pay", {**call, "memo": "x"}, None, grant=grant, contract=contract, defaults=defaults)
    assert left.verdict == "allow"


# The planner.

PARAMETERS = {
    "pay": {
        "properties": {
            "to": {"type": "string"}, "amount": {"type": "number"}, "text": {"type": "string"},
            "day": {"type": "string"}, "kind": {"enum": ["once", "monthly"]}, "urgent": {"type": "boolean"},
        }
    }
}  # fmt: skip
WORDS = "Pay 40 euros to CH11 on 3 May 2026."


def plan_of(args: dict[str, Any], **more: Any) -> Planned:
    return planned({"calls": [{"tool": "pay", "args": args, **more}]}, contract_of(), PARAMETERS, WORDS)


@pytest.mark.parametrize(
    ("hole", "kept"),
    [
        ("CH11", True), ("CH1", False), (EVIL, False), (40, True), (41, False), ({"max": 40}, True),
        ({"max": 1000}, False), ({"one_of": ["CH11", EVIL]}, False), ({"only_from": "find_bill.iban"}, False),
        ({"only": "find_bill.iban"}, True), ({"is": "user.iban"}, True), ("2026-05-03", True),
        ("2026-05-04", False), ("2025-05-03", False), ({"from_prompt": True}, True),
    ],
)  # fmt: skip
def test_a_plan_pins_only_what_stands_in_the_users_own_words(hole: Any, kept: bool) -> None:
    found = plan_of({"to": hole})
    (template,) = found.templates
    assert (template.arguments["to"] != {"free": True}) == kept
    assert bool(found.dropped) != kept


def test_a_plan_may_choose_from_the_tools_own_closed_sets() -> None:
    (template,) = plan_of({"kind": "monthly", "urgent": True}).templates
    assert template.arguments == {"kind": {"value": "monthly"}, "urgent": {"value": True}}
    assert plan_of({"kind": "yearly"}).templates[0].arguments == {"kind": {"free": True}}


@pytest.mark.parametrize("plan", [None, [], {"calls": 3}, {"calls": [3]}, {"calls": [{"tool": "rm"}]}, "x"])
def test_a_plan_that_cannot_be_read_grants_nothing(plan: Any) -> None:
    found = planned(plan, contract_of(), PARAMETERS, WORDS)
    assert found.templates == ()
    assert found.dropped


def test_a_plan_adds_nothing_to_what_the_remit_grants() -> None:
    contract = contract_of(
        grants={"rent": [{"tool": "pay", "args": {"to": "CH99"}}]}, guard={"planner": True}
    )
    grant = frozen_grant(contract, GUARDED, plan_of({"to": "CH11"}))
    assert [each.id for each in grant.templates] == ["grants.rent.0"]
    assert frozen_grant(contract, GUARDED) == grant
    other = frozen_grant(contract_of(guard={"planner": True}), GUARDED, plan_of({"to": "CH11"}))
    assert [each.id for each in other.templates] == ["planner.0"]
    assert other.id != grant.id


@given(st.text(max_size=12))
def test_a_plan_never_pins_what_the_user_did_not_write(value: str) -> None:
    for template in plan_of({"to": value}).templates:
        hole = template.arguments["to"]
        assert hole == {"free": True} or folded(value).strip() in folded(WORDS)


# Labels of results.


@pytest.mark.parametrize(
    ("declared", "returns", "result", "wanted"),
    [
        ("third_party", {}, {"id": 1}, "third_party"),
        ("attested", {}, {"id": 1}, "attested"),
        ("attested", {"integrity": "third_party"}, {"id": 1}, "third_party"),
        ("third_party", {"integrity": "attested"}, {"id": 1}, "third_party"),
        ("operator", {"integrity": "attested"}, {"id": 1}, "attested"),
        ("third_party", {"fields": {"id": "attested"}}, {"id": 1}, "attested"),
        ("third_party", {"fields": {"id": "attested"}}, {"id": 1, "text": "x"}, "third_party"),
        ("third_party", {"fields": {"id": "attested"}}, [], "third_party"),
        ("third_party", {"fields": {"id": "attested"}}, [{"id": 1}, {"id": 2}], "attested"),
        ("attested", {"fields": {"text": "third_party"}}, {"text": "x"}, "third_party"),
        ("attested", {"fields": {"id": "attested", "text": "third_party"}}, {"id": 1}, "third_party"),
    ],
)
def test_whose_words_a_result_is_made_of(declared: str, returns: Any, result: Any, wanted: str) -> None:
    rule = ToolRule.model_validate_json(json.dumps({"python": "d:x", "returns": returns}))
    assert result_integrity(Integrity(declared), rule.returns, result) == wanted


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from([EVIL, "CH11", "13"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    arguments=st.dictionaries(st.sampled_from(["to", "amount", "text", "day", "more"]), JSON),
    hole=st.sampled_from([hole for hole, _, _ in SOURCES]),
    used=st.integers(0, 2),
)
def test_no_call_is_allowed_after_strangers_words_without_a_template(
    arguments: dict[str, Any], hole: Any, used: int
) -> None:
    permit = verdict("pay", arguments, {**HOLES, "to": hole}, used={"grants.g0.0": used})
    assert permit.reason.isprintable()
    if permit.verdict in ("allow", "ask"):
        assert permit.grant
        assert permit.template == "grants.g0.0"
        assert used == 0
        assert "more" not in arguments or arguments["more"] is None
    if permit.verdict == "allow":
        assert all(origin.trusted or origin.argument == "text" for origin in permit.origins)
