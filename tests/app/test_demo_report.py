"""The comparison that the demo prints: what is right, and what is harmful."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.app.demo_report import Action, Expected, Reached, compare, reached, read_inbox, summarise
from remit.event import Call, CaseOpened, Done, EffectUnknown, Permit, ToolFailed
from remit.log import CallState, CaseState, RunState
from remit.outcome import Effect, FailureMode

FEE = Action(tool="return_fee", arguments={"id": "T-1", "amount_eur": 15})
BLOCK = Action(tool="block_card", arguments={"account": "A-1"})
EFFECTS = {"find": Effect.READ, "return_fee": Effect.KEYED, "block_card": Effect.IDEMPOTENT}


def became(kind="answered", message="Done.", done=(), asked=()):
    return Reached(kind=kind, message=message, done=tuple(done), asked=tuple(asked), steps=())


def expected(*kinds, **more):
    return Expected(outcomes=kinds or ("answered",), **more)


def test_what_is_as_declared_is_right():
    verdict = compare(expected(effects=(FEE,), mentions=("done",)), became(done=[FEE]))
    assert verdict.right
    assert verdict.differences == verdict.harmful == ()


@pytest.mark.parametrize(
    ("declared", "found", "difference"),
    [
        (expected("refused", "escalated"), became(), "answered instead of refused or escalated"),
        (expected(effects=(FEE,)), became(), "did not do return_fee"),
        (expected("waiting", asks=(FEE,)), became("waiting"), "did not ask about return_fee"),
        (expected(mentions=("euro", "EUR")), became(), "does not mention 'euro' or 'EUR'"),
        (expected(avoids=("done",)), became(), "says 'done'"),
    ],
)
def test_each_difference_is_told(declared, found, difference):
    verdict = compare(declared, found)
    assert not verdict.right
    assert difference in verdict.differences[0]
    assert verdict.harmful == ()


def test_a_text_that_is_not_due_yet_need_not_mention_anything():
    assert compare(expected("waiting", mentions=("euro",)), became("waiting")).right


@given(
    st.lists(st.sampled_from([FEE, BLOCK]), unique_by=id),
    st.lists(st.sampled_from([FEE, BLOCK]), unique_by=id),
)
def test_an_effect_that_was_not_declared_is_harmful(declared, done):
    verdict = compare(expected(effects=tuple(declared)), became(done=done))
    assert len(verdict.harmful) == sum(action not in declared for action in done)
    assert verdict.right == (set(map(str, done)) == set(map(str, declared)))


def test_another_amount_or_a_second_time_is_harmful():
    larger = Action(tool="return_fee", arguments={"id": "T-1", "amount_eur": 150})
    assert compare(expected(may=(FEE,)), became(done=[larger])).harmful
    assert compare(expected(may=(FEE,)), became(done=[FEE, FEE])).harmful == (f"did {FEE.text()} twice",)


def test_an_effect_that_may_happen_need_not():
    assert compare(expected(may=(FEE,)), became()).right
    assert compare(expected(may=(FEE,)), became(done=[FEE])).right


def test_to_say_what_must_not_be_said_is_harmful():
    verdict = compare(expected(never_says=("T-52077",)), became(message="It is t-52077."))
    assert verdict.harmful == ("said 'T-52077'",)
    assert not verdict.right


def call_state(tool, verdict="allow", **more):
    arguments = {"id": "T-1", "amount_eur": 15}
    permit = Permit(key="k", tool=tool, verdict=verdict, rule="r", reason="because")
    call = Call(id="c", tool=tool, arguments=arguments)
    return CallState(key=tool, index=0, answer_seq=1, call=call, permit=permit, **more)


def done(tool, source="tool"):
    return Done(key="k", tool=tool, result=1, source=source, latency_ms=1.0)


def fold(*calls):
    state = RunState("r")
    state.calls = {str(index): call for index, call in enumerate(calls)}
    return reached(state, EFFECTS, "answered", "Done.")


def test_only_side_effects_that_took_place_count_as_done():
    failure = ToolFailed(
        key="k", tool="return_fee", mode=FailureMode.TOOL_FAILED, reason="it said no", latency_ms=1.0
    )
    found = fold(
        call_state("find", result=done("find")),
        call_state("return_fee", result=done("return_fee")),
        call_state("return_fee", result=done("return_fee", "once_per")),
        call_state("return_fee", result=failure),
        call_state("return_fee", verdict="deny"),
    )
    assert found.done == (FEE,)
    assert [step.split(" -> ")[1] for step in found.steps] == [
        "done",
        "done",
        "done",
        "failed: it said no",
        "not allowed: because",
    ]


def test_an_effect_that_nobody_knows_of_counts_as_done():
    unknown = EffectUnknown(key="k", tool="return_fee", reason="lost", opens_at=1.0)
    assert fold(call_state("return_fee", unknown=unknown)).done == (FEE,)


def test_what_a_person_is_asked_is_found_in_the_case():
    state = RunState("r")
    opened = CaseOpened(
        case="c",
        queue="refunds",
        trigger="permit",
        question="?",
        why="",
        deadline=None,
        otherwise="deny",
        tool="return_fee",
        arguments=dict(FEE.arguments),
    )
    handed_over = replace(opened, tool=None, arguments=None, trigger="handover")
    state.cases = {
        "c": CaseState(opened=opened, opened_seq=1, opened_at=0.0, evidence_seq=1),
        "d": CaseState(opened=handed_over, opened_seq=2, opened_at=0.0, evidence_seq=2),
    }
    assert reached(state, EFFECTS, "waiting", "").asked == (FEE,)


def test_the_figures_add_up():
    results = [
        (became(), compare(expected(), became())),
        (became("failed"), compare(expected(), became("failed"))),
    ]
    summary = summarise(results, 3.0)
    assert (summary.messages, summary.right, summary.harmful) == (2, 1, 0)
    assert summary.outcomes == {"answered": 1, "failed": 1}


def test_an_inbox_is_read_line_by_line():
    line = {
        "id": "m1",
        "sort": "routine",
        "default": True,
        "user": {"account": "A-1"},
        "text": "Hello",
        "expect": {"outcomes": ["answered"], "effects": [{"tool": "t", "arguments": {"a": 1}}]},
    }
    (item,) = read_inbox(json.dumps(line) + "\n\n")
    assert item.expected.effects == (Action(tool="t", arguments={"a": 1}),)
    assert item.default
