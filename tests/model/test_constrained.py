"""The constrained action step: schema, words, conversation and reading back."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.event import Call, Integrity, ModelSaid, Said, ToolSaid
from remit.model import ModelError, Request, ToolSpec
from remit.model.constrained import action_schema, answer_name, instruction, parse_action, step_of

FIND = ToolSpec(
    name="find_order",
    description="Finds an order.\n  By its number.",
    parameters={
        "type": "object",
        "properties": {
            "number": {"type": "string", "pattern": "^A"},
            "days": {"type": "integer", "default": 3},
        },
        "required": ["number"],
        "additionalProperties": False,
    },
)
NESTED = ToolSpec(
    name="ship",
    description="Ships.",
    parameters={
        "type": "object",
        "properties": {"to": {"$ref": "#/$defs/Address"}},
        "required": ["to"],
        "$defs": {
            "Address": {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
        },
    },
)
OUTPUT = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["sure"],
}


def said(text):
    return Said(text=text, integrity=Integrity.THIRD_PARTY)


def request(*messages, tools=(FIND,), schema=None, note=""):
    return Request(system="You help.", messages=messages, tools=tools, output_schema=schema, note=note)


def fits(action, tools=(FIND, NESTED), schema=None):
    return jsonschema.Draft202012Validator(action_schema(tools, schema)).is_valid(action)


def test_the_schema_allows_each_tool_with_its_own_arguments_and_the_answer():
    assert fits({"tool": "find_order", "arguments": {"number": "A-1"}})
    assert fits({"tool": "ship", "arguments": {"to": {"town": "Ulm"}}})
    assert fits({"tool": "answer", "arguments": {"text": "Yes."}})


@pytest.mark.parametrize(
    "action",
    [
        {"tool": "delete", "arguments": {}},
        {"tool": "find_order", "arguments": {}},
        {"tool": "find_order", "arguments": {"number": "A-1", "more": 1}},
        {"tool": "ship", "arguments": {"to": {}}},
        {"tool": "answer", "arguments": {"text": ""}},
        {"tool": "answer"},
        "text",
    ],
)
def test_the_schema_allows_nothing_else(action):
    assert not fits(action)


def test_an_output_schema_takes_the_place_of_the_text():
    assert fits({"tool": "answer", "arguments": {"sure": True}}, schema=OUTPUT)
    assert not fits({"tool": "answer", "arguments": {"text": "Yes."}}, schema=OUTPUT)


def test_a_tool_called_answer_keeps_its_name():
    tool = ToolSpec(
        name="answer", description="Answers the phone.", parameters={"type": "object", "properties": {}}
    )
    assert answer_name([tool]) == "final_answer"
    assert parse_action('{"tool": "answer", "arguments": {}}', [tool], None, turn=0)[1]
    assert parse_action('{"tool": "final_answer", "arguments": {"text": "Hi"}}', [tool], None, turn=0) == (
        "Hi",
        (),
    )


def test_without_tools_and_schema_nothing_is_constrained():
    step = step_of(request(said("Hello"), tools=()))
    assert step.schema is None
    assert step.system == "You help."


def test_the_words_before_the_conversation_do_not_depend_on_it():
    first = step_of(request(said("Hello")))
    second = step_of(request(said("Bye"), ModelSaid(text="Bye."), said("?"), note="Again."))
    assert first.system == second.system
    assert first.schema == second.schema
    assert first.system.startswith("You help.\n\n")


def test_every_tool_is_told_on_one_line_with_its_arguments():
    words = instruction([FIND, NESTED], None)
    assert (
        "- find_order(number: string, days?: integer): Finds an order. By its number." in words.splitlines()
    )
    assert any(line.startswith("- ship(to: ") for line in words.splitlines())


def test_the_conversation_shows_calls_as_actions_and_says_when_there_was_no_result():
    call = Call(id="call-0", tool="find_order", arguments={"number": "A-1"})
    step = step_of(
        request(
            said("Where is A-1?"),
            ModelSaid(text="", calls=(call,)),
            ToolSaid(call_id="call-0", tool="find_order", text='{"state": "sent"}'),
            ModelSaid(text="It was sent."),
            said("And A-2?"),
            ModelSaid(text="", calls=(call,)),
            ToolSaid(call_id="call-1", tool="find_order", text="It is down.", failed=True),
        )
    )
    roles = [turn["role"] for turn in step.messages]
    contents = [turn["content"] for turn in step.messages]
    assert roles == ["user", "assistant", "user", "assistant", "user", "assistant", "user"]
    assert json.loads(contents[1]) == {"tool": "find_order", "arguments": {"number": "A-1"}}
    assert contents[2].startswith('Result of find_order: {"state": "sent"}')
    assert json.loads(contents[3]) == {"tool": "answer", "arguments": {"text": "It was sent."}}
    assert contents[6].startswith("No result of find_order: It is down.")


def test_the_note_comes_last():
    assert step_of(request(said("Hello"), note="Correct it.")).messages[-1]["content"] == "Correct it."


def test_calls_get_ids_by_their_turn():
    text = '{"tool": "find_order", "arguments": {"number": "A-1"}}'
    assert parse_action(text, [FIND], None, turn=4) == (
        "",
        (Call(id="call-4", tool="find_order", arguments={"number": "A-1"}),),
    )


def test_an_output_is_given_as_json():
    text, calls = parse_action('{"tool": "answer", "arguments": {"sure": true}}', [], OUTPUT, turn=0)
    assert json.loads(text) == {"sure": True}
    assert calls == ()


@pytest.mark.parametrize(
    "text", ["", "Yes.", "[]", '{"tool": 1, "arguments": {}}', '{"tool": "answer", "argu']
)
def test_what_is_no_action_is_malformed(text):
    with pytest.raises(ModelError) as caught:
        parse_action(text, [FIND], None, turn=0)
    assert caught.value.error == "malformed"


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        read, calls = parse_action(text, [FIND], None, turn=0)
    except ModelError:
        return
    assert isinstance(read, str)
    assert isinstance(calls, tuple)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.text(min_size=1).filter(lambda name: name != "answer"), st.dictionaries(st.text(), JSON))
def test_a_call_is_read_back_as_it_was_written(tool, arguments):
    call = Call(id="call-0", tool=tool, arguments=arguments)
    turn = step_of(request(said("?"), ModelSaid(text="", calls=(call,)))).messages[1]["content"]
    assert parse_action(turn, [FIND], None, turn=0) == ("", (call,))


@given(st.text())
def test_an_answer_is_read_back_as_it_was_written(text):
    turn = step_of(request(said("?"), ModelSaid(text=text))).messages[1]["content"]
    assert parse_action(turn, [FIND], None, turn=0) == (text, ())
