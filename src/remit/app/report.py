"""What a caller is told of a run: its outcome, or the case that it waits for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from remit.handover import allowed
from remit.log import CaseState, RunState
from remit.outcome import Outcome, Waiting

NO_DEADLINE = datetime.max.replace(tzinfo=UTC)


def outcome_of(state: RunState) -> Outcome | Waiting:
    """The outcome of a run that ended, else what it waits for; ValueError while it is under way."""
    if state.outcome is not None:
        return state.outcome
    cases = state.open_cases()
    if not cases:
        raise ValueError(f"run {state.run_id} is under way")
    return waiting_for(state, cases[0])


def waiting_for(state: RunState, case: CaseState) -> Waiting:
    """The case that holds the run up, as the caller sees it."""
    deadline = case.opened.deadline
    return Waiting(
        run_id=state.run_id,
        case=case.opened.case,
        queue=case.opened.queue,
        question=case.opened.question,
        deadline=datetime.fromtimestamp(deadline, UTC) if deadline is not None else NO_DEADLINE,
        allowed=allowed(case.opened) if case.decided is None else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterAnswer:
    """What a person answered after the run had ended by being passed on to them."""

    case: str
    answer: Any
    by: str


def later_answer(state: RunState) -> LaterAnswer | None:
    """The last answer that counts, of a case that outlives its run; None where nobody gave one."""
    for case in reversed(state.cases.values()):
        decided = case.decided
        if case.outlives_its_run and not case.open and decided is not None and decided.decision == "answer":
            return LaterAnswer(case=case.opened.case, answer=decided.answer, by=decided.by)
    return None
