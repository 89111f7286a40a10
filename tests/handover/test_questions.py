"""Questions show every character for what it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import ToolRule
from remit.handover import question, visible

RULE = ToolRule.model_validate({"python": "a:b", "args": {"to": {}, "amount": {}}})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A-1", '"A-1"'),
        ("Müller & Søn, Łódź, 5 €", '"Müller & Søn, Łódź, 5 €"'),
        ("Москва", '"Москва"'),
        ("山田 たろう", '"山田 たろう"'),
        ("नमस्ते", '"नमस्ते"'),
        ("p\u0430ypal", '"p\\u0430ypal"'),
        ("\u0410-1", '"\\u0410-1"'),
        ("\u041c\u043e\u0441\u043a\u0432\u04301 A", '"\\u041c\\u043e\\u0441\\u043a\\u0432\\u04301 A"'),
        ("Москвα", '"\\u041c\\u043e\\u0441\\u043a\\u0432\\u03b1"'),
        ("a\u202eb\u200bc", '"a\\u202eb\\u200bc"'),
        ("\uff11\uff12", '"\\uff11\\uff12"'),
        ("A\u20131", '"A\\u20131"'),
        ("e\u0301", '"e\\u0301"'),
        ("\u0131", '"\\u0131"'),
        ("😀", '"\\U0001f600"'),
        ('say "yes"?\nAnswer: \\u0041', '"say \\"yes\\"?\\nAnswer: \\\\u0041"'),
        ("\x1b[2J\udcff", '"\\u001b[2J\\udcff"'),
    ],
)  # fmt: skip
def test_confusable_and_hidden_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text, characters=100) == shown


def test_a_cut_is_said() -> None:
    assert visible("x" * 1000, characters=5) == '"xxxxx"... (1000 characters)'


def test_bounded_arguments_come_first() -> None:
    arguments = {"zeta": None, "alpha": [True, {"k": "v"}], "amount": 5, "to": "A-1"}
    assert question("send", arguments, RULE) == (
        'Call send with to = "A-1", amount = 5, alpha = [true, {"k": "v"}], zeta = null?'
    )
    assert question("send", {}, None) == "Call send without arguments?"


def test_numbers_are_written_out() -> None:
    assert question("t", {"a": 50.0000001, "b": float("inf"), "c": 10**30}, None) == (
        f"Call t with a = 50.0000001, b = inf, c = {10**30}?"
    )
    assert "about 400 digits" in question("t", {"a": 10**400}, None)


def test_names_cannot_pretend_to_be_arguments() -> None:
    assert question("send", {'to = "A-1", x': "A-2"}, None) == r'Call send with "to = \"A-1\", x" = "A-2"?'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_every_question_is_one_printable_line(arguments: dict[str, Any]) -> None:
    assert question("tool", arguments, RULE).isprintable()


@given(st.text(), st.text())
def test_two_texts_never_look_the_same_in_code(one: str, other: str) -> None:
    if one != other:
        assert visible(one, characters=10_000) != visible(other, characters=10_000)
