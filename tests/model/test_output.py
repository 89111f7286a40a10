import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provider_server import serving

from remit.model import check_output, reask_note, repair_arguments
from remit.model.faithful import Unfaithful, check_faithful
from remit.model.output import REPAIR_CHARACTERS

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "array"}},
    "required": ["a"],
}

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
objects = st.dictionaries(st.text(), values)
prose = st.text(st.characters(exclude_characters="{}[]", exclude_categories=["Cs"]))


def test_without_a_schema_the_text_is_the_output() -> None:
    checked = check_output("Just prose.", None)
    assert (checked.verdict, checked.output) == ("valid", "Just prose.")


@given(objects)
def test_strict_json_is_valid_and_unchanged(value: dict[str, Any]) -> None:
    checked = check_output(json.dumps(value), {"type": "object"})
    assert (checked.verdict, checked.output, checked.changes) == ("valid", value, ())


@given(objects, prose, prose)
def test_what_stands_around_is_put_aside(value: dict[str, Any], before: str, after: str) -> None:
    text = f"{before}x {json.dumps(value)} x{after}"
    checked = check_output(text, {"type": "object"})
    assert (checked.verdict, checked.output) == ("repaired", value)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ('```json\n{"a": "x", "b": 1,}\n```', {"a": "x", "b": 1}),
        ("{'a': 'x', 'b': 2}", {"a": "x", "b": 2}),
        ('{a: "x"}', {"a": "x"}),
        ('{"a": "x" "b": 2}', {"a": "x", "b": 2}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('{"a": "x" /* why */, "b": 2 // so\n}', {"a": "x", "b": 2}),
        ('{"a": "say "hi" now"}', {"a": 'say "hi" now'}),
        ('{"a": "\\( x \\)"}', {"a": "\\( x \\)"}),
        ("{'a': 'it\\'s'}", {"a": "it's"}),
        ("{\u201ca\u201d: \u201cx\u201d}", {"a": "x"}),
        ('{"a": "x", "c": [1, 2}}', {"a": "x", "c": [1, 2]}),
        ('{"a": "x", "c": [True, None]}', {"a": "x", "c": [True, None]}),
        ('{"a": "x"}}', {"a": "x"}),
        ('So {"a": "\\"}"} it is', {"a": '"}'}),
        ('{"a": "x"} and again {"a": "x"}', {"a": "x"}),
        ('Where {x} is meant: {"a": "y"}', {"a": "y"}),
        ('{"a": "```\\ncode\\n```"}', {"a": "```\ncode\n```"}),
    ],
)
def test_wrapping_and_syntax_are_repaired(text: str, output: dict[str, Any]) -> None:
    checked = check_output(text, SCHEMA)
    assert (checked.output, checked.problems) == (output, ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON"),
        ("I cannot answer.", "no JSON"),
        ('{"a": "x", "b": 3', "truncated"),
        ('{"a": "x', "truncated"),
        ('```json\n{"a": "x", "c": [1, 2', "truncated"),
        ('{"a": "x", ...}', "malformed"),
        ('{"a": "x", "c": [1, 2, ...]}', "malformed"),
        ('{"a": "x", "b": 1,000}', "malformed"),
        ('{"a": "x", "b": 1_000}', "malformed"),
        ('{"a": "x", "c": [1,,2]}', "malformed"),
        ('{"a": "x" + "y"}', "malformed"),
        ('{"a": "x, "b": "y"}', "truncated"),
        ('{"a": "x" "y"}', "malformed"),
        ('{"a": NaN}', "malformed"),
        ('{"a": "x", "b": -Infinity}', "malformed"),
        ('{"a": "x", "b": 1e999}', "range"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"a": "x", "a": "y"}', "twice"),
        ("{'a': 'x', 'a': 'y'}", "malformed"),
        ('{"a": "x"} no, {"a": "y"}', "differ"),
        ('{"a": "x"} no, {"a": oops "y}', "truncated"),
        ('{"a": "x"} no, {"a": oops}]}', "differ"),
        ('{"a": "x"} no, {"a": oo(ps}', "malformed"),
        ('{"a": "x"} no, {"a": 7}', "differ"),
        ('{"a": 7}', "not of type"),
        ("{}" * 50_000, "50000 JSON values"),
        ("[" * 100_000, "truncated"),
        ('{"a": ' + "[" * 60_000 + "]" * 60_000 + "}", "deep"),
    ],
)
def test_what_cannot_be_known_stays_invalid(text: str, why: str) -> None:
    checked = check_output(text, SCHEMA)
    assert checked.verdict == "invalid"
    assert checked.output is None
    assert any(why in problem for problem in checked.problems), checked.problems


def test_a_very_long_answer_is_not_repaired() -> None:
    checked = check_output("x" * REPAIR_CHARACTERS + '{"a": "x"}', SCHEMA)
    assert checked.verdict == "invalid"


marks = st.sampled_from(
    ['"', "'", ",", ":", "{", "}", "[", "]", "\\", "\n", "//", "#", "True", "nul", "...", "`", "7"]
)


@given(objects, st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["cut", "put"]), marks), max_size=4))
def test_damage_is_mended_or_refused_but_content_never_changes(
    value: dict[str, Any], damage: list[tuple[int, str, str]]
) -> None:
    text = json.dumps(value, ensure_ascii=False)
    for place, how, mark in damage:
        place = min(place, len(text))
        text = text[:place] + (mark + text[place:] if how == "put" else text[place + 1 :])
    checked = check_output(text, {"type": "object"})
    if checked.verdict == "repaired":
        assert letters(json.dumps(checked.output, ensure_ascii=False)) in letters(text)


def letters(text: str) -> str:
    """The letters of a text that no escape and no exponent explains."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)
    text = re.sub(r"(?<=\d)[eE](?=[+-]?\d)", "", text)
    for escape in ("\\n", "\\r", "\\t", "\\b", "\\f"):
        text = text.replace(escape, "")
    return "".join(character for character in text.lower() if character.isalpha())


@given(objects)
def test_a_changed_leaf_is_noticed(value: dict[str, Any]) -> None:
    raw = json.dumps(value)
    check_faithful(raw, value)
    for key, item in value.items():
        for other in (
            {**value, key: [item]},
            {**value, key: f"{item}!"},
            {k: v for k, v in value.items() if k != key},
        ):
            with pytest.raises(Unfaithful):
                check_faithful(raw, other)


def test_arguments_are_repaired_by_the_same_rule() -> None:
    assert repair_arguments('{"a": "x",}', SCHEMA) == {"a": "x"}
    assert repair_arguments('{"a": "x", "b":', SCHEMA) is None
    assert repair_arguments('{"b": 1}', SCHEMA) is None
    assert repair_arguments("[1]", {}) is None


def test_the_note_names_the_problems_and_the_schema() -> None:
    note = reask_note(("$.a: 7 is not of type 'string'",), SCHEMA)
    assert "$.a: 7 is not" in note
    assert '"required": ["a"]' in note


def test_a_schema_is_never_fetched_from_the_network() -> None:
    with serving() as server:
        checked = check_output('{"a": "x"}', {"$ref": f"{server.url}/a.json"})
    assert server.requests == []
    assert checked.verdict == "invalid"
    assert "a.json" in checked.problems[0]


def test_what_stands_after_the_value_counts() -> None:
    check_faithful('{"a": 1} // done', {"a": 1})
    with pytest.raises(Unfaithful, match="missing"):
        check_faithful('{"a": 1} {"b": 2}', {"a": 1})
