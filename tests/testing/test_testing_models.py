"""The models, clock and switches that users test with."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.errors import RecordingError
from remit.event import Call, Integrity, ModelSaid, Said, ToolSaid, Usage
from remit.model import ModelError, ModelErrorClass, Reply, Request, ToolSpec, network_allowed
from remit.testing import (
    FrozenClock,
    RecordedModel,
    Recorder,
    ScriptedModel,
    answer,
    call,
    network_blocked,
    request_key,
)

TOOL = ToolSpec(name="find", description="Finds.", parameters={"type": "object", "properties": {}})


def request(*texts, **settings):
    messages = [Said(text=text, integrity=Integrity.THIRD_PARTY, run_id="r1", seq=4) for text in texts]
    return Request(**({"system": "You help.", "messages": tuple(messages), "tools": (TOOL,)} | settings))


def asked(model, *requests):
    async def all_of_them():
        return [await model.ask(each) for each in requests]

    return asyncio.run(all_of_them())


def test_a_script_is_said_in_order_in_every_form():
    model = ScriptedModel(
        [
            "text",
            call("find", number="A"),
            [call("find"), call("find")],
            answer("done"),
            lambda asking: asking.system,
        ]
    )
    replies = asked(model, *[request("?")] * 5)
    assert [reply.text for reply in replies] == ["text", "", "", "done", "You help."]
    assert [len(reply.calls) for reply in replies] == [0, 1, 2, 0, 0]
    assert replies[1].calls[0].arguments == {"number": "A"}
    ids = [made.id for reply in replies for made in reply.calls]
    assert len(set(ids)) == 3
    assert all(ids)
    assert model.asked == 5


def test_an_error_of_the_script_is_raised():
    model = ScriptedModel([ModelError(ModelErrorClass.OVERLOADED, "busy"), "then this"])
    with pytest.raises(ModelError, match="busy"):
        asked(model, request("?"))
    assert asked(model, request("?"))[0].text == "then this"


def test_a_script_that_is_used_up_says_so():
    with pytest.raises(RecordingError, match="has 1 replies and was asked for one more"):
        asked(ScriptedModel(["once"]), request("?"), request("?"))


def test_one_script_serves_many_conversations_by_turn():
    model = ScriptedModel(["first", "second"], by_turn=True)
    later = request("?", messages=(Said(text="?", integrity=Integrity.USER), ModelSaid(text="first")))
    assert [reply.text for reply in asked(model, request("?"), later, request("?"))] == [
        "first",
        "second",
        "first",
    ]


def test_a_function_answers_everything():
    model = ScriptedModel(
        lambda asking: asking.messages[-1].text.upper(), name="scripted:loud", context_tokens=99
    )
    assert asked(model, request("hello"))[0] == Reply(
        text="HELLO", reported_model="scripted:loud", finish="stop"
    )
    assert model.context_tokens == 99


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "recording.jsonl"
    usage = Usage(input_tokens=7, output_tokens=2, cost_usd=0.5)
    script = [
        Reply(text="Hello.", usage=usage, mean_logprob=-0.25, finish="stop"),
        [call("find", number="A"), call("find", number="B")],
        ModelError(ModelErrorClass.TIMEOUT, "too late"),
    ]
    recorder = Recorder(ScriptedModel(script, name="scripted:x", context_tokens=500), path)
    said = asked(recorder, request("hi"), request("find A and B"))
    with pytest.raises(ModelError):
        asked(recorder, request("slow"))
    return path, said


def test_a_recording_gives_the_same_replies_in_any_order(recording):
    path, said = recording
    model = RecordedModel(path)
    assert asked(model, request("find A and B"), request("hi"), request("hi")) == [said[1], said[0], said[0]]
    assert model.name == "recorded:scripted:x"
    assert model.context_tokens == 500


def test_a_recorded_error_is_raised_again(recording):
    with pytest.raises(ModelError, match="too late") as caught:
        asked(RecordedModel(recording[0]), request("slow"))
    assert caught.value.error is ModelErrorClass.TIMEOUT


def test_another_request_is_refused_and_the_nearest_is_named(recording):
    with pytest.raises(RecordingError, match="nearest recorded one ends in 'find A and B'"):
        asked(RecordedModel(recording[0]), request("find A and C"))


def test_another_prompt_is_refused_and_told_apart(recording):
    with pytest.raises(RecordingError, match="ends alike"):
        asked(RecordedModel(recording[0]), request("hi", system="You help differently."))


@pytest.mark.parametrize(
    "content", ["", "no json", "[]", '{"model": "x"}', '{"model":"x","context_tokens":1}\n{}']
)
def test_what_is_no_recording_is_refused(tmp_path, content):
    (tmp_path / "r.jsonl").write_text(content)
    with pytest.raises(RecordingError, match="cannot be read"):
        RecordedModel(tmp_path / "r.jsonl")
    with pytest.raises(RecordingError, match="cannot be read"):
        RecordedModel(tmp_path / "missing.jsonl")


def test_each_line_of_a_recording_is_json_and_says_what_was_asked(recording):
    lines = [json.loads(line) for line in recording[0].read_text().splitlines()]
    assert lines[0] == {"model": "scripted:x", "context_tokens": 500}
    assert [line["asked"] for line in lines[1:]] == ["hi", "find A and B", "slow"]


MESSAGES = st.lists(
    st.builds(Said, text=st.text(), integrity=st.sampled_from(Integrity), run_id=st.text(), seq=st.integers())
    | st.builds(
        ModelSaid,
        text=st.text(),
        calls=st.lists(st.builds(Call, id=st.text(), tool=st.text(), arguments=st.just({"a": 1}))).map(tuple),
    )
    | st.builds(ToolSaid, call_id=st.text(), tool=st.text(), text=st.text(), failed=st.booleans()),
    max_size=4,
).map(tuple)


@given(MESSAGES, st.text(), st.floats(1, 100))
def test_the_key_knows_what_is_shown_and_nothing_of_runs_and_limits(messages, note, timeout_s):
    def moved(message):
        changed = {name: getattr(message, name) for name in type(message).__slots__} | {
            "run_id": "other",
            "seq": 99,
        }
        return type(message)(**{name: value for name, value in changed.items() if name != "role"})

    one = Request(system="S", messages=messages, note=note)
    same = Request(system="S", messages=tuple(map(moved, messages)), note=note, timeout_s=timeout_s)
    assert request_key(one) == request_key(same)
    assert request_key(one) != request_key(Request(system="T", messages=messages, note=note))
    longer = (*messages, Said(text="", integrity=Integrity.USER))
    assert request_key(one) != request_key(Request(system="S", messages=longer, note=note))


def test_a_frozen_clock_moves_only_when_told():
    clock = FrozenClock(100.0)
    assert (clock(), clock.now(), clock()) == (100.0, 100.0, 100.0)
    assert clock.advance(2.5) == 102.5
    asyncio.run(clock.sleep(10))
    assert clock() == 112.5
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


@pytest.mark.own_network
def test_the_network_switch_nests_and_comes_back(monkeypatch):
    monkeypatch.setenv("REMIT_OFFLINE", "0")
    assert network_allowed()
    with network_blocked():
        with network_blocked():
            assert not network_allowed()
        assert not network_allowed()
    assert network_allowed()
    monkeypatch.setenv("REMIT_OFFLINE", "1")
    assert not network_allowed()


@pytest.mark.parametrize(("given_value", "allowed"), [(None, "False"), ("0", "True")])
def test_the_plugin_switches_the_network_off_unless_told_otherwise(tmp_path, given_value, allowed):
    (tmp_path / "test_it.py").write_text(
        "from remit.model import network_allowed\n"
        f"def test_it():\n    assert network_allowed() is {allowed}\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "REMIT_OFFLINE"}
    if given_value is not None:
        environment["REMIT_OFFLINE"] = given_value
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "remit.testing.plugin",
        "-p",
        "no:cacheprovider",
        ".",
    ]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout
