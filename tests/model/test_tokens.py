import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from token_counts import COUNTED

from remit.event import Call, Integrity, ModelSaid, Said, ToolSaid
from remit.model import (
    Request,
    ToolSpec,
    estimate_fixed,
    estimate_message,
    estimate_request,
    estimate_text,
    estimate_tools,
)


@pytest.mark.parametrize(("name", "text", "tokens"), COUNTED, ids=[name for name, _, _ in COUNTED])
def test_the_estimate_is_on_the_safe_side_in_every_language(name: str, text: str, tokens: int) -> None:
    assert tokens <= estimate_text(text) <= 7 * tokens


def test_the_estimate_of_english_is_not_absurd() -> None:
    english = {name: (text, tokens) for name, text, tokens in COUNTED}["english"]
    assert estimate_text(english[0]) <= 2 * english[1]


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    both = estimate_text(one + other)
    assert both >= max(estimate_text(one), estimate_text(other))
    assert both >= 1 or not (one + other)


def test_half_a_character_can_be_counted() -> None:
    assert estimate_text("\ud800") > 0


@given(st.text(), st.text())
def test_every_part_of_a_request_counts(text: str, name: str) -> None:
    call = Call(id="c1", tool=name, arguments={"q": text})
    plain = estimate_message(ModelSaid(text=text))
    assert estimate_message(ModelSaid(text=text, calls=(call,))) > plain >= estimate_text(text)
    assert estimate_message(ToolSaid(call_id="c1", tool=name, text=text)) > estimate_text(text)
    said = Said(text=text, integrity=Integrity.USER)
    tool = ToolSpec(name=name, description=text, parameters={"type": "object"})
    assert estimate_tools([tool, tool]) == 2 * estimate_tools([tool]) > estimate_text(text)
    bare = Request(system=text, messages=(said,))
    whole = Request(system=text, messages=(said,), tools=(tool,), output_schema={"a": text}, note="n")
    assert estimate_request(whole) > estimate_request(bare) > estimate_fixed(bare) >= estimate_text(text)


def test_kept_reasoning_counts() -> None:
    kept = json.dumps({"signature": "x" * 4000})
    assert estimate_message(ModelSaid(text="", provider_parts=kept)) > 1000
