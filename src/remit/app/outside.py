"""What reaches a run from outside its wakes: decisions, deadlines, cancellations, ratings.

Each is validated against the fold and appended at the next free seq; after a collision it is
validated anew, so the first valid decision wins.
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

from remit.app.promises import watch_promise
from remit.errors import DecisionRefused, NotFound
from remit.event import Cancelled, Decided, Ended, Event, Rated, UnknownKind
from remit.handover import DEADLINE, Accepted, due, stands, validate_decision
from remit.handover import CaseState as CaseFacts
from remit.intake import text_of
from remit.log import CaseState, Log, RunState
from remit.outcome import Answered, Failed, FailureMode
from remit.store import Collision

Decision = Literal["approve", "edit", "reject", "answer", "happened", "not_happened"]


def append(log: Log, run_id: str, make: Callable[[RunState], Event | Sequence[Event] | None]) -> bool:
    """Appends what `make` finds right for the run as it stands; False if it finds nothing."""
    while True:
        appender = log.appender(log.fold(run_id))
        made = make(appender.state)
        if made is None:
            return False
        for event in made if isinstance(made, Sequence) else (made,):
            appender.add(event)
        try:
            appender.flush_from_outside()
        except Collision:
            continue
        return True


def run_of_case(log: Log, case: str) -> str:
    """The run that a case belongs to; NotFound if there is no such case."""
    row = log.store.row("case_row", {"case_id": case})
    if row is None:
        raise NotFound(f"There is no case {case} in this log.", remedy="`remit cases` lists the open ones.")
    return row["run_id"]


def decide(
    log: Log,
    case: str,
    decision: Decision,
    *,
    by: str,
    reason: str,
    arguments: dict[str, Any] | None,
    answer: Any,
    seen_seq: int | None,
) -> str:
    """Appends a person's decision; its run id. DecisionRefused says why it was not taken; NotFound
    if there is no such case, or what was read is older than it."""
    run_id = run_of_case(log, case)

    def make(state: RunState) -> Sequence[Event]:
        opened = state.cases.get(case)
        if opened is None:
            raise NotFound(f"What was read of run {run_id} is older than case {case}.", remedy="Try again.")
        facts = facts_of(state, opened)
        verdict = validate_decision(
            facts,
            decision=decision,
            by=by,
            reason=reason,
            arguments=arguments,
            answer=answer,
            seen_seq=facts.evidence_seq if seen_seq is None else seen_seq,
            now=log.clock(),
        )
        if not isinstance(verdict, Accepted):
            raise DecisionRefused(verdict.reason, ground=verdict.ground)
        return (verdict.decided, *_end_of_gone(state, opened, verdict.decided))

    append(log, run_id, make)
    watch_promise(log, run_id)
    stop_consulted(log, run_id, by=by, reason=f"case {case} was decided without it", of=case)
    return run_id


def _end_of_gone(state: RunState, case: CaseState, decided: Decided) -> Sequence[Event]:
    """The end of a run whose release is gone, where a person gave it one: no worker could.

    A call in doubt keeps it open; a worker with the current release asks about that first.
    """
    if case.opened.trigger != "release_gone" or decided.decision == "approve":
        return ()
    doubt = any(call.in_flight or (call.unknown and call.result is None) for call in state.calls.values())
    if decided.decision == "answer":
        if doubt:
            reason = "A call of this run is in doubt; approve or reject, so that it is asked about first."
            raise DecisionRefused(reason)
        message = text_of(decided.answer)
        return (Ended(outcome=Answered(output=decided.answer, message=message, by="person")),)
    if doubt:
        return ()
    failed = Failed(
        mode=FailureMode.CANCELLED, message="This was stopped.", reason=f"{decided.by}: {decided.reason}"
    )
    return (Ended(outcome=failed),)


def facts_of(state: RunState, case: CaseState) -> CaseFacts:
    """A case in the words of the room that judges decisions."""
    user = state.admitted.user if state.admitted is not None else None
    return CaseFacts(
        opened=case.opened,
        decided=case.decided,
        evidence_seq=case.evidence_seq,
        run_id=state.run_id,
        voided=_voided(state, case),
        queue=case.queue,
        undo_s=case.undo_s if state.outcome is None else 0.0,
        held=case.held,
        reserved=case.reserved,
        snoozed_until=case.snoozed_until,
        user_id=str(user["id"]) if user and "id" in user else None,
    )


def _voided(state: RunState, case: CaseState) -> str:
    """Why the case is past deciding; a matter handed over and a call in doubt outlive their run."""
    if state.outcome is None or case.outlives_its_run:
        return ""
    return f"run {state.run_id} has ended: {state.outcome.kind}"


def expire(log: Log) -> list[str]:
    """Applies the default of every case that is past its deadline, and every decision that can no longer be
    taken back; the cases."""
    expired: list[str] = []
    for row in log.store.rows("due_runs", {"most": 1000}):
        # A run that this code cannot read is left to one that can.
        with contextlib.suppress(UnknownKind, NotFound, ValueError):
            expired += expire_run(log, row["run_id"])
    return expired


def expire_run(log: Log, run_id: str) -> list[str]:
    """The same for one run."""
    expired: list[str] = []
    while append(log, run_id, lambda state: _next_due(log, state, expired)):
        pass
    if expired:
        watch_promise(log, run_id)
    return list(dict.fromkeys(expired))


def _next_due(log: Log, state: RunState, expired: list[str]) -> Event | None:
    for case in state.open_cases():
        facts = facts_of(state, case)
        followed = due(facts, log.clock()) or stands(facts, log.clock())
        if followed is not None:
            expired.append(followed.case)
            return followed
    own = state.admitted.deadline if state.admitted is not None else None
    if own is None or own > log.clock() or state.cancelled is not None or state.outcome is not None:
        return None
    return Cancelled(by=DEADLINE, reason="the run was not finished by its deadline")


def cancel(log: Log, run_id: str, *, by: str, reason: str) -> None:
    """Appends a cancellation; DecisionRefused if the run has ended."""

    def make(state: RunState) -> Event | None:
        if state.outcome is not None:
            raise DecisionRefused(f"Run {run_id} has ended already: {state.outcome.kind}.")
        return None if state.cancelled is not None else Cancelled(by=by, reason=reason)

    append(log, run_id, make)
    stop_consulted(log, run_id, by=by, reason=reason)


def stop_consulted(log: Log, run_id: str, *, by: str, reason: str, of: str | None = None) -> None:
    """Cancels the runs that were to decide the cases of this one, or one of them, as far as they go on."""
    for case in log.fold(run_id).cases.values():
        if case.consulted and of in (None, case.opened.case):
            with contextlib.suppress(DecisionRefused, NotFound):
                cancel(log, case.consulted, by=by, reason=reason)


def rate(log: Log, run_id: str, rated: Rated) -> None:
    """Appends somebody's judgement."""
    append(log, run_id, lambda _: rated)
    watch_promise(log, run_id)
