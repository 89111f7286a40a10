"""What becomes of a run whose matter another agent or model decides, and of a run that decides one? Pure."""

from typing import Literal

from remit.contract import Contract, people_queue
from remit.event import Decided
from remit.log import CaseState, RunState
from remit.loop.steps import Answer, Return, Step, Wait
from remit.outcome import side_effecting


def decides_case(state: RunState) -> bool:
    """Whether the run is there to decide a case of another one; it never has one decided in turn."""
    return state.admitted is not None and state.admitted.decides is not None


def queue_to_use(contract: Contract, state: RunState, queue: str) -> str:
    """The queue itself, or the people behind it where no other agent or model may be consulted any more.

    That is so once one was, and once the run has changed something: another run might do it again.
    """
    consulted = any(
        case.opened.expert for case in state.cases.values() if case.opened.trigger != "agent_request"
    )
    changed = any(call.intents and side_effecting(call.intents[-1].effect) for call in state.calls.values())
    return people_queue(contract, queue) if consulted or changed or decides_case(state) else queue


def taken_over(state: RunState) -> Step | None:
    """What follows once the whole matter was given away; None where it was not."""
    case = state.taken_over()
    if case is None:
        return None
    if case.with_expert:
        return Wait(case=case)
    decided = case.decided
    if decided is None or case.held or decided.decision != "answer":
        return Return(case=case)
    return Answer(output=decided.answer, by=answerer(decided), case=case)


def answerer(decided: Decided) -> Literal["person", "expert"]:
    """Whether a person or another agent or model decided."""
    return "expert" if decided.run else "person"


def expert_name(case: CaseState | None) -> str:
    """Which agent or model gave an answer, where one did."""
    return case.opened.expert if case is not None and case.decided is not None and case.decided.run else ""
