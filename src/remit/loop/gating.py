"""What follows from how sure an answer is? Pure; the gate itself stands in `handover`."""

from typing import Any

from remit.contract import Contract, ToQueue, path_for, people_queue
from remit.event import CaseOpened
from remit.handover import DRAFT, case_for_audit, need
from remit.log import RunState
from remit.loop.experts import answerer, decides_case
from remit.loop.steps import Answer, AskAboutDraft, AskForScore, Divert, Score, Step
from remit.outcome import FailureMode


def gated(contract: Contract, state: RunState, output: Any) -> Step:
    """The next step of a run that has this answer: score it, give it, ask about it, or leave the path."""
    confidence, scored = contract.confidence, state.scored
    if confidence is None:
        return Answer(output=output)
    if scored is None:
        missing = need(confidence, state)
        return Score(output=output) if missing is None else AskForScore(purpose=missing, output=output)
    if scored.verdict != "below":
        return Answer(output=output)
    to_people = isinstance(path_for(contract, FailureMode.LOW_CONFIDENCE).path, ToQueue)
    if not to_people or decides_case(state):
        return Divert(mode=FailureMode.LOW_CONFIDENCE, reason=scored.reason)
    return _draft(state, output, scored.reason)


def _draft(state: RunState, output: Any, reason: str) -> Step:
    """What a person made of an answer that was not sure enough."""
    case = state.draft_case()
    if case is None:
        return AskAboutDraft(output=output)
    decided = case.decided
    assert decided is not None, "a run with an open case waits"
    match decided.decision:
        case "approve":
            return Answer(output=output, by="person")
        case "edit":
            return Answer(output=(decided.arguments or {})[DRAFT], by="person")
        case "answer":
            return Answer(output=decided.answer, by=answerer(decided), case=case)
        case _:
            reason = f"{reason}; {decided.by} did not let it go out: {decided.reason}"
            return Divert(mode=FailureMode.LOW_CONFIDENCE, reason=reason)


def audit_case(
    contract: Contract, state: RunState, answer: Answer, *, case_id: str, now: float
) -> CaseOpened | None:
    """The case that asks afterwards whether an answer was right; None where it was not drawn."""
    scored = state.scored
    if scored is None or not scored.drawn or scored.verdict == "below" or answer.by != "agent":
        return None
    queue = audit_queue(contract)
    if queue is None:
        return None
    return case_for_audit(
        contract, case_id=case_id, queue=queue, output=answer.output, inclusion=scored.inclusion, now=now
    )


def audit_queue(contract: Contract) -> str | None:
    """Who is asked about drawn answers: whoever gets the less sure ones, else the default queue."""
    path = path_for(contract, FailureMode.LOW_CONFIDENCE).path
    return people_queue(contract, path.queue) if isinstance(path, ToQueue) else contract.handover
