"""JSON lines are whole JSON, whatever stands in an event, and hold no personal data unless asked to."""

import io
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.event import Admitted, Done, ModelAnswered, Usage
from remit.export import json_lines, line_of, mask, masked
from remit.log import Entry

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PERSONAL = ("ann@example.com", "DE89370400440532013000", "4111 1111 1111 1111", "+49 170 1234567")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | TEXTS
    | st.sampled_from(PERSONAL)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.sampled_from(PERSONAL), inner, max_size=3)
    ),
    max_leaves=8,
)
AT = 1_800_000_000.25


def entry(event, seq=3):
    return Entry("run", seq, "id", AT, event.kind, event)


def done(result):
    return Done(key="k", tool="find", result=result, source="tool", latency_ms=12.0)


@settings(max_examples=300)
@given(result=VALUES, hidden=st.booleans())
def test_a_line_is_one_json_object_and_keeps_the_form_of_the_body(result, hidden):
    line = line_of(entry(done(result)), masked=hidden)
    assert "\n" not in line
    read = json.loads(line)
    assert list(read) == ["run_id", "seq", "id", "at", "kind", "body"]
    assert (read["run_id"], read["seq"], read["kind"]) == ("run", 3, "done")
    assert read["body"]["latency_ms"] == 12.0
    if hidden:
        assert not [secret for secret in PERSONAL if secret in line]
    else:
        assert read["body"].get("result") == result


def test_numbers_stay_numbers():
    result = {
        "amount": 1234567.891234,
        "account": 12345678,
        "negative": -4.5e300,
        "small": 1234.56789012345678,
    }
    line = line_of(entry(done(result)), masked=True)
    assert json.loads(line)["body"]["result"] == result


def test_long_numbers_of_the_runtime_itself_stay():
    usage = Usage(input_tokens=10**12, output_tokens=1, cost_usd=0.1234567890123456)
    answered = ModelAnswered(
        asked_seq=2,
        model="m",
        reported_model="m",
        purpose="step",
        text="",
        calls=(),
        usage=usage,
        latency_ms=1e15,
    )
    body = json.loads(line_of(entry(answered), masked=True))["body"]
    assert (body["usage"]["input_tokens"], body["latency_ms"]) == (10**12, 1e15)
    assert body["usage"]["cost_usd"] == usage.cost_usd


def test_a_card_number_is_masked_as_a_number_too():
    line = line_of(entry(done({"card": 4111111111111111})), masked=True)
    assert json.loads(line)["body"]["result"] == {"card": "[card number]"}


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_data_is_masked_in_every_place(text):
    admitted = Admitted(
        agent="a", release="r", input=f"I am {text}.", user={"id": text, text: [text]}, tenant=text
    )
    line = line_of(entry(admitted), masked=True)
    assert text not in line
    assert text in line_of(entry(admitted), masked=False)
    assert masked(entry(admitted)).event.agent == "a"


def test_an_erased_body_is_null():
    gone = Entry("run", 3, "id", AT, "done", None)
    assert json.loads(line_of(gone, masked=True))["body"] is None


def test_the_time_is_utc():
    assert json.loads(line_of(entry(done(1)), masked=True))["at"] == "2027-01-15T08:00:00.250+00:00"


def test_a_subscriber_writes_one_line_per_event():
    stream = io.StringIO()
    write = json_lines(stream)
    write([entry(done("ann@example.com"), seq) for seq in range(3)])
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["seq"] for line in lines] == [0, 1, 2]
    assert {line["body"]["result"] for line in lines} == {"[e-mail]"}


@pytest.mark.parametrize(
    "text", ["ann@example.com", "a.b+c%d@x-y.example.org", "(ann@example.com)", "x,ann@example.com"]
)
def test_addresses_are_found(text):
    assert "[e-mail]" in mask(text)
    assert "@" not in mask(text)


HOSTILE = {
    "no address": "a" * 200_000,
    "almost addresses": "a@" * 100_000,
    "dots": "a@" + "a." * 100_000,
    "no end": "a@" + "a" * 200_000,
    "digits": "1" * 200_000,
    "letters of an IBAN": "DE89" * 50_000,
    "plus signs": "+1" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_masking_takes_time_in_proportion_to_the_text(text):
    started = time.process_time()
    mask(text)
    assert time.process_time() - started < 1.0
