"""What may fill an argument: days, times that follow, forms of a text, records that leave a choice open."""

import pytest
from permit_world import fill, reading

from remit.contract import Contract, Select
from remit.permit import NotSelected, planned, selected, verbatim


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-05-15", "fits"),
        ("2026-05-15 09:30", "fits"),
        ("2026-05-15T09:30:00", "fits"),
        ("2026-05-16 09:30", "misfits"),
        ("2026-05-15 and more", "misfits"),
        (20260515, "misfits"),
    ],
)
def test_a_day_holds_any_time_of_it_and_nothing_else(value, expected):
    assert fill({"day": "2026-05-15"}, value) == expected


def test_a_form_never_makes_its_words_trusted():
    assert fill({"like": "Dinner at *"}, "Dinner at Miznon") == "untrusted"
    assert fill({"like": "Dinner at *"}, "Dinner at ") == "misfits"
    assert fill({"like": "Dinner at *"}, "Lunch at Miznon") == "misfits"
    assert fill({"like": "a.c"}, "abc") == "misfits"


def test_any_record_will_do_but_no_other_value():
    any_of = {"select": {"from": "look", "pick": "any", "field": "id"}}
    found = reading({"id": "1"}, {"id": "2"})
    assert fill(any_of, "2", found) == "fits"
    assert fill(any_of, ["1", "2"], found) == "fits"
    assert fill(any_of, "3", found) == "misfits"
    assert fill(any_of, [], found) == "misfits"


def test_what_the_records_leave_open_is_untrusted_and_what_was_not_read_misfits():
    only = {"select": {"from": "look", "pick": "only", "field": "id"}}
    assert fill(only, "1", reading({"id": "1"}, {"id": "2"})) == "untrusted"
    assert fill(only, "1", reading({"id": "2"})) == "misfits"
    assert fill(only, "1") == "misfits"


def test_the_same_read_made_twice_gives_its_records_once():
    largest = Select.model_validate({"from": "look", "pick": "max", "by": "size", "field": "id"})
    twice = [reading({"id": "1", "size": 3}, {"id": "2", "size": 5}, of="x") for _ in range(2)]
    assert selected(largest, twice).value == "2"
    other = reading({"id": "3", "size": 5}, of="y")
    assert isinstance(selected(largest, [*twice, other]), NotSelected)


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("www.example.com", "Post it to www.example.com.They know.", True),
        ("www.example.com", "Post it to www.example.com.evil.net.", False),
        ("example.com", "Post it to www.example.com.", False),
    ],
)
def test_a_sentence_may_end_without_a_blank(value, text, expected):
    assert verbatim(value, text) is expected


WORDS = "Call it 'Dinner at {name}' on May 15th 2026."


@pytest.mark.parametrize(
    ("hole", "kept"),
    [
        ({"like": "Dinner at *"}, True),
        ({"like": "Lunch at *"}, False),
        ({"like": "*"}, False),
        ({"day": "2026-05-15"}, True),
        ({"day": "2026-05-16"}, False),
        ({"quoted_from": "look"}, False),
    ],
)
def test_a_plan_takes_forms_and_days_from_the_users_words_alone(hole, kept):
    contract = Contract.model_validate(
        {
            "remit": 1,
            "agent": "a",
            "purpose": "p",
            "model": {"use": "openai:m"},
            "does": ["d"],
            "tools": {"book": {"python": "desk:book"}, "look": {"python": "desk:look"}},
        }
    )
    plan = {"calls": [{"tool": "book", "args": {"title": hole}}]}
    parameters = {"book": {"properties": {"title": {"type": "string"}}}}
    (template,) = planned(plan, contract, parameters, WORDS).templates
    assert template.arguments["title"] == (hole if kept else {"free": True})
