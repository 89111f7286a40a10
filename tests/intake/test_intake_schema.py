"""An input fits its schema, as JSON Schema defines it, or is invalid with the place named."""

import json

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import parse_text
from remit.intake import screen

CONTRACT = parse_text(
    """
remit: 1
agent: form-desk
purpose: Answer forms.
model: openai:gpt-5.1-2025-11-13
does: [answer forms]
input: {schema: form.json}
""",
    "remit.yaml",
).contract
FORM = {
    "type": "object",
    "properties": {"order": {"type": "integer", "minimum": 1}, "note": {"type": "string"}},
    "required": ["order"],
    "additionalProperties": False,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["order", "note", "x"]), each),
    max_leaves=6,
)


def screened(value, schema):
    return screen(CONTRACT, value, count_tokens=lambda text: len(text) // 4, schema=schema)


@given(JSON)
def test_what_does_not_fit_is_invalid_and_what_fits_is_as_without_a_schema(value):
    fits = jsonschema.Draft202012Validator(FORM).is_valid(value)
    free, bound = screened(value, None), screened(value, FORM)
    if fits or free.verdict == "invalid_input":
        assert bound == free
    else:
        assert bound.verdict == "invalid_input"
        assert bound.reason.startswith("The input does not fit form.json: $")


@given(JSON)
def test_a_text_is_read_as_the_json_that_it_holds(value):
    if value and isinstance(value, dict):
        written = screened(json.dumps(value), FORM)
        assert (written.verdict == "invalid_input") == (screened(value, FORM).verdict == "invalid_input")


@given(st.text(max_size=50))
def test_any_text_gets_a_verdict_and_a_schema_of_texts_lets_all_pass(text):
    assert screened(text, {"type": "string"}) == screened(text, None)
    assert screened(text, FORM).verdict == "invalid_input"
