"""Screening: every input gets a verdict with a reason, quickly, and never an exception."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import Contract
from remit.intake import Screening, clean, screen, text_of
from remit.outcome import FailureMode

CONTRACT = Contract.model_validate(
    {
        "remit": 1,
        "agent": "desk",
        "purpose": "Answer.",
        "model": {"use": "test:scripted"},
        "does": ("answer",),
        "input": {"max_tokens": 100},
        "does_not": (
            {"topic": "legal advice", "queue": "legal", "say": "I have passed it on."},
            {"topic": "tax"},
        ),
    }
)


def count(text: str) -> int:
    assert len(text) <= 1600, "a text that is too long must not be counted"
    text.encode()
    return (len(text) + 3) // 4


def screened(value: Any) -> Screening:
    return screen(CONTRACT, value, count_tokens=count)


def test_an_ordinary_input_is_in_scope() -> None:
    verdict = screened("Where is my order?")
    assert (verdict.verdict, verdict.mode, verdict.topic) == ("in_scope", None, None)


def test_an_excluded_topic_brings_its_queue_and_sentence() -> None:
    verdict = screened("Is this legal?")
    assert verdict == Screening(
        verdict="out_of_scope",
        reason="The input names the excluded topic 'legal advice': \"legal\".",
        topic="legal advice",
        mode=FailureMode.OUT_OF_SCOPE,
        queue="legal",
        say="I have passed it on.",
    )


def test_texts_inside_a_json_value_are_searched_and_field_names_are_not() -> None:
    assert screened({"subject": "hello", "parts": [{"body": "first\ntax"}]}).topic == "tax"
    assert screened({"tax": 3.5, "body": "hello"}).verdict == "in_scope"


@pytest.mark.parametrize("value", [None, "", "  \n\t ", "\u200b\ufeff", "\x00\x01", {}, [], "\u202e"])
def test_nothing_to_read_is_invalid(value: Any) -> None:
    verdict = screened(value)
    assert (verdict.verdict, verdict.mode) == ("invalid_input", FailureMode.INVALID_INPUT)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, float("nan"), {"a": float("inf")}, object(), {(1,): 2}])
def test_what_is_no_json_is_invalid(value: Any) -> None:
    assert screened(value).reason == "The input is neither a text nor a JSON value."


def test_nesting_without_end_is_invalid() -> None:
    deep: Any = []
    for _ in range(700):
        deep = [deep, 1]
    circle: dict[str, Any] = {}
    circle["again"] = circle
    assert screened(deep).verdict == "invalid_input"
    assert screened(circle).verdict == "invalid_input"


def test_binary_is_invalid_however_it_was_decoded() -> None:
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(range(256)) * 2
    for text in (
        png.decode("latin-1"),
        png.decode("utf-8", "replace"),
        png.decode("utf-8", "surrogateescape"),
    ):
        assert "binary" in screened(text).reason
    assert "binary" in screened("h\x00e\x00l\x00l\x00o\x00").reason
    assert "binary" in screened({"file": png.decode("latin-1")}).reason
    assert screened("a stray\x00 one\x07 and \x1b[31mred\x1b[0m text").verdict == "in_scope"


def test_a_long_input_is_refused_by_its_tokens_or_uncounted() -> None:
    assert screened("word " * 90).reason == "The input has 113 tokens; at most 100 are read."
    assert screened("x" * 2000).reason == "The input is longer than 1600 characters."


def test_ten_megabytes_are_refused_in_milliseconds() -> None:
    hostile = "\u0300\u0316"
    for value in ("x" * 10_000_000, {"text": "x" * 10_000_000}, ["y"] * 3_000_000, hostile * 5_000_000):
        begin = time.process_time()
        assert screened(value).verdict == "invalid_input"
        assert time.process_time() - begin < 0.5


def test_a_run_of_combining_marks_takes_linear_time() -> None:
    roomy = CONTRACT.model_copy(update={"input": CONTRACT.input.model_copy(update={"max_tokens": 20_000})})
    begin = time.process_time()
    screen(roomy, "a" + "\u0300\u0316" * 100_000, count_tokens=len)
    assert time.process_time() - begin < 1.0


def test_cleaning_keeps_what_people_write() -> None:
    text = "Grüße,\r\n\tдля \U0001f469\u200d\U0001f4bb नमस्ते “quoted” \u2013 5 €"
    assert clean(text) == text
    assert clean("a\x00b\x1b[0m\u202ec\u2066\udcff\U000e0041d\x0ce") == "ab[0mcd\ne"


@given(st.text(st.characters(codec=None, exclude_categories=[])))
def test_cleaning_is_idempotent_and_always_encodable(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_screening_is_total(value: Any) -> None:
    verdict = screened(value)
    assert verdict.reason
    assert (verdict.mode is None) == (verdict.verdict == "in_scope")
    if verdict.verdict != "invalid_input":
        text_of(value).encode("utf-8")
