"""What may be done with a case beside deciding it: whatever people try, one at a time has it."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remit.event import CaseOpened, HandedOn, Released, Reserved, Snoozed, Undone
from remit.handover import (
    Accepted,
    CaseState,
    Rejected,
    hand_on,
    release,
    reserve,
    snooze,
    stands,
    take_back,
    validate_decision,
)

OPENED = CaseOpened(
    case="c1",
    queue="refunds",
    trigger="permit",
    question="Call refund?",
    why="A person decides.",
    deadline=1000.0,
    otherwise="deny",
)
CASE = CaseState(opened=OPENED, decided=None, evidence_seq=7, user_id="u1", queue="refunds", undo_s=10.0)
TERMS: Any = {"priority": 0, "undo_s": 10.0, "notify": 0}
PEOPLE = st.sampled_from(["ann", "bob", "u1", "", "deadline"])


def after(case: CaseState, event: Any) -> CaseState:
    match event:
        case Accepted():
            return replace(case, decided=event.decided, held=True, reserved=None)
        case Undone():
            return replace(case, decided=None, held=False)
        case HandedOn():
            return replace(case, queue=event.queue, reserved=None)
        case Reserved():
            return replace(case, reserved=event)
        case Released() | Snoozed():
            return replace(case, reserved=None)
    return case


ACTS = st.tuples(
    st.sampled_from(["decide", "reserve", "release", "snooze", "hand_on", "take_back"]),
    PEOPLE,
    st.floats(0, 30),
    st.floats(-5, 60),
)


def tried(case: CaseState, act: str, by: str, time_s: float, now: float) -> Any:
    match act:
        case "decide":
            return validate_decision(case, decision="approve", by=by, reason="", seen_seq=7, now=now)
        case "reserve":
            return reserve(case, by=by, until=now + time_s, now=now)
        case "release":
            return release(case, by=by, now=now)
        case "snooze":
            return snooze(case, by=by, until=now + time_s, now=now)
        case "hand_on":
            return hand_on(case, by=by, queue="others", unknown="", reason="", terms=TERMS, now=now)
        case _:
            return take_back(case, by=by, now=now)


@given(st.lists(ACTS, max_size=40))
def test_one_person_at_a_time_has_a_case(acts: list[Any]) -> None:
    case, now = CASE, 0.0
    for act, by, passed_s, time_s in acts:
        now += passed_s
        result = tried(case, act, by, time_s, now)
        if isinstance(result, Rejected):
            assert result.reason
            continue
        assert by in ("ann", "bob")
        reserved = case.reserved
        assert reserved is None or reserved.until <= now or reserved.by == by
        if isinstance(result, Undone):
            assert case.decided is not None
            assert case.decided.by == by
            assert now < case.decided.counts_from
        else:
            assert case.decided is None
            assert now < 1000.0
        if isinstance(result, Reserved | Snoozed):
            assert result.until > now
        case = after(case, result)


@given(st.floats(0, 900), st.floats(0, 30))
def test_a_decision_is_either_taken_back_or_counts(decided_at: float, later_s: float) -> None:
    accepted = validate_decision(CASE, decision="approve", by="ann", reason="", seen_seq=7, now=decided_at)
    case = after(CASE, accepted)
    now = decided_at + later_s
    taken_back = isinstance(take_back(case, by="ann", now=now), Undone)
    assert taken_back != (stands(case, now) is not None)
