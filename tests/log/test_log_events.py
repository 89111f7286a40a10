"""Events are written and read back unchanged; a fold is the same however it is cut; no secret gets in."""

import asyncio
import base64
import dataclasses
import json
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import desk_tools
from desk_world import ANN, USER, desk, run_ids, runtime
from remit.errors import StoreNewer
from remit.event import FREE_FIELDS, KINDS, UnknownKind, decode, encode
from remit.log import Redactor
from remit.testing import FrozenClock, ScriptedModel, call

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)
PLAIN = {str: TEXTS, float: st.floats(allow_nan=False, allow_infinity=False), Any: JSON}


def values_of(annotation):
    """Any value that a field of that type may have."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if dataclasses.is_dataclass(annotation):
        return instances(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is dict:
        return OBJECTS
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    if origin is Union or type(annotation).__name__ == "UnionType":
        return st.one_of(*map(values_of, arguments))
    return st.from_type(annotation)


def instances(cls):
    hints = get_type_hints(cls)
    return st.builds(cls, **{each.name: values_of(hints[each.name]) for each in dataclasses.fields(cls)})


EVENTS = {kind: instances(cls) for kind, cls in KINDS.items()}


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_event_is_read_as_it_was_written(kind, data):
    event = data.draw(EVENTS[kind])
    body = encode(event)
    assert decode(kind, body) == event
    assert encode(decode(kind, body)) == body
    assert isinstance(json.loads(body), dict)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_that_may_hold_anything_is_known_as_such(kind):
    def free(cls):
        for name, annotation in get_type_hints(cls).items():
            if annotation is Any or "dict[str, typing.Any]" in str(annotation):
                yield name

    seen, waiting = set(), [KINDS[kind]]
    while waiting:
        cls = waiting.pop()
        seen |= set(free(cls))
        inner = {each for hint in get_type_hints(cls).values() for each in (hint, *get_args(hint))}
        waiting += [each for each in inner if dataclasses.is_dataclass(each)]
    assert seen <= FREE_FIELDS


def test_a_kind_that_this_code_does_not_know_says_so():
    with pytest.raises(UnknownKind, match="dreamt") as raised:
        decode("dreamt", b"{}")
    assert isinstance(raised.value, StoreNewer)
    assert raised.value.remedy


# The fold


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A log in which runs ended in several ways, and its runs."""
    folder = tmp_path_factory.mktemp("folds")
    desk_tools.reset()
    free = {"order": {"kind": "content"}, "amount": {"max": 100}, "memo": {"kind": "content"}}
    rules = {"find": {"args": {"order": free["order"]}}, "pay": {"args": free, "ask": "always"}}
    remit = desk(folder / "desk", "find", "pay", rules=rules, handover="people")
    clock = FrozenClock()
    script = ([call("find", order="7"), call("nothing")], call("pay", order="7", amount=5), "Done.")
    running = runtime(folder, ScriptedModel(script, by_turn=True), clock=clock)

    async def whole():
        waiting = [await running.handle(remit, "Order 7", user=USER, conversation=str(n)) for n in range(4)]
        await running.decide(waiting[0].case, "approve", by=ANN)
        await running.decide(waiting[1].case, "reject", by=ANN, reason="No.")
        await running.cancel(waiting[2].run_id, by=ANN)
        await running.rate(waiting[3].run_id, "bad", by=ANN)
        await running.sweep()

    asyncio.run(whole())
    yield running.log, run_ids(running)
    running.close()


class CutShort:
    """The log's store as it was when a run had only so many events."""

    def __init__(self, store, most):
        self._store, self._most = store, most

    def events(self, run_id, from_seq=0):
        return [event for event in self._store.events(run_id, from_seq) if event.seq < self._most]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_fold_of_a_part_that_catches_up_is_the_fold_of_all(logs, data):
    log, runs = logs
    run_id = data.draw(st.sampled_from(runs))
    whole = log.fold(run_id)
    store = log.store
    try:
        log.store = CutShort(store, data.draw(st.integers(1, whole.head + 1)))
        part = log.fold(run_id)
    finally:
        log.store = store
    head = part.head
    caught_up = log.catch_up(part)
    assert part == whole
    assert [entry.seq for entry in caught_up] == list(range(head + 1, whole.head + 1))


def test_what_a_worker_knows_is_what_the_log_says(logs):
    log, runs = logs
    for run_id in runs:
        row = log.store.row("run_row", {"run_id": run_id})
        state = log.fold(run_id)
        assert (row["head"], row["chain"], row["state"]) == (state.head, state.chain, state.state)
        assert (row["steps"], row["outcome"]) == (state.steps, state.outcome and state.outcome.kind)
    assert {log.fold(run_id).state for run_id in runs} == {"ended", "waiting"}


# Secrets

SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=24) | st.text(
    "0123456789", min_size=6, max_size=12
)
PLACES = ("result", "arguments", "input")


def written(secret):
    """Texts that hold the secret in a form that can be turned back."""
    raw = secret.encode()
    yield secret
    yield raw.hex()
    yield raw.hex().upper()
    yield quote(secret, safe="")
    yield json.dumps(secret)
    yield json.dumps(secret, ensure_ascii=False)
    yield json.dumps({"nested": json.dumps({"again": secret})})
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + raw).decode()
        yield base64.urlsafe_b64encode(b"\0" * shift + raw).decode()


@settings(max_examples=300)
@given(secret=SECRETS, before=TEXTS, after=TEXTS, field=st.sampled_from(PLACES), rest=JSON)
def test_no_form_of_a_secret_is_left_and_the_json_stays_valid(secret, before, after, field, rest):
    redact = Redactor({"TOKEN": secret})
    for text in written(secret):
        clean = json.loads(
            redact(json.dumps({field: [f"{before}{text}{after}", rest]}, ensure_ascii=False).encode())
        )
        if secret not in "secret:TOKEN":
            assert text not in clean[field][0]
        assert "secret:TOKEN" in clean[field][0]


@settings(max_examples=200)
@given(secret=SECRETS, value=JSON)
def test_what_holds_no_secret_is_left_byte_for_byte(secret, value):
    body = json.dumps({"result": value}, ensure_ascii=False).encode()
    clean = Redactor({"TOKEN": secret})(body)
    assert clean == body or "secret:TOKEN" in clean.decode()


@settings(max_examples=200)
@given(number=st.integers(100_000, 10**15), kind=st.sampled_from(sorted(KINDS)), data=st.data())
def test_a_secret_of_digits_breaks_no_event(number, kind, data):
    event = data.draw(EVENTS[kind])
    body = Redactor({"PIN": str(number)})(encode(event))
    assert type(decode(kind, body)) is type(event)


def test_a_secret_that_is_a_number_is_taken_out_as_a_whole_and_only_where_anything_may_stand():
    redact = Redactor({"PIN": "123456"})
    body = {
        "latency_ms": 123456,
        "result": {"pin": 123456, "order": 1234567, "text": "pin 123456", "123456": 1},
    }
    assert json.loads(redact(json.dumps(body).encode())) == {
        "latency_ms": 123456,
        "result": {"pin": "secret:PIN", "order": 1234567, "text": "pin secret:PIN", "secret:PIN": 1},
    }


def test_a_secret_at_an_escape_leaves_valid_json():
    redact = Redactor({"WORD": "nabcdef"})
    body = json.dumps({"result": "one\nabcdef two nabcdef"}).encode()
    assert json.loads(redact(body)) == {"result": "one\nabcdef two secret:WORD"}


def test_a_value_too_short_to_be_told_from_a_word_is_left_alone():
    assert Redactor({"SHORT": "abc"})(b'{"result":"abcdef"}') == b'{"result":"abcdef"}'
