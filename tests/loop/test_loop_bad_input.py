"""Whatever a model, a tool or a caller does wrongly, the run ends as designed."""

import asyncio
import time

import pytest

import desk_tools
from desk_world import USER, desk, last_run, runtime, with_tool
from remit import Answered, Degraded, Escalated, FailureMode, Refused, ToolFailure
from remit.event import Admitted, Call, Done, Intended, Permitted, ToolFailed
from remit.model import ModelError, ModelErrorClass, Reply
from remit.testing import FrozenClock, ScriptedModel, call, failing

HANDOVER = {"handover": "people"}
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
HOSTILE = "late\x1b[2J\x07\x00\u202e\ud83d end"
GOES_ON = {"on_failure": {"tool_failed": "degrade", "tool_unavailable": "degrade"}}


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def run(folder, remit, script, text="Where is order 7?"):
    """The outcome of one run and its events; the whole log is read back from the file."""

    async def whole():
        async with runtime(folder, script, clock=FrozenClock()) as running:
            outcome = await running.handle(remit, text, user=USER)
            return outcome, [entry.event for entry in running.log.read(last_run(running))]

    return asyncio.run(whole())


def permits(events):
    return [permit for event in events if isinstance(event, Permitted) for permit in event.permits]


def call_with(arguments, tool="find"):
    return Reply(text="", calls=(Call(id="", tool=tool, arguments=arguments),))


# What a model does wrongly.


def test_a_model_that_returns_nothing(tmp_path):
    empty = ModelError(ModelErrorClass.EMPTY, "nothing")
    outcome, _ = run(tmp_path, desk(tmp_path, **HANDOVER), [empty] * 3)
    assert isinstance(outcome, Escalated)
    assert outcome.mode is FailureMode.MODEL_UNAVAILABLE


@pytest.mark.parametrize("nothing", ["", "   \n"], ids=["empty", "blank"])
def test_an_answer_without_a_word_is_no_answer(tmp_path, nothing):
    outcome, _ = run(tmp_path, desk(tmp_path, **HANDOVER), [nothing, nothing])
    assert isinstance(outcome, Escalated)
    assert outcome.mode is FailureMode.OUTPUT_INVALID


def test_prose_where_a_schema_is_wanted(tmp_path):
    remit = desk(tmp_path, output={"schema": "answer.json"}, files={"answer.json": SCHEMA}, **HANDOVER)
    outcome, _ = run(tmp_path, remit, ["It is late.", "It is still late."])
    assert outcome.mode is FailureMode.OUTPUT_INVALID


def test_an_unknown_tool_is_answered_and_counted(tmp_path):
    model = ScriptedModel([call("fnd", order="7"), call("find", order="7"), "It is late."])
    outcome, events = run(tmp_path, desk(tmp_path, "find", "weather", **HANDOVER), model)
    assert isinstance(outcome, Answered)
    assert [permit.verdict for permit in permits(events)] == ["unknown_tool", "allow"]
    assert "The tools are find, weather" in permits(events)[0].reason
    assert desk_tools.calls_of("find") == [{"order": "7"}]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"order": 7},
        {"order": "7", "more": 1},
        {"order": ["7"]},
        "",
        "not JSON at all",
        "[1]",
        '{"order": "7"',
        "null",
    ],
)
def test_wrong_arguments_reach_no_tool(tmp_path, arguments):
    model = ScriptedModel([call_with(arguments), "I do not know."])
    outcome, events = run(tmp_path, desk(tmp_path, "find", **HANDOVER), model)
    assert isinstance(outcome, Answered)
    assert [permit.verdict for permit in permits(events)] == ["invalid"]
    assert desk_tools.DONE == []
    assert model.last_request.messages[-1].text.startswith("NOT CALLED")


@pytest.mark.parametrize("arguments", ["{'order': '7'}", '```json\n{"order": "7"}\n```', '{"order": "7",}'])
def test_arguments_whose_meaning_is_plain_are_mended(tmp_path, arguments):
    outcome, _ = run(tmp_path, desk(tmp_path, "find", **HANDOVER), [call_with(arguments), "Late."])
    assert isinstance(outcome, Answered)
    assert desk_tools.calls_of("find") == [{"order": "7"}]


def test_an_endless_loop_ends_with_the_budget(tmp_path):
    model = ScriptedModel(lambda request: call("find", order="7"))
    outcome, _ = run(tmp_path, desk(tmp_path, "find", **HANDOVER), model)
    assert outcome.mode is FailureMode.BUDGET_EXHAUSTED
    assert model.asked == 12


def test_a_loop_of_repairs_ends_too(tmp_path):
    remit = desk(
        tmp_path, "find", output={"schema": "answer.json", "repair": 1}, files={"answer.json": SCHEMA}
    )
    model = ScriptedModel(lambda request: "prose" if len(request.messages) % 2 else call("find", order="7"))
    outcome, _ = run(tmp_path, remit, model)
    assert outcome.mode in (FailureMode.OUTPUT_INVALID, FailureMode.BUDGET_EXHAUSTED)
    assert model.asked <= 12


def test_a_text_of_1_mb_is_kept_whole(tmp_path):
    outcome, _ = run(tmp_path, desk(tmp_path), ["x" * 1_000_000])
    assert isinstance(outcome, Answered)
    assert len(outcome.message) == 1_000_000


def test_control_characters_of_a_model_do_not_stop_the_log(tmp_path):
    outcome, _ = run(tmp_path, desk(tmp_path), [HOSTILE])
    assert isinstance(outcome, Answered)
    assert "late" in outcome.message
    outcome.message.encode()


def test_half_characters_in_arguments_do_not_stop_the_log(tmp_path):
    outcome, _ = run(tmp_path, desk(tmp_path, "find"), [call_with({"order": "\ud83d"}), "Done."])
    assert isinstance(outcome, Answered)


def test_a_thousand_calls_in_one_answer_are_judged_together(tmp_path):
    calls = [call("find", order=str(index)) for index in range(1000)]
    model = ScriptedModel([calls, "All."], context_tokens=200_000)
    outcome, events = run(tmp_path, desk(tmp_path, "find"), model)
    assert isinstance(outcome, Answered)
    assert len(desk_tools.DONE) == 1000
    (permitted,) = [event for event in events if isinstance(event, Permitted)]
    assert len(permitted.permits) == 1000


def test_two_calls_with_the_same_id_are_two_calls(tmp_path):
    same = Reply(
        text="",
        calls=(
            Call(id="same", tool="find", arguments={"order": "1"}),
            Call(id="same", tool="find", arguments={"order": "2"}),
        ),
    )
    outcome, events = run(tmp_path, desk(tmp_path, "find"), [same, "Both."])
    assert isinstance(outcome, Answered)
    done = [event for event in events if isinstance(event, Done)]
    assert [event.result["id"] for event in done] == ["1", "2"]
    assert len({event.key for event in done}) == 2


def test_reads_go_together_and_writes_one_by_one_all_judged_before(tmp_path):
    under_way, most, order = [], [], []

    async def slowly(**arguments):
        name = "pay" if "amount" in arguments else "find"
        under_way.append(name)
        most.append(tuple(under_way))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        under_way.remove(name)
        order.append(name)

    desk_tools.DOES.update(find=slowly, pay=slowly)
    free = {"order": {"kind": "content"}, "memo": {"kind": "content"}, "amount": {"max": 10}}
    remit = desk(tmp_path, "find", rules={"pay": {"args": free}}, **HANDOVER)
    calls = [
        call("pay", order="1", amount=1),
        call("find", order="1"),
        call("pay", order="2", amount=2),
        call("pay", order="3", amount=99),
        call("find", order="2"),
    ]
    outcome, events = run(tmp_path, remit, [calls, "Done."])
    assert isinstance(outcome, Answered)
    assert order == ["find", "find", "pay", "pay"]
    assert ("find", "find") in most
    assert ("pay", "pay") not in most
    (permitted,) = [event for event in events if isinstance(event, Permitted)]
    assert [permit.verdict for permit in permitted.permits] == ["allow", "allow", "allow", "deny", "allow"]
    first_intent = next(index for index, event in enumerate(events) if isinstance(event, Intended))
    assert events.index(permitted) < first_intent


# What a tool does wrongly.


class Odd:
    """No JSON value."""


def raising(error):
    def fail(**arguments):
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        ValueError("internal"),
        KeyError("x"),
        RuntimeError(HOSTILE),
        ToolFailure("no such order"),
        RecursionError(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_tool_that_raises_is_a_failed_tool(tmp_path, error):
    desk_tools.DOES["find"] = raising(error)
    outcome, events = run(
        tmp_path, desk(tmp_path, "find", **GOES_ON), [call("find", order="7"), "I do not know."]
    )
    assert isinstance(outcome, Degraded)
    assert outcome.missing == ("find",)
    (failed,) = [event for event in events if isinstance(event, ToolFailed)]
    assert failed.mode is FailureMode.TOOL_FAILED


@pytest.mark.parametrize(
    "result",
    [Odd(), {1: 2, "a": Odd()}, float("nan"), {"x": float("inf")}, {"deep": None}],
    ids=["object", "nested object", "nan", "infinity", "deep"],
)
def test_a_read_whose_result_is_no_json_has_failed_or_is_mended(tmp_path, result):
    if isinstance(result, dict) and "deep" in result:
        for _ in range(5000):
            result = {"deep": result}
    desk_tools.DOES["find"] = lambda order: result
    outcome, events = run(tmp_path, desk(tmp_path, "find", **GOES_ON), [call("find", order="7"), "Hm."])
    assert isinstance(outcome, Answered | Degraded)
    assert any(isinstance(event, Done | ToolFailed) for event in events)


def test_a_payment_whose_result_is_no_json_was_made_all_the_same(tmp_path):
    desk_tools.DOES["pay"] = lambda **arguments: Odd()
    outcome, events = run(
        tmp_path, desk(tmp_path, "pay", **HANDOVER), [call("pay", order="7", amount=5), "Paid."]
    )
    assert isinstance(outcome, Answered)
    (done,) = [event for event in events if isinstance(event, Done)]
    assert "succeeded" in done.result


@pytest.mark.parametrize("result", [HOSTILE, "x" * 50_000_000, ["y" * 1000] * 1000, b"\xff\x00"])
def test_a_large_or_hostile_result_is_kept_within_its_limit(tmp_path, result):
    desk_tools.DOES["find"] = lambda order: result
    model = ScriptedModel([call("find", order="7"), "Hm."], context_tokens=60_000)
    outcome, _ = run(tmp_path, desk(tmp_path, "find", **GOES_ON), model)
    assert isinstance(outcome, Answered | Degraded)
    shown = model.last_request.messages[-1].text
    assert len(shown) < 30_000
    assert "\x1b" not in shown
    assert "\x00" not in shown


def test_only_the_failing_call_of_several_is_missing(tmp_path):
    remit = with_tool(desk(tmp_path, "find", "weather", **GOES_ON), "find", failing)
    outcome, _ = run(
        tmp_path, remit, [[call("find", order="7"), call("weather", city="Rome")], "Rain in Rome."]
    )
    assert isinstance(outcome, Degraded)
    assert outcome.missing == ("find",)


@pytest.mark.parametrize("levels", [200, *range(240, 262), 300, 900])
def test_no_depth_of_a_result_or_of_arguments_stops_the_log(tmp_path, levels):
    desk_tools.DOES["find"] = lambda order: deep(levels)
    script = [call_with({"order": deep(levels)}), call("find", order="7"), "Done."]
    outcome, _ = run(tmp_path, desk(tmp_path, "find", **GOES_ON), script)
    assert isinstance(outcome, Answered | Degraded)


# What a caller does wrongly.


def deep(levels):
    value = "end"
    for _ in range(levels):
        value = [value]
    return value


def circular():
    value = []
    value.append(value)
    return value


BAD = {
    "nothing": None,
    "blank": " \n\t ",
    "bytes": b"\x00\x01",
    "binary": "\x00\x01\x02\x03\x04\x05",
    "an object": Odd(),
    "nan": float("nan"),
    "nested nan": {"a": [float("nan")]},
    "a set": {1, 2},
    "odd keys": {(1, 2): 3},
    "deeply nested": deep(100_000),
    "nested beyond what is kept": deep(900),
    "circular": circular(),
    "only half characters": "\ud83d\ud83d\ud83d\ud83d\ud83d",
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_an_input_that_cannot_be_read_is_refused_before_any_model(tmp_path, value):
    model = ScriptedModel([])
    outcome, events = run(tmp_path, desk(tmp_path), model, value)
    assert isinstance(outcome, Refused)
    assert outcome.mode is FailureMode.INVALID_INPUT
    assert model.asked == 0
    assert isinstance(events[0], Admitted)


def test_an_input_of_10_mb_is_refused_quickly(tmp_path):
    remit = desk(tmp_path)
    began = time.process_time()
    outcome, _ = run(tmp_path, remit, [], "word " * 2_000_000)
    assert isinstance(outcome, Refused)
    assert outcome.mode is FailureMode.INVALID_INPUT
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Where \ud83dis it?", "Where"),
        ("a\x1b[31mb\x00c\u202ed", "a[31mbcd"),
        ({"subject": "Order", "body": "Where?\x07"}, '"subject"'),
        (["one", 2, None, True], "one"),
        (5, "5"),
    ],
    ids=["half character", "control characters", "object", "list", "number"],
)
def test_an_input_that_can_be_read_is_cleaned(tmp_path, value, shown):
    model = ScriptedModel(["It is late."])
    outcome, _ = run(tmp_path, desk(tmp_path), model, value)
    assert isinstance(outcome, Answered)
    text = model.last_request.messages[0].text
    assert shown in text
    assert not set("\x1b\x00\x07\u202e\ud83d") & set(text)


@pytest.mark.parametrize(
    "user", [{"id": "u"}, {"account": "A"}, {}, None, {"id": 7}, {"id": "\ud83d", "nested": {"a": [1]}}]
)
def test_any_user_that_is_json_can_be_attested(tmp_path, user):
    async def whole():
        async with runtime(tmp_path, ["Hi."], clock=FrozenClock()) as running:
            return await running.handle(desk(tmp_path), "Hello.", user=user)

    assert isinstance(asyncio.run(whole()), Answered)
