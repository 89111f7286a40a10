"""The form that a planner's answer is held to: what can fit, and nothing that widens."""

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_app_hijacked import PLAN, REMIT

from remit import Remit
from remit.loop.planner import LIST_OF_CALLS, plan_schema, planner_words
from remit.permit import planned


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    (folder / "remit.yaml").write_text(REMIT, encoding="utf-8")
    return Remit.load(folder)


def fits(office, tool, **arguments):
    schema = plan_schema(office.contract, office.tools)
    value = {"calls": [{"tool": tool, "args": arguments}]}
    return jsonschema.Draft202012Validator(schema).is_valid(value)


def test_a_good_plan_has_the_form(office):
    schema = plan_schema(office.contract, office.tools)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid({"calls": PLAN})
    assert jsonschema.Draft202012Validator(LIST_OF_CALLS).is_valid({"calls": PLAN})


def test_an_identifier_is_sought_in_its_own_namespace_only(office):
    mail = {"subject": "Trip", "body": {"free": True}}
    assert fits(office, "send_mail", to={"attested": "search_mail.sender"}, **mail)
    assert not fits(office, "send_mail", to={"attested": "search_mail.id"}, **mail)
    assert not fits(office, "send_mail", to={"own": "mail.address"}, **mail)


@pytest.mark.parametrize(
    "source", [{"only_from": "search_mail.sender"}, {"from_prompt": True}, {"quoted_from": "search_mail"}]
)
def test_what_only_a_remit_may_trust_is_not_in_the_form(office, source):
    assert not fits(office, "pay", account=source, amount=5)


def test_words_are_written_and_a_time_may_follow_from_another(office):
    assert not fits(office, "send_mail", to="ann", subject={"select": {}}, body={"free": True})
    event = {"title": "Trip", "start": {"day": "2026-05-15"}}
    assert fits(office, "book", **event, end={"after": {"argument": "start", "minutes": 60}})
    assert not fits(office, "book", title={"day": "2026-05-15"}, start="x", end="y")


def test_the_planner_is_told_every_tool_and_no_argument_that_the_runtime_fills(office):
    words = planner_words(office.contract, office.tools)
    assert all(f"\n- {name}:" in words for name in office.tools)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
near = st.fixed_dictionaries(
    {
        "tool": st.sampled_from(["pay", "send_mail", "nothing"]),
        "args": st.dictionaries(
            st.sampled_from(["to", "account", "amount", "body"]), json_values, max_size=4
        ),
    }
)


@given(
    st.one_of(
        json_values, st.fixed_dictionaries({"calls": st.lists(st.one_of(near, json_values), max_size=4)})
    )
)
def test_a_plan_that_is_no_plan_pins_nothing_that_the_user_did_not_say(office, plan):
    parameters = {name: tool.parameters for name, tool in office.tools.items()}
    found = planned(plan, office.contract, parameters, "")
    for template in found.templates:
        assert template.tool in office.contract.tools
        assert all(hole.get("value", []) == [] for hole in template.arguments.values())
