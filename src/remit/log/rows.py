"""From events to rows: what each event changes beside the log itself."""

from collections.abc import Callable

from pydantic_core import to_json

from remit.event import (
    CaseOpened,
    Decided,
    Done,
    Ended,
    Event,
    GrantFrozen,
    HandedOn,
    Intended,
    Late,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    Permitted,
    Rated,
    Released,
    Reserved,
    Screened,
    Snoozed,
    Taken,
    ToolFailed,
    Undone,
    WindowFitted,
)
from remit.log.labels import label_rows
from remit.log.state import CaseState, RunState
from remit.store import Statement, Value


def head_columns(state: RunState) -> dict[str, Value]:
    """The columns that a wake moves while it goes on."""
    return {
        "run_id": state.run_id,
        "head": state.head,
        "chain": state.chain,
        "wakes": state.wakes,
        "steps": state.steps,
        "tokens": state.usage.input_tokens + state.usage.output_tokens,
        "cost_usd": state.usage.cost_usd,
    }


def run_columns(state: RunState, *, wake: str | None, lease_s: float) -> dict[str, Value]:
    """The run row's columns; `lease_s` of 0 lets the lease go.

    The lease of a run that is postponed is nobody's, until it may be taken again.
    """
    admitted = state.admitted
    assert admitted is not None, "a run begins with its admission"
    outcome = state.outcome
    status = state.state
    held = status == "runnable"
    rests = held and state.postponed_until is not None
    if rests:
        lease_s = max(0.0, (state.postponed_until or 0.0) - state.last_at)
    mode = getattr(outcome, "mode", None) or (state.diverted.mode if state.diverted else None)
    return {
        **head_columns(state),
        "wake": wake,
        "agent": admitted.agent,
        "release_hash": state.release,
        "priority": admitted.priority,
        "tenant": admitted.tenant,
        "user_id": str(admitted.user["id"]) if admitted.user and "id" in admitted.user else None,
        "conversation": admitted.conversation,
        "idempotency_key": admitted.idempotency_key,
        "state": status,
        "outcome": outcome.kind if outcome is not None else None,
        "mode": str(mode) if mode is not None else None,
        "lease_wake": wake if held and not rests else None,
        "lease_s": lease_s if held else 0.0,
        "deadline": state.deadline(),
        "admitted_at": state.admitted_at,
        "ended_at": state.ended_at,
    }


def measured(event: Event) -> tuple[str | None, int | None, float | None]:
    """Subject, failed and latency of an event that runs are searched by; three times None otherwise."""
    if type(event) not in _MEASURED:
        return None, None, None
    match event:
        case ModelAnswered():
            return event.model, 0, event.latency_ms
        case ModelFailed():
            last = event.attempts[-1].target if event.attempts else "none"
            return last, 1, sum(attempt.latency_ms for attempt in event.attempts)
        case Done(source="tool"):
            return event.tool, 0, event.latency_ms
        case ToolFailed():
            return event.tool, 1, event.latency_ms
        case Rated(rating=rating) if rating is not None:
            return rating, int(rating == "bad"), None
        case Decided(by=by):
            return by, None, None
        case Screened(verdict=verdict) if verdict != "in_scope":
            return verdict, None, None
        case _:
            return None, None, None


_MEASURED = {ModelAnswered, ModelFailed, Done, ToolFailed, Rated, Decided, Screened}

NEVER = 1e15
"""The place in the order of a case without a deadline."""

_WITHOUT_ROWS = {Taken, Screened, GrantFrozen, WindowFitted, ModelAsked, ModelAnswered, Permitted}
"""Kinds that every step of a run has, and from which no row follows."""


def projections(
    state: RunState, event: Event, at: float, redactor: Callable[[bytes], bytes]
) -> list[Statement]:
    """The rows of cases, business actions and labels that follow from an event just applied."""
    if type(event) in _WITHOUT_ROWS:
        return []
    return [*_of_cases(state, event, at, redactor), *label_rows(state, event, at)]


def _of_cases(
    state: RunState, event: Event, at: float, redactor: Callable[[bytes], bytes]
) -> list[Statement]:
    if isinstance(event, HandedOn | Snoozed | Reserved | Released):
        place = _place_of_case(state.cases[event.case])
        return [place, *(_notifications(state, event, at) if isinstance(event, HandedOn) else [])]
    match event:
        case CaseOpened():
            opening = Statement("open_case", _case_values(state, event, at))
            return [opening, *_notifications(state, event, at)]
        case Decided():
            return [Statement("close_case", {"case_id": event.case, "state": "decided"})]
        case Undone():
            return [Statement("reopen_case", {"case_id": event.case})]
        case Late():
            return [
                Statement("reopen_case", {"case_id": case.opened.case})
                for case in state.cases.values()
                if case.evidence_seq == state.head and state.outcome is None
            ]
        case Intended() if event.once_key is not None:
            values: dict[str, Value] = {
                "once_key": event.once_key,
                "run_id": state.run_id,
                "key": event.key,
                "at": at,
            }
            return [Statement("claim_once", values)]
        case Done(source="tool" | "reconciled" | "person") if _once(state, event.key):
            result = redactor(to_json(event.result))
            return [Statement("finish_once", {"key": event.key, "result": result})]
        case ToolFailed() if _once(state, event.key):
            return [Statement("free_once", {"key": event.key})]
        case Ended():
            return [
                Statement("close_case", {"case_id": case.opened.case, "state": "void"})
                for case in state.open_cases()
                if not case.outlives_its_run
            ]
        case _:
            return []


def _once(state: RunState, key: str) -> bool:
    return any(intent.once_key is not None for intent in state.calls[key].intents)


def _notifications(state: RunState, event: CaseOpened | HandedOn, at: float) -> list[Statement]:
    """One row for each who is told that the case waits in that queue now."""
    assert state.admitted is not None, "a run begins with its admission"
    shared: dict[str, Value] = {
        "case_id": event.case,
        "run_id": state.run_id,
        "agent": state.admitted.agent,
        "queue": event.queue,
        "created_at": at,
    }
    return [
        Statement(
            "put_notification",
            {**shared, "notification_id": f"{event.case}.{state.head}.{target}", "target": target},
        )
        for target in range(event.notify)
    ]


def _place_of_case(case: CaseState) -> Statement:
    """Where the case waits, and who may see to it."""
    reserved, moved = case.reserved, case.moved
    values: dict[str, Value] = {
        "case_id": case.opened.case,
        "queue": case.queue,
        "rank": -(moved.priority if moved is not None else case.opened.priority),
        "snoozed_until": case.snoozed_until,
        "reserved_by": reserved.by if reserved is not None else None,
        "reserved_until": reserved.until if reserved is not None else 0.0,
        "expert": case.opened.expert if moved is None else "",
    }
    return Statement("place_case", values)


def _case_values(state: RunState, event: CaseOpened, at: float) -> dict[str, Value]:
    return {
        "case_id": event.case,
        "run_id": state.run_id,
        "queue": event.queue,
        "reason": str(event.mode) if event.mode is not None else event.trigger,
        "question": event.question,
        "opened_at": at,
        "opens_at": event.opens_at,
        "deadline": event.deadline,
        "rank": -event.priority,
        "due": event.deadline if event.deadline is not None else NEVER,
        "expert": event.expert,
    }
