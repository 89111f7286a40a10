"""Each failure mode takes its declared path and its default, through the whole runtime."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

import desk_tools
from desk_world import ANN, USER, desk, diverted, last_run, of_kind, runtime, with_tool
from remit import (
    Answered,
    Degraded,
    Escalated,
    Failed,
    FailureMode,
    Refused,
    ToolFailure,
    ToolUnavailable,
    Waiting,
)
from remit.contract import ALLOWED
from remit.event import Done, ModelAnswered, ModelAsked, ModelFailed, ToolFailed, Usage
from remit.model import ModelError, ModelErrorClass, Reply
from remit.testing import FrozenClock, ScriptedModel, answer, call, failing, hanging, huge

SECRET = "SECRET-DETAIL-77"
"""What stands in the error texts of tools and providers, and must reach no caller."""
HANDOVER = {"handover": "people"}
TO_QUEUE = ({"queue": "others"}, Escalated, "hand over to others")
TO_SAY = ({"say": "Later, please."}, Refused, "refuse and say “Later, please.”")
TO_VALUE = ({"value": "Perhaps."}, Degraded, "answer 'Perhaps.', marked as degraded")
TO_FAIL = ("fail", Failed, "fail and say so")
TO_REFUSE = ("refuse", Refused, "refuse with the usual sentence")
FREE = {"args": {"order": {"kind": "content"}, "amount": {"max": 100}, "memo": {"kind": "content"}}}


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def run(folder, remit, script, *, text="Where is order 7?", clock=None, **named):
    """The outcome of one run, and where it left the happy path."""

    async def whole():
        async with runtime(folder, script, clock=clock or FrozenClock()) as running:
            outcome = await running.handle(remit, text, user=USER, **named)
            events = [entry.event for entry in running.log.read(last_run(running))]
            kinds = {event.kind for event in events}
            return outcome, diverted(running) if "diverted" in kinds else None, events

    outcome, left, events = asyncio.run(whole())
    assert SECRET not in outcome.message
    return outcome, left, events


def check_path(outcome, left, *, mode, outcome_type, path, declared):
    assert left == (mode, path, declared)
    assert type(outcome) is outcome_type
    assert outcome.mode is mode
    match outcome:
        case Escalated():
            assert outcome.queue == path.removeprefix("hand over to ")
            assert outcome.case
        case Refused() if "Later" in path:
            assert outcome.message == "Later, please."
        case Degraded():
            assert outcome.output == "Perhaps."
            assert "Perhaps." in outcome.message
        case _:
            assert outcome.message


def paths(mode, *declared, usual=None):
    """The declared paths of one mode, and what follows without any: with and without a `handover`."""
    cases = [
        ({"on_failure": {mode: path}, **HANDOVER}, kind, text, "on_failure") for path, kind, text in declared
    ]
    if usual is None:
        cases.append((HANDOVER, Escalated, "hand over to people", "handover"))
        cases.append(({}, Failed, "fail and say so", "default"))
    else:
        cases.append((HANDOVER, usual[1], usual[2], "default"))
    return [pytest.param(*case, id=f"{case[3]}: {case[2]}") for case in cases]


# Input.


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("invalid_input", TO_QUEUE, TO_SAY, TO_REFUSE, TO_FAIL, usual=TO_REFUSE),
)
def test_invalid_input(tmp_path, keys, outcome_type, path, declared):
    outcome, left, _ = run(tmp_path, desk(tmp_path, "find", **keys), [], text="")
    check_path(
        outcome, left, mode=FailureMode.INVALID_INPUT, outcome_type=outcome_type, path=path, declared=declared
    )


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("out_of_scope", TO_QUEUE, TO_SAY, TO_REFUSE, TO_FAIL, usual=TO_REFUSE),
)
def test_out_of_scope(tmp_path, keys, outcome_type, path, declared):
    remit = desk(tmp_path, "find", does_not=["legal advice"], **keys)
    outcome, left, _ = run(tmp_path, remit, [], text="I need legal advice.")
    check_path(
        outcome, left, mode=FailureMode.OUT_OF_SCOPE, outcome_type=outcome_type, path=path, declared=declared
    )


LIKE_THESE = ["Where is my order?", "Has it been sent?", "Track order 7.", "Is it late?", "Which day?"]


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("unfamiliar_input", TO_QUEUE, TO_SAY, TO_REFUSE, TO_FAIL),
)
def test_unfamiliar_input(tmp_path, keys, outcome_type, path, declared):
    lines = ["text,topic", *(f'"{text}",in scope' for text in LIKE_THESE)]
    (tmp_path / "scope.csv").write_text("\n".join(lines))
    remit = desk(tmp_path, "find", scope={"examples": "scope.csv"}, **keys)
    outcome, left, _ = run(tmp_path, remit, [], text="Compose a sonnet on moonlit oceans!")
    check_path(
        outcome,
        left,
        mode=FailureMode.UNFAMILIAR_INPUT,
        outcome_type=outcome_type,
        path=path,
        declared=declared,
    )


@pytest.mark.parametrize(
    ("topic", "outcome_type", "message"),
    [
        ({"queue": "others"}, Escalated, "I have passed this on to a colleague, who will take care of it."),
        ({"queue": "others", "say": "Our lawyers have it."}, Escalated, "Our lawyers have it."),
        ({"say": "Ask a lawyer."}, Refused, "Ask a lawyer."),
    ],
    ids=["queue", "queue and say", "say"],
)
def test_a_topic_has_a_path_of_its_own(tmp_path, topic, outcome_type, message):
    remit = desk(tmp_path, does_not=[{"topic": "legal advice", **topic}], on_failure={"out_of_scope": "fail"})
    outcome, left, _ = run(tmp_path, remit, [], text="I need legal advice.")
    assert type(outcome) is outcome_type
    assert outcome.message == message
    assert left[0] is FailureMode.OUT_OF_SCOPE
    assert left[2] == "does_not"


# Tools.

TOOL_ERRORS = {"tool_failed": ToolFailure(SECRET), "tool_unavailable": ToolUnavailable(SECRET)}
TOOL_MODES = [(FailureMode(mode), error) for mode, error in TOOL_ERRORS.items()]
ONE_CALL = [call("find", order="7")]


@pytest.mark.parametrize(("mode", "error"), TOOL_MODES, ids=list(TOOL_ERRORS))
@pytest.mark.parametrize("level", ["tool", "on_failure"])
@pytest.mark.parametrize(("path", "outcome_type", "text"), [TO_QUEUE, TO_SAY, TO_VALUE, TO_FAIL])
def test_a_failing_tool_takes_its_own_path_or_the_general_one(
    tmp_path, mode, error, level, path, outcome_type, text
):
    own = mode.removeprefix("tool_")
    if level == "tool":
        other = {mode: {"say": "never reached"}}
        remit = desk(tmp_path, rules={"find": {own: path}}, on_failure=other, **HANDOVER)
    else:
        remit = desk(tmp_path, "find", on_failure={mode: path}, **HANDOVER)
    outcome, left, events = run(tmp_path, with_tool(remit, "find", failing, with_=error), ONE_CALL)
    check_path(outcome, left, mode=mode, outcome_type=outcome_type, path=text, declared=level)
    (failed,) = [event for event in events if isinstance(event, ToolFailed)]
    assert SECRET in failed.reason


@pytest.mark.parametrize(("mode", "error"), TOOL_MODES, ids=list(TOOL_ERRORS))
@pytest.mark.parametrize(("keys", "outcome_type", "path", "declared"), paths("x", usual=None))
def test_a_failing_tool_without_a_path(tmp_path, mode, error, keys, outcome_type, path, declared):
    remit = with_tool(desk(tmp_path, "find", **keys), "find", failing, with_=error)
    outcome, left, _ = run(tmp_path, remit, ONE_CALL)
    check_path(outcome, left, mode=mode, outcome_type=outcome_type, path=path, declared=declared)


@pytest.mark.parametrize(("mode", "error"), TOOL_MODES, ids=list(TOOL_ERRORS))
@pytest.mark.parametrize("level", ["tool", "on_failure"])
def test_a_run_goes_on_without_a_tool_and_says_what_is_missing(tmp_path, mode, error, level):
    own = mode.removeprefix("tool_")
    if level == "tool":
        remit = desk(tmp_path, rules={"find": {own: "degrade"}}, **HANDOVER)
    else:
        remit = desk(tmp_path, "find", on_failure={mode: "degrade"}, **HANDOVER)
    model = ScriptedModel([*ONE_CALL, "I could not look it up."])
    outcome, left, _ = run(tmp_path, with_tool(remit, "find", failing, with_=error), model)
    assert left is None
    assert isinstance(outcome, Degraded)
    assert outcome.missing == ("find",)
    assert "missing: find" in outcome.message
    assert outcome.mode is mode
    assert model.last_request.messages[-1].text.startswith("FAILED: find")


def last_known_desk(folder, **more):
    return desk(folder, rules={"find": {"unavailable": {"last_known": "1h"}}}, **more)


def handled_twice(folder, remit, script, *, after_s, second_user=USER):
    """The outcomes of a run whose tool works and of one, that much later, whose tool is down."""
    clock = FrozenClock()

    async def whole():
        async with runtime(folder, script, clock=clock) as running:
            first = await running.handle(remit, "Order 7?", user=USER)
            clock.advance(after_s)
            down = with_tool(remit, "find", failing, with_=ToolUnavailable(SECRET))
            running.register(down)
            running.releases._plans.clear()
            second = await running.handle(down, "Order 7?", user=second_user)
            kinds = {entry.kind for entry in running.log.read(last_run(running))}
            return first, second, diverted(running) if "diverted" in kinds else None

    first, second, left = asyncio.run(whole())
    assert isinstance(first, Answered)
    assert SECRET not in second.message
    return second, left, clock


def test_the_last_known_result_stands_in_with_its_date(tmp_path):
    script = [call("find", order="7"), "It is late.", call("find", order="7"), "It was late."]
    model = ScriptedModel(script)
    outcome, left, clock = handled_twice(tmp_path, last_known_desk(tmp_path), model, after_s=1800)
    assert left is None
    assert isinstance(outcome, Degraded)
    known = datetime.fromtimestamp(clock() - 1800, UTC)
    assert outcome.as_of == known
    assert f"as of {known:%Y-%m-%d %H:%M} UTC" in outcome.message
    assert outcome.mode is FailureMode.TOOL_UNAVAILABLE
    assert "Last known result" in model.last_request.messages[-1].text


@pytest.mark.parametrize(
    ("more", "outcome_type", "path", "declared"),
    [
        (
            {**HANDOVER, "on_failure": {"tool_unavailable": {"say": "Later, please."}}},
            Refused,
            TO_SAY[2],
            "on_failure",
        ),
        (HANDOVER, Escalated, "hand over to people", "handover"),
        ({}, Failed, "fail and say so", "default"),
    ],
    ids=["on_failure", "handover", "default"],
)
@pytest.mark.parametrize(
    "second",
    [{"after_s": 3601}, {"after_s": 1, "second_user": {"id": "u2"}}],
    ids=["too old", "another user's"],
)
def test_where_no_last_known_result_may_be_used_the_next_path_is_taken(
    tmp_path, second, more, outcome_type, path, declared
):
    script = [call("find", order="7"), "It is late.", call("find", order="7")]
    outcome, left, _ = handled_twice(tmp_path, last_known_desk(tmp_path, **more), script, **second)
    check_path(
        outcome,
        left,
        mode=FailureMode.TOOL_UNAVAILABLE,
        outcome_type=outcome_type,
        path=path,
        declared=declared,
    )


def test_where_no_last_known_result_is_left_the_run_may_go_on_without(tmp_path):
    remit = last_known_desk(tmp_path, on_failure={"tool_unavailable": "degrade"})
    script = [call("find", order="7"), "I cannot look it up."]
    outcome, left, _ = run(tmp_path, with_tool(remit, "find", failing), script)
    assert left is None
    assert isinstance(outcome, Degraded)
    assert outcome.missing == ("find",)
    assert outcome.as_of is None


def test_a_tool_that_hangs_is_unavailable(tmp_path):
    remit = desk(tmp_path, rules={"find": {"timeout": "20ms"}}, **HANDOVER)
    outcome, left, _ = run(tmp_path, with_tool(remit, "find", hanging), ONE_CALL)
    assert left == (FailureMode.TOOL_UNAVAILABLE, "hand over to people", "handover")
    assert isinstance(outcome, Escalated)


def test_a_result_of_50_mb_is_cut_and_the_cut_is_said(tmp_path):
    remit = with_tool(desk(tmp_path, "find", **HANDOVER), "find", huge, 50_000_000)
    model = ScriptedModel([*ONE_CALL, "A lot."], context_tokens=30_000)
    outcome, _, events = run(tmp_path, remit, model)
    assert isinstance(outcome, Answered)
    (done,) = [event for event in events if isinstance(event, Done)]
    assert done.cut_from_bytes >= 50_000_000
    assert "[Cut:" in model.last_request.messages[-1].text
    assert len(model.last_request.messages[-1].text) < 25_000


# An effect that nobody knows of.


def paying(folder, **more):
    keys = {"rules": {"pay": {"timeout": "20ms", **more.pop("rule", {})}}, **more}
    return with_tool(desk(folder, **keys), "pay", hanging)


PAY_CALL = [call("pay", order="7", amount=5)]


@pytest.mark.parametrize(
    ("keys", "queue"),
    [
        ({"rule": {"unknown": {"queue": "others"}}, **HANDOVER}, "others"),
        ({"on_failure": {"effect_unknown": {"queue": "others"}}, **HANDOVER}, "others"),
        (HANDOVER, "people"),
    ],
    ids=["tool", "on_failure", "handover"],
)
def test_a_person_is_asked_about_an_unknown_effect(tmp_path, keys, queue):
    outcome, left, _ = run(tmp_path, paying(tmp_path, **keys), PAY_CALL)
    assert left is None
    assert isinstance(outcome, Waiting)
    assert outcome.queue == queue
    assert "Did this call take place" in outcome.question


def test_an_unknown_effect_may_end_the_run_where_the_remit_says_so(tmp_path):
    remit = paying(tmp_path, on_failure={"effect_unknown": "fail"}, **HANDOVER)
    outcome, left, _ = run(tmp_path, remit, PAY_CALL)
    assert left == (FailureMode.EFFECT_UNKNOWN, "fail and say so", "on_failure")
    assert isinstance(outcome, Failed)


@pytest.mark.parametrize(
    ("decision", "answered_with", "told"),
    [("happened", {"ok": True}, "A person says"), ("not_happened", None, "gave no result")],
)
def test_what_a_person_found_out_is_told_to_the_model(tmp_path, decision, answered_with, told):
    clock, model = FrozenClock(), ScriptedModel([*PAY_CALL, "Settled."])

    async def whole():
        async with runtime(tmp_path, model, clock=clock) as running:
            waiting = await running.handle(paying(tmp_path, **HANDOVER), "Pay me back.", user=USER)
            clock.advance(3600)
            await running.decide(waiting.case, decision, by=ANN, reason="I looked.", answer=answered_with)
            return await running.advance(waiting.run_id)

    outcome = asyncio.run(whole())
    assert isinstance(outcome, Answered)
    assert told in model.last_request.messages[-1].text


@pytest.mark.parametrize(("query", "told"), [("wired", "took place"), (None, "never took place")])
def test_a_tool_with_a_query_of_its_own_is_asked_before_a_person(tmp_path, query, told):
    model = ScriptedModel([call("wire", order="7"), "Done."])
    desk_tools.DOES["paid_already"] = lambda order: query
    remit = with_tool(desk(tmp_path, rules={"wire": {"timeout": "20ms"}}, **HANDOVER), "wire", hanging)
    outcome, left, _ = run(tmp_path, remit, model)
    assert left is None
    assert isinstance(outcome, Answered)
    assert told in model.last_request.messages[-1].text
    assert len(desk_tools.calls_of("paid_already")) == 1


# The model.

MODEL_DOWN = ModelError(ModelErrorClass.AUTHENTICATION, SECRET)


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("model_unavailable", TO_QUEUE, TO_SAY, TO_VALUE, TO_FAIL, usual=None),
)
def test_model_unavailable(tmp_path, keys, outcome_type, path, declared):
    outcome, left, events = run(tmp_path, desk(tmp_path, **keys), [MODEL_DOWN])
    check_path(
        outcome,
        left,
        mode=FailureMode.MODEL_UNAVAILABLE,
        outcome_type=outcome_type,
        path=path,
        declared=declared,
    )
    (failed,) = [event for event in events if isinstance(event, ModelFailed)]
    assert failed.attempts[0].detail == SECRET


def test_another_model_of_the_chain_stands_in(tmp_path):
    remit = desk(tmp_path, **HANDOVER)

    async def whole():
        down, up = (
            ScriptedModel([MODEL_DOWN], name="scripted:down"),
            ScriptedModel(["Here."], name="scripted:up"),
        )
        async with runtime(tmp_path, down, clock=FrozenClock()) as running:
            running.releases._model = None
            running.releases._models[remit.contract.model.model_dump_json()] = [down, up]
            outcome = await running.handle(remit, "Hello.")
            return outcome, of_kind(running, last_run(running), ModelAnswered)

    outcome, (said,) = asyncio.run(whole())
    assert isinstance(outcome, Answered)
    assert said.model == "scripted:up"
    assert said.attempts[0].target == "scripted:down"


def test_what_may_pass_is_tried_again_and_no_longer_than_the_working_time(tmp_path):
    busy = ModelError(ModelErrorClass.RATE_LIMITED, SECRET)
    remit = desk(tmp_path, model={"use": "openai:gpt-5.1-2025-11-13", "tries": 3}, **HANDOVER)
    model = ScriptedModel([busy, busy, "Here."])
    outcome, _, _ = run(tmp_path, remit, model)
    assert isinstance(outcome, Answered)
    assert model.asked == 3
    impatient = desk(
        tmp_path / "b",
        model={"use": "openai:gpt-5.1-2025-11-13", "tries": 9},
        budget={"working_time": "2s"},
        **HANDOVER,
    )
    model = ScriptedModel(lambda request: busy)
    outcome, left, _ = run(tmp_path / "b", impatient, model)
    assert left[0] is FailureMode.MODEL_UNAVAILABLE
    assert model.asked < 5


# The answer.

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def formal(folder, *, repair=1, **keys):
    return desk(
        folder,
        "find",
        output={"schema": "answer.json", "repair": repair},
        files={"answer.json": SCHEMA},
        **keys,
    )


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("output_invalid", TO_QUEUE, TO_SAY, TO_VALUE, TO_FAIL, usual=None),
)
def test_output_invalid_after_the_repairs(tmp_path, keys, outcome_type, path, declared):
    model = ScriptedModel([f"prose {SECRET}", f"more prose {SECRET}", f"prose again {SECRET}"])
    outcome, left, _ = run(tmp_path, formal(tmp_path, repair=2, **keys), model)
    check_path(
        outcome,
        left,
        mode=FailureMode.OUTPUT_INVALID,
        outcome_type=outcome_type,
        path=path,
        declared=declared,
    )
    assert model.asked == 3


def test_an_answer_is_mended_by_asking_again(tmp_path):
    model = ScriptedModel(["prose", '{"text": "late"}'])
    outcome, left, events = run(tmp_path, formal(tmp_path), model)
    assert left is None
    assert outcome == Answered(output={"text": "late"}, message="late")
    assert [event.purpose for event in events if isinstance(event, ModelAsked)] == ["step", "repair"]
    assert "cannot be used" in model.last_request.messages[-1].text


def test_an_answer_that_was_cut_off_is_no_whole_answer(tmp_path):
    cut = Reply(text="The order is", finish="length")
    model = ScriptedModel([cut, answer("It is late.")])
    outcome, _, _ = run(tmp_path, desk(tmp_path), model)
    assert outcome.message == "It is late."
    assert "cut off" in model.last_request.messages[-1].text
    outcome, left, _ = run(tmp_path / "b", desk(tmp_path / "b"), [cut, cut])
    assert left == (FailureMode.OUTPUT_INVALID, "fail and say so", "default")
    assert isinstance(outcome, Failed)


# Limits.


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("context_exhausted", TO_QUEUE, TO_SAY, TO_VALUE, TO_FAIL, usual=None),
)
def test_context_exhausted(tmp_path, keys, outcome_type, path, declared):
    outcome, left, _ = run(
        tmp_path, desk(tmp_path, **keys), ScriptedModel([], context_tokens=1010), text="word " * 400
    )
    check_path(
        outcome,
        left,
        mode=FailureMode.CONTEXT_EXHAUSTED,
        outcome_type=outcome_type,
        path=path,
        declared=declared,
    )


def test_a_provider_that_finds_every_request_too_long_is_not_asked_for_ever(tmp_path):
    model = ScriptedModel(lambda request: ModelError(ModelErrorClass.CONTEXT_WINDOW, SECRET))
    outcome, left, _ = run(tmp_path, desk(tmp_path, **HANDOVER), model)
    assert left == (FailureMode.CONTEXT_EXHAUSTED, "hand over to people", "handover")
    assert model.asked <= 5
    assert isinstance(outcome, Escalated)


def endless(**usage):
    """A model that never comes to an end, and what each of its answers costs."""
    return lambda request: Reply(text="", calls=(call("find", order="7"),), usage=Usage(**usage))


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("budget_exhausted", TO_QUEUE, TO_SAY, TO_VALUE, TO_FAIL, usual=None),
)
def test_budget_exhausted(tmp_path, keys, outcome_type, path, declared):
    remit = desk(tmp_path, "find", budget={"steps": 3}, **keys)
    model = ScriptedModel(endless())
    outcome, left, _ = run(tmp_path, remit, model)
    check_path(
        outcome,
        left,
        mode=FailureMode.BUDGET_EXHAUSTED,
        outcome_type=outcome_type,
        path=path,
        declared=declared,
    )
    assert model.asked == 3


@pytest.mark.parametrize(
    ("budget", "usage"),
    [
        ({"tokens": 300}, {"input_tokens": 60, "output_tokens": 40}),
        ({"cost_usd": 0.03}, {"cost_usd": 0.01}),
    ],
    ids=["tokens", "cost"],
)
def test_tokens_and_money_are_counted_over_all_calls(tmp_path, budget, usage):
    model = ScriptedModel(endless(**usage))
    _, left, _ = run(tmp_path, desk(tmp_path, "find", budget=budget), model)
    assert left[0] is FailureMode.BUDGET_EXHAUSTED
    assert model.asked == 3


def test_working_time_counts_work_and_no_waiting(tmp_path):
    clock = FrozenClock()
    desk_tools.DOES["find"] = lambda order: clock.advance(10) and "found"
    remit = desk(
        tmp_path, "find", rules={"pay": {"ask": "always"}}, budget={"working_time": "30s"}, **HANDOVER
    )

    async def whole():
        script = [call("pay", order="7", amount=1), *[call("find", order="7")] * 3]
        async with runtime(tmp_path, ScriptedModel(script), clock=clock) as running:
            waiting = await running.handle(remit, "Pay.", user=USER)
            clock.advance(3600)
            await running.decide(waiting.case, "reject", by=ANN, reason="no")
            outcome = await running.advance(waiting.run_id)
            return outcome, diverted(running)

    outcome, left = asyncio.run(whole())
    assert left[0] is FailureMode.BUDGET_EXHAUSTED
    assert len(desk_tools.calls_of("find")) == 3
    assert isinstance(outcome, Escalated)


def test_the_runtimes_own_calls_count_as_steps(tmp_path):
    model = ScriptedModel(lambda request: "prose")
    outcome, left, _ = run(tmp_path, formal(tmp_path, repair=5, budget={"steps": 3}), model)
    assert left[0] is FailureMode.BUDGET_EXHAUSTED
    assert model.asked == 3
    assert isinstance(outcome, Failed)


# Cancelled.


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"), paths("cancelled", TO_QUEUE, TO_FAIL, usual=TO_FAIL)
)
def test_cancelled(tmp_path, keys, outcome_type, path, declared):
    remit = desk(tmp_path, rules={"pay": {"ask": {"when": "always", "queue": "people"}}}, **keys)

    async def whole():
        async with runtime(tmp_path, PAY_CALL, clock=FrozenClock()) as running:
            waiting = await running.handle(remit, "Pay.", user=USER)
            await running.cancel(waiting.run_id, by=ANN, reason=SECRET)
            return await running.advance(waiting.run_id), diverted(running)

    outcome, left = asyncio.run(whole())
    check_path(
        outcome, left, mode=FailureMode.CANCELLED, outcome_type=outcome_type, path=path, declared=declared
    )
    assert SECRET not in outcome.message
    assert desk_tools.DONE == []


def unsure(request):
    return Reply(text="Perhaps.", finish="stop", mean_logprob=-2.0, reported_model="m")


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    [
        each
        for each in paths("low_confidence", TO_QUEUE, TO_SAY, TO_VALUE, TO_FAIL, usual=None)
        if each.values[1] is not Escalated
    ],
)
def test_low_confidence(tmp_path, keys, outcome_type, path, declared):
    remit, mode = desk(tmp_path, confidence={"audit": 0}, **keys), FailureMode.LOW_CONFIDENCE
    outcome, left, _ = run(tmp_path, remit, unsure)
    check_path(outcome, left, mode=mode, outcome_type=outcome_type, path=path, declared=declared)


def test_low_confidence_asks_a_queue_before_it_hands_over(tmp_path):
    remit = desk(tmp_path, confidence={"audit": 0}, on_failure={"low_confidence": {"queue": "others"}})
    outcome, left, _ = run(tmp_path, remit, unsure)
    assert isinstance(outcome, Waiting)
    assert (outcome.queue, left) == ("others", None)


@pytest.mark.parametrize(
    ("keys", "outcome_type", "path", "declared"),
    paths("injection_suspected", TO_QUEUE, TO_SAY, TO_REFUSE, TO_FAIL),
)
def test_injection_suspected(tmp_path, keys, outcome_type, path, declared):
    remit = desk(
        tmp_path,
        rules={"pay": {"args": {"amount": {"max": 1}}, "unknown": {"queue": "people"}}},
        guard={"denials": 2},
        **keys,
    )
    too_much = call("pay", order="7", amount=2)
    outcome, left, events = run(tmp_path, remit, [too_much, too_much, "Never asked."])
    check_path(
        outcome,
        left,
        mode=FailureMode.INJECTION_SUSPECTED,
        outcome_type=outcome_type,
        path=path,
        declared=declared,
    )
    assert sum(isinstance(event, ModelAnswered) for event in events) == 2
    assert desk_tools.DONE == []


def test_every_mode_that_a_remit_may_route_is_tested_here():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [mode for mode in ALLOWED if f'"{mode}"' not in source] == []
