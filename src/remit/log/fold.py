"""A run is the fold of its events: one pure function per kind."""

from collections.abc import Callable
from typing import Any

from remit.event import (
    Administered,
    Admitted,
    Cancelled,
    CaseOpened,
    Consulted,
    Decided,
    DecisionStands,
    Diverted,
    Done,
    EffectUnknown,
    Ended,
    Event,
    GrantFrozen,
    HandedOn,
    HandOverAsked,
    Integrity,
    Intended,
    Late,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    Moved,
    OutputChecked,
    Permitted,
    Postponed,
    PromiseExpired,
    Rated,
    Released,
    Reserved,
    Scored,
    Screened,
    SetAside,
    Snoozed,
    Taken,
    ToolFailed,
    Undone,
    Usage,
    WindowFitted,
    meet,
)
from remit.log.state import CallState, CaseState, Note, RunState, call_key


def apply(state: RunState, event: Event, seq: int, at: float) -> None:
    """Advances the state by one event; every kind is known, or KeyError."""
    if type(event) in _WORK:
        state.working_s += max(0.0, at - state.last_at)
        state.wakes = 0
    if type(event) in _CONSUMING:
        _consume(state)
    state.head = seq
    state.last_at = at
    _APPLY[type(event)](state, event, seq, at)


def _admitted(state: RunState, event: Admitted, seq: int, at: float) -> None:
    state.admitted = event
    state.admitted_at = at
    state.release = event.release
    state.integrity = Integrity.USER if event.input_from == "principal" else Integrity.THIRD_PARTY


def _taken(state: RunState, event: Taken, seq: int, at: float) -> None:
    state.wake = event.wake
    state.postponed_until = None
    state.wakes += 1


def _screened(state: RunState, event: Screened, seq: int, at: float) -> None:
    state.screened = event


def _grant_frozen(state: RunState, event: GrantFrozen, seq: int, at: float) -> None:
    state.frozen = event
    state.integrity = meet((state.integrity, event.integrity))


def _window_fitted(state: RunState, event: WindowFitted, seq: int, at: float) -> None:
    if event.summary:
        state.summaries[event.summary_key] = event.summary


def _model_asked(state: RunState, event: ModelAsked, seq: int, at: float) -> None:
    if state.asked is not None:
        # The answer to the earlier question was lost with its wake; what it read was still paid for.
        state.usage = state.usage.plus(Usage(input_tokens=state.asked.window.tokens))
    state.asked = event
    state.asked_seq = seq
    state.model_failed = None
    state.steps += 1
    if event.note:
        state.transcript.append(Note(text=event.note, seq=seq))
        state.repairs += 1


def _model_answered(state: RunState, event: ModelAnswered, seq: int, at: float) -> None:
    state.asked = None
    state.usage = state.usage.plus(event.usage)
    state.model_failed = None
    if event.purpose == "sample":
        state.samples.append(event)
    elif event.purpose == "judge":
        state.judged = event
    if event.purpose not in ("step", "repair"):
        return
    state.answer = event
    state.answer_seq = seq
    state.answer_seqs.append(seq)
    state.checked = state.scored = state.judged = None
    state.samples, state.unscored = [], ""
    state.transcript.append(event)
    state.current = []
    for index, call in enumerate(event.calls):
        key = call_key(state.run_id, seq, index)
        known = CallState(key=key, index=index, answer_seq=seq, call=call, integrity=state.integrity)
        state.calls[key] = known
        state.current.append(known)
        state.transcript.append(known)


def _model_failed(state: RunState, event: ModelFailed, seq: int, at: float) -> None:
    asked, state.asked = state.asked, None
    state.usage = state.usage.plus(event.usage)
    if asked is not None and asked.purpose in ("sample", "judge"):
        # The answer stands; only how sure it is cannot be said.
        state.unscored = event.reason
        return
    state.model_failed = event


def _output_checked(state: RunState, event: OutputChecked, seq: int, at: float) -> None:
    state.checked = event


def _scored(state: RunState, event: Scored, seq: int, at: float) -> None:
    state.scored = event


def _permitted(state: RunState, event: Permitted, seq: int, at: float) -> None:
    for permit in event.permits:
        state.calls[permit.key].permit = permit


def _intended(state: RunState, event: Intended, seq: int, at: float) -> None:
    call = state.calls[event.key]
    if not call.intents:
        call.first_intended_at = at
    call.intents.append(event)
    call.unknown = None


def _finished(state: RunState, event: Done | ToolFailed, seq: int, at: float) -> None:
    call = state.calls[event.key]
    call.result = event
    call.result_seq = seq
    shown = event.integrity if isinstance(event, Done) else Integrity.THIRD_PARTY
    state.integrity = meet((state.integrity, shown))


def _effect_unknown(state: RunState, event: EffectUnknown, seq: int, at: float) -> None:
    call = state.calls[event.key]
    call.unknown = event
    # That a person approved the call says nothing about whether it took place.
    call.case = call.decision = None


def _diverted(state: RunState, event: Diverted, seq: int, at: float) -> None:
    state.diverted = event


def _case_opened(state: RunState, event: CaseOpened, seq: int, at: float) -> None:
    state.cases[event.case] = CaseState(opened=event, opened_seq=seq, opened_at=at, evidence_seq=seq)
    if event.key is not None:
        call = state.calls[event.key]
        call.case = event.case
        call.decision = None


def _decided(state: RunState, event: Decided, seq: int, at: float) -> None:
    case = state.cases[event.case]
    case.decided = event
    case.reserved = None
    case.held = event.counts_from > at
    if not case.held:
        _stands(state, case, event)


def _decision_stands(state: RunState, event: DecisionStands, seq: int, at: float) -> None:
    case = state.cases[event.case]
    if case.decided is not None and case.held:
        case.held = False
        _stands(state, case, case.decided)


def _stands(state: RunState, case: CaseState, event: Decided) -> None:
    """The run goes on with the decision."""
    state.wakes = 0
    if case.opened.key is not None:
        state.calls[case.opened.key].decision = event
    if case.opened.trigger in ("poisoned", "release_gone"):
        state.set_aside = None
        if case.opened.trigger == "release_gone":
            state.release = ""
        if event.decision == "reject":
            state.cancelled = Cancelled(by=event.by, reason=event.reason)


def _undone(state: RunState, event: Undone, seq: int, at: float) -> None:
    _void(state, state.cases[event.case])


def _void(state: RunState, case: CaseState) -> None:
    """Takes a decision away that nothing has followed from."""
    case.decided, case.held = None, False
    if case.opened.key is not None:
        state.calls[case.opened.key].decision = None


def _consume(state: RunState) -> None:
    for case in state.cases.values():
        case.consumed = not case.open


def _late(state: RunState, event: Late, seq: int, at: float) -> None:
    """What a stopped wake knew of a call is evidence: a decision that was made without it is void."""
    for case in state.cases.values():
        if case.opened.key is None or case.opened.key != event.body.get("key") or case.consumed:
            continue
        case.evidence_seq = seq
        if case.decided is not None:
            _void(state, case)


def _handed_on(state: RunState, event: HandedOn, seq: int, at: float) -> None:
    case = state.cases[event.case]
    case.moved, case.reserved, case.snoozed_until = event, None, 0.0


def _consulted(state: RunState, event: Consulted, seq: int, at: float) -> None:
    state.cases[event.case].consulted = event.run


def _snoozed(state: RunState, event: Snoozed, seq: int, at: float) -> None:
    case = state.cases[event.case]
    case.snoozed_until, case.reserved = event.until, None


def _reserved(state: RunState, event: Reserved, seq: int, at: float) -> None:
    case = state.cases[event.case]
    case.reserved, case.snoozed_until = event, 0.0


def _released(state: RunState, event: Released, seq: int, at: float) -> None:
    state.cases[event.case].reserved = None


def _cancelled(state: RunState, event: Cancelled, seq: int, at: float) -> None:
    state.cancelled = event


def _hand_over_asked(state: RunState, event: HandOverAsked, seq: int, at: float) -> None:
    state.hand_over = event


def _postponed(state: RunState, event: Postponed, seq: int, at: float) -> None:
    state.postponed_until = event.until
    state.wakes = 0


def _moved(state: RunState, event: Moved, seq: int, at: float) -> None:
    state.release = event.release


def _set_aside(state: RunState, event: SetAside, seq: int, at: float) -> None:
    state.set_aside = event


def _ended(state: RunState, event: Ended, seq: int, at: float) -> None:
    state.outcome = event.outcome
    state.ended_at = at


def _aside(state: RunState, event: Rated | PromiseExpired | Administered, seq: int, at: float) -> None:
    """Stands in the log and changes nothing."""


_APPLY: dict[type, Callable[[RunState, Any, int, float], None]] = {
    Admitted: _admitted,
    Taken: _taken,
    Screened: _screened,
    GrantFrozen: _grant_frozen,
    WindowFitted: _window_fitted,
    ModelAsked: _model_asked,
    ModelAnswered: _model_answered,
    ModelFailed: _model_failed,
    OutputChecked: _output_checked,
    Scored: _scored,
    Permitted: _permitted,
    Intended: _intended,
    Done: _finished,
    ToolFailed: _finished,
    EffectUnknown: _effect_unknown,
    Diverted: _diverted,
    CaseOpened: _case_opened,
    Decided: _decided,
    Cancelled: _cancelled,
    HandOverAsked: _hand_over_asked,
    Late: _late,
    DecisionStands: _decision_stands,
    Undone: _undone,
    HandedOn: _handed_on,
    Consulted: _consulted,
    Snoozed: _snoozed,
    Reserved: _reserved,
    Released: _released,
    Postponed: _postponed,
    Moved: _moved,
    SetAside: _set_aside,
    Rated: _aside,
    PromiseExpired: _aside,
    Ended: _ended,
    Administered: _aside,
}
_WORK = {ModelAnswered, ModelFailed, Done, ToolFailed, EffectUnknown, Ended}
"""Kinds that show progress and whose wait was the run's own work."""
_CONSUMING = {ModelAsked, Permitted, Intended, Done, ToolFailed, Ended}
"""Kinds that a wake appends because of what was decided."""
