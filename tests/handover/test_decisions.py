"""Decisions: the first valid one counts, once; the default applies after the deadline and not before."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.event import CaseOpened, Decided
from remit.handover import Accepted, CaseState, Rejected, due, validate_decision

OPENED = CaseOpened(
    case="c1",
    queue="refunds",
    trigger="permit",
    question="Call refund?",
    why="A person decides.",
    deadline=1000.0,
    otherwise="deny",
    key="k1",
    tool="refund",
    arguments={"amount": 5},
)
CASE = CaseState(opened=OPENED, decided=None, evidence_seq=7, user_id="U1@example.com")
UNKNOWN = replace(
    CASE, opened=replace(OPENED, trigger="effect_unknown", otherwise="none", deadline=None, opens_at=500.0)
)


def decide(case: CaseState, decision: str = "approve", **changes: Any) -> Accepted | Rejected:
    wish: dict[str, Any] = {"by": "ann", "reason": "checked", "seen_seq": 7, "now": 600.0, **changes}
    return validate_decision(case, decision=decision, **wish)


def refusal(case: CaseState, decision: str = "approve", **changes: Any) -> str:
    verdict = decide(case, decision, **changes)
    assert isinstance(verdict, Rejected)
    return verdict.reason


def test_a_valid_decision_becomes_an_event() -> None:
    assert decide(CASE, by=" ann ", reason=" fine ") == Accepted(
        decided=Decided(case="c1", decision="approve", by="ann", reason="fine", seen_seq=7)
    )
    edited = decide(CASE, "edit", arguments={"amount": 4})
    assert isinstance(edited, Accepted)
    assert edited.decided.arguments == {"amount": 4}
    assert isinstance(decide(CASE, "answer", answer="It is on its way."), Accepted)
    assert isinstance(decide(CASE, "approve", reason=""), Accepted)
    assert isinstance(decide(replace(CASE, user_id=None)), Accepted)


def test_a_decided_or_void_case_takes_no_decision() -> None:
    decided = Decided(case="c1", decision="reject", by="bob", reason="no", seen_seq=7)
    assert "already decided: reject by bob" in refusal(replace(CASE, decided=decided))
    assert "the run was cancelled" in refusal(replace(CASE, voided="the run was cancelled"))


def test_stale_evidence_is_refused() -> None:
    assert "newer evidence" in refusal(CASE, seen_seq=6)
    assert isinstance(decide(CASE, seen_seq=8), Accepted)


@pytest.mark.parametrize(
    "by", ["u1@example.com", "U1@EXAMPLE.COM ", "", "  ", "deadline", "Deadline", "a\x1bb", "x" * 201]
)
def test_who_may_not_decide(by: str) -> None:
    for decision in ("approve", "reject"):
        assert refusal(CASE, decision, by=by)


def test_what_a_decision_needs() -> None:
    assert "needs the arguments" in refusal(CASE, "edit")
    assert "Only an edit" in refusal(CASE, "approve", arguments={"amount": 1})
    assert "answer is missing" in refusal(CASE, "answer")
    assert "Only `answer`" in refusal(CASE, "approve", answer="yes")
    assert "needs a reason" in refusal(CASE, "reject", reason="  ")


@pytest.mark.parametrize(
    ("trigger", "allowed"),
    [
        ("permit", {"approve", "edit", "reject", "answer"}),
        ("effect_unknown", {"happened", "not_happened"}),
        ("handover", {"answer", "reject"}),
        ("poisoned", {"approve", "reject"}),
    ],
)
def test_what_may_be_decided_where(trigger: Any, allowed: set[str]) -> None:
    case = replace(CASE, opened=replace(OPENED, trigger=trigger, otherwise="none"))
    for decision in (
        "approve",
        "edit",
        "reject",
        "answer",
        "happened",
        "not_happened",
        "maybe",
        "\x1b" * 999,
    ):
        verdict = decide(
            case,
            decision,
            arguments={} if decision == "edit" else None,
            answer="yes" if decision == "answer" else None,
        )
        assert isinstance(verdict, Accepted) == (decision in allowed)
        if isinstance(verdict, Rejected):
            assert len(verdict.reason) < 400
            assert verdict.reason.isprintable()


def test_an_unknown_effect_opens_late_and_has_no_default() -> None:
    assert "opens for decision in 100 s" in refusal(UNKNOWN, "happened", now=400.0)
    assert isinstance(decide(UNKNOWN, "happened", now=500.0, answer={"id": 1}), Accepted)
    assert isinstance(decide(UNKNOWN, "not_happened"), Accepted)
    assert due(UNKNOWN, 1e12) is None


@pytest.mark.parametrize(("otherwise", "decision"), [("deny", "reject"), ("approve", "approve")])
def test_the_default_after_the_deadline(otherwise: Any, decision: str) -> None:
    case = replace(CASE, opened=replace(OPENED, otherwise=otherwise))
    assert due(case, 999.999) is None
    decided = due(case, 1000.0)
    assert decided is not None
    assert (decided.decision, decided.by, decided.seen_seq) == (decision, "deadline", 7)
    assert "deadline has passed" in refusal(case, now=1000.0)
    assert due(replace(case, voided="the run ended"), 2000.0) is None
    assert due(replace(case, opened=replace(OPENED, deadline=None)), 2000.0) is None


WISHES = st.fixed_dictionaries(
    {
        "decision": st.sampled_from(["approve", "edit", "reject", "answer", "happened", "not_happened", "x"]),
        "by": st.sampled_from(["ann", "bob", "U1@example.com", "deadline", ""]),
        "reason": st.sampled_from(["", "why"]),
        "seen_seq": st.integers(5, 9),
        "now": st.floats(0, 2000),
        "arguments": st.none() | st.just({"amount": 1}),
        "answer": st.none() | st.just("text"),
    }
)


@given(
    st.lists(WISHES, max_size=30),
    st.sampled_from(["permit", "effect_unknown", "handover", "poisoned"]),
    st.sampled_from(["approve", "deny", "none"]),
    st.floats(0, 2000),
)
def test_a_case_is_decided_at_most_once(
    wishes: list[dict[str, Any]], trigger: Any, otherwise: Any, opens_at: float
) -> None:
    opened = replace(OPENED, trigger=trigger, otherwise=otherwise, opens_at=opens_at)
    case, decided = replace(CASE, opened=opened), []
    for wish in sorted(wishes, key=lambda each: each["now"]):
        by_default = due(case, wish["now"])
        if by_default is not None:
            assert wish["now"] >= 1000.0
            decided.append(by_default)
            case = replace(case, decided=by_default)
        verdict = validate_decision(case, **wish)
        if isinstance(verdict, Accepted):
            assert wish["by"] in ("ann", "bob")
            assert wish["seen_seq"] >= 7
            assert wish["now"] >= opens_at
            assert otherwise == "none" or wish["now"] < 1000.0
            decided.append(verdict.decided)
            case = replace(case, decided=verdict.decided)
        else:
            assert verdict.reason
    assert len(decided) <= 1
