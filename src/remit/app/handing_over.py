"""A caller's wish that a person takes a run over, judged against the fold and appended from outside."""

from collections.abc import Sequence

from remit.app.outside import append, stop_consulted
from remit.app.reviewing import contract_of
from remit.contract import Contract, unknown_queue
from remit.errors import DecisionRefused
from remit.event import Event, HandedOn, HandOverAsked
from remit.handover import case_for_caller, queue_terms
from remit.intake import text_of
from remit.log import Log, RunState, new_id
from remit.outcome import Escalated


def hand_over(log: Log, run_id: str, *, by: str, reason: str, queue: str | None = None) -> None:
    """Has a run end as a person's; one that has ended gets a case of its own.

    DecisionRefused if it is a person's already or the remit has no such queue; NotFound if there is no such
    run. Asked for again while it is under way, nothing changes.
    """

    def make(state: RunState) -> Sequence[Event] | None:
        if state.hand_over is not None and state.outcome is None:
            return None
        asked = HandOverAsked(by=by.strip(), reason=reason.strip(), queue=queue)
        contract = contract_of(log, state)
        unknown = unknown_queue(contract, queue) if contract is not None and queue is not None else ""
        cases = [case for case in state.cases.values() if case.opened.trigger in _A_PERSONS]
        if contract is None or not asked.by or unknown:
            why = unknown or ("Somebody has to ask." if contract else "Its release is gone from this log.")
            raise DecisionRefused(why, ground="unfit")
        if isinstance(state.outcome, Escalated) or any(case.open and not case.with_expert for case in cases):
            raise DecisionRefused(f"Run {run_id} is a person's already.")
        if state.outcome is None:
            return (_of_expert(state, asked, contract) or asked,)
        case = case_for_caller(
            contract,
            case_id=new_id(log.clock(), log.random_bytes),
            asked=asked,
            request=text_of(state.admitted.input) if state.admitted is not None else "",
            now=log.clock(),
        )
        return (asked, case)

    append(log, run_id, make)
    stop_consulted(log, run_id, by=by.strip(), reason=reason.strip())


def _of_expert(state: RunState, asked: HandOverAsked, contract: Contract) -> HandedOn | None:
    """The matter that another agent or model has, given to people; None where none has it."""
    given = state.taken_over()
    if given is None or not given.with_expert:
        return None
    queue = asked.queue or given.opened.then
    terms = queue_terms(contract, queue)
    return HandedOn(case=given.opened.case, by=asked.by, queue=queue, reason=asked.reason, **terms)


_A_PERSONS = ("handover", "caller_request")
