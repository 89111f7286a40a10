"""Which scored answers are known to be right or wrong? Rows that follow from the log."""

from remit.event import Decided, DecisionStands, Event, Rated, Scored
from remit.log.state import CaseState, RunState
from remit.store import Statement

DEADLINE = "deadline"


def label_rows(state: RunState, event: Event, at: float) -> list[Statement]:
    """The row of a scored answer, or of what a reviewer found of it.

    An approval says right; an edit, another answer and a rejection say wrong. What nobody decided, what
    an end user says and what the run's own user says are no labels.
    """
    match event:
        case Scored():
            return [_scored_row(state, event, at)]
        case Decided() | DecisionStands():
            return _of_case(state, state.cases[event.case], at)
        case Rated(source="staff"):
            return _label(state, event.by, event.rating == "good", at)
        case _:
            return []


def _scored_row(state: RunState, event: Scored, at: float) -> Statement:
    admitted = state.admitted
    assert admitted is not None, "a run begins with its admission"
    return Statement(
        "put_scored",
        {
            "run_id": state.run_id,
            "agent": admitted.agent,
            "release_hash": admitted.release,
            "basis": event.basis,
            "model": event.model,
            "reported_model": event.reported_model,
            "slice": event.slice,
            "score": event.score,
            "verdict": event.verdict,
            "promise": event.promise,
            "drawn": int(event.drawn),
            "at": at,
        },
    )


def _of_case(state: RunState, case: CaseState, at: float) -> list[Statement]:
    """The label that a decision gives once it counts."""
    if case.opened.trigger not in ("audit", "low_confidence") or case.decided is None or case.held:
        return []
    if case.decided.run:
        # Another agent's word is no truth about this one's answer.
        return []
    return _label(state, case.decided.by, case.decided.decision == "approve", at)


def _label(state: RunState, by: str, correct: bool, at: float) -> list[Statement]:
    user = (state.admitted.user if state.admitted is not None else None) or {}
    own = str(user.get("id", "")).strip().casefold()
    if state.scored is None or by == DEADLINE or (own and by.strip().casefold() == own):
        return []
    values = {"run_id": state.run_id, "reviewer": by, "correct": int(correct), "at": at}
    return [Statement("put_label", values)]
