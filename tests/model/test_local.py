"""A local model in this process. What needs a model file runs on the smallest one, where it is here."""

import asyncio
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.errors import CatalogueError
from remit.event import Integrity, Said
from remit.model import ModelError, Request, ToolSpec
from remit.model.engine import Flight, available_bytes, busy_between, threads_for
from remit.model.local import is_present, open_local

SMALL = "local:smollm2-135m"
needs_model = pytest.mark.skipif(not is_present(SMALL), reason="`remit models pull smollm2-135m` fetches it")
TOOL = ToolSpec(
    name="find_order",
    description="Finds an order.",
    parameters={
        "type": "object",
        "properties": {"number": {"type": "string", "maxLength": 8}},
        "required": ["number"],
    },
)


@pytest.fixture(scope="module")
def model():
    pytest.importorskip("xllamacpp")
    return open_local(SMALL)


def request(text="Where is order A-17?", **settings):
    return Request(
        system="You answer about orders.",
        messages=(Said(text=text, integrity=Integrity.THIRD_PARTY),),
        **({"tools": (TOOL,), "max_output_tokens": 200} | settings),
    )


@given(st.integers(1, 256), st.floats(0, 500))
def test_threads_leave_room_for_others_and_there_is_always_one(cores, load):
    threads = threads_for(cores, load)
    assert 1 <= threads <= min(cores, 8)
    if load >= cores:
        assert threads == 1
    assert threads_for(cores, load, "3") == 3
    assert threads_for(cores, load, "nonsense") == threads


def test_only_work_counts_as_busy_and_waiting_for_a_disk_does_not():
    before = "cpu 100 0 0 100 100 0 0 0 0 0\ncpu0 1 0 0 0 0 0 0 0 0 0\ncpu1 1 0 0 0 0 0 0 0 0 0\nintr 5\n"
    assert busy_between(before, before.replace("cpu 100 0 0 100 100", "cpu 100 0 0 110 130")) == 0
    assert busy_between(before, before.replace("cpu 100 0 0 100 100", "cpu 120 0 0 110 110")) == 1
    assert busy_between(before, before.replace("cpu 100 0 0", "cpu 110 0 30")) == 2
    assert busy_between(before, before) == 0


def test_the_free_memory_is_read_and_unknown_where_the_system_does_not_say(tmp_path):
    table = tmp_path / "meminfo"
    table.write_text("MemTotal: 999 kB\nMemAvailable:    12 kB\n")
    assert available_bytes(table) == 12 * 1024
    table.write_text("nothing")
    found = available_bytes(table)
    assert found is None or found > 0


def test_a_missing_model_is_an_error_that_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("REMIT_MODELS", str(tmp_path))
    assert not is_present(SMALL)
    with pytest.raises(CatalogueError, match="remit models pull smollm2-135m"):
        open_local(SMALL)


def test_a_flight_keeps_text_logprobs_usage_and_errors():
    flight = Flight()
    token = {"content": [{"logprob": -0.5}, {"logprob": float("-inf")}]}
    assert flight.take({"choices": [{"delta": {"content": "Hi"}, "logprobs": token}]}) is False
    flight.take({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    flight.take({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}})
    assert ("".join(flight.text), flight.logprobs, flight.finish) == ("Hi", [-0.5], "stop")
    assert (flight.input_tokens, flight.output_tokens) == (7, 2)
    flight.stopped.set()
    assert flight.take({"error": {"code": 400}}) is True
    assert flight.error == {"code": 400}


@needs_model
def test_a_reply_is_an_action_with_usage_and_confidence(model, capfd):
    reply = asyncio.run(model.ask(request()))
    assert bool(reply.text) != bool(reply.calls)
    assert reply.usage.input_tokens > 50
    assert reply.usage.output_tokens > 0
    assert reply.mean_logprob is not None
    assert reply.mean_logprob <= 0
    assert reply.reported_model.startswith("smollm2-135m@sha256:b179c9523d0e6a0f")
    assert model.name == SMALL
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@needs_model
def test_the_same_request_gets_the_same_action(model):
    async def twice():
        return await model.ask(request()), await model.ask(request())

    first, second = asyncio.run(twice())
    assert (first.text, first.calls) == (second.text, second.calls)


@needs_model
def test_a_declared_output_is_kept(model):
    schema = {
        "type": "object",
        "properties": {"urgent": {"type": "boolean"}},
        "required": ["urgent"],
        "additionalProperties": False,
    }
    reply = asyncio.run(model.ask(request(tools=(), output_schema=schema)))
    assert list(json.loads(reply.text)) == ["urgent"]


@needs_model
def test_requests_at_once_are_answered_one_after_the_other(model):
    async def several():
        return await asyncio.gather(*(model.ask(request(max_output_tokens=60)) for _ in range(3)))

    assert len({str((reply.text, reply.calls)) for reply in asyncio.run(several())}) == 1


@needs_model
def test_a_request_that_is_given_up_does_not_hold_up_the_next(model):
    async def hurried():
        began = time.monotonic()
        with pytest.raises(ModelError) as caught:
            await model.ask(
                request("Tell a long story. " * 100, tools=(), max_output_tokens=2000, timeout_s=0.3)
            )
        given_up_s = time.monotonic() - began
        reply = await model.ask(request(timeout_s=60))
        return caught.value.error, given_up_s, reply

    error, given_up_s, reply = asyncio.run(hurried())
    assert error == "timeout"
    assert given_up_s < 5
    assert reply.text or reply.calls


@needs_model
def test_a_request_larger_than_the_window_is_told_apart(model):
    with pytest.raises(ModelError) as caught:
        asyncio.run(model.ask(request("word " * 6000)))
    assert caught.value.error == "context_window"


@needs_model
def test_an_answer_that_was_cut_is_malformed_and_not_half_an_answer(model):
    with pytest.raises(ModelError) as caught:
        asyncio.run(model.ask(request(max_output_tokens=12)))
    assert caught.value.error == "malformed"
    assert caught.value.usage.output_tokens == 12
