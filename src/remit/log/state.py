"""A run as it stands: what the fold of its events says."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from remit.event import (
    Admitted,
    Call,
    Cancelled,
    CaseOpened,
    Decided,
    Diverted,
    Done,
    EffectUnknown,
    GrantFrozen,
    HandedOn,
    HandOverAsked,
    Integrity,
    Intended,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    OutputChecked,
    Permit,
    Reserved,
    Scored,
    Screened,
    SetAside,
    ToolFailed,
    Usage,
)
from remit.outcome import Outcome

OUTLIVES_ITS_RUN = ("handover", "caller_request", "effect_unknown", "audit")
"""Triggers of cases that somebody has to look at even when the run is over: the matter itself, a call in
doubt, an answer that was drawn to be labelled."""


def call_key(run_id: str, answer_seq: int, index: int) -> str:
    """The key of one call of one model answer: the same in every wake."""
    return sha256(f"{run_id}:{answer_seq}:{index}".encode()).hexdigest()[:32]


@dataclass(slots=True, kw_only=True)
class CallState:
    """One call of one model answer, from the wish to its end."""

    key: str
    index: int
    answer_seq: int
    call: Call
    integrity: Integrity = Integrity.THIRD_PARTY
    """The meet of all that the model had been shown when it asked for the call."""
    permit: Permit | None = None
    intents: list[Intended] = field(default_factory=list[Intended])
    first_intended_at: float = 0.0
    result: Done | ToolFailed | None = None
    result_seq: int = 0
    unknown: EffectUnknown | None = None
    case: str | None = None
    decision: Decided | None = None
    text: str | None = None
    """How the result was worded for the model, once it was."""

    @property
    def in_flight(self) -> bool:
        """It was or may have been sent, and nothing is known of its end."""
        return bool(self.intents) and self.result is None and self.unknown is None

    @property
    def settled(self) -> bool:
        """The model can be told what became of it."""
        if self.result is not None:
            return True
        if self.permit is None:
            return False
        if self.permit.verdict == "ask":
            return self.decision is not None and self.decision.decision == "reject"
        return self.permit.verdict in ("deny", "invalid", "unknown_tool")


@dataclass(slots=True, kw_only=True)
class CaseState:
    """One case: how it was opened and, if it was, decided."""

    opened: CaseOpened
    opened_seq: int
    opened_at: float
    evidence_seq: int
    decided: Decided | None = None
    held: bool = False
    """It is decided, and the decision can still be taken back."""
    consumed: bool = False
    """The run has gone on with the decision: nothing takes it back any more."""
    moved: HandedOn | None = None
    """Where it was handed on to last."""
    snoozed_until: float = 0.0
    reserved: Reserved | None = None
    """Who works on it, if the time for that is not over."""
    consulted: str = ""
    """The run that decides it, where another agent or model was consulted."""

    @property
    def with_expert(self) -> bool:
        """Another agent or model is to decide it, and has not done so or passed it on."""
        return bool(self.opened.expert) and self.open and self.moved is None

    @property
    def outlives_its_run(self) -> bool:
        """Somebody has to look at it even when the run is over."""
        return self.opened.trigger in OUTLIVES_ITS_RUN and not self.with_expert

    @property
    def queue(self) -> str:
        """Where it waits now."""
        return self.moved.queue if self.moved is not None else self.opened.queue

    @property
    def undo_s(self) -> float:
        """For how many seconds a decision can be taken back there."""
        return self.moved.undo_s if self.moved is not None else self.opened.undo_s

    @property
    def open(self) -> bool:
        """No decision on it counts yet."""
        return self.decided is None or self.held

    @property
    def due_at(self) -> float | None:
        """When it falls to its default, or the decision on it comes to count."""
        return self.decided.counts_from if self.decided is not None else self.opened.deadline


def _passed_on(case: CaseState) -> bool:
    """A matter as a whole that came back from another agent or model: people have it, without the run."""
    return case.opened.trigger == "handover" and case.moved is not None


@dataclass(slots=True, kw_only=True)
class Note:
    """A correction that the runtime said to the model."""

    text: str
    seq: int


@dataclass(slots=True)
class RunState:
    """The fold of a run's events; changed by `remit.log.fold.apply` alone."""

    run_id: str
    head: int = -1
    chain: bytes = b""
    admitted: Admitted | None = None
    admitted_at: float = 0.0
    last_at: float = 0.0
    ended_at: float | None = None
    wake: str | None = None
    wakes: int = 0
    """Wakes since the last progress."""
    working_s: float = 0.0
    usage: Usage = field(default_factory=Usage)
    steps: int = 0
    screened: Screened | None = None
    frozen: GrantFrozen | None = None
    """What this run may do, once that is fixed."""
    asked: ModelAsked | None = None
    """The question to a model that has no answer yet."""
    asked_seq: int = 0
    answer: ModelAnswered | None = None
    """The last answer that carries the task forward."""
    answer_seq: int = -1
    model_failed: ModelFailed | None = None
    checked: OutputChecked | None = None
    repairs: int = 0
    samples: list[ModelAnswered] = field(default_factory=list[ModelAnswered])
    """More answers to the same question, asked for to score the last one."""
    judged: ModelAnswered | None = None
    """What the judge said of the last answer."""
    unscored: str = ""
    """Why no second opinion on the last answer could be had."""
    scored: Scored | None = None
    """How sure the last answer is."""
    transcript: list[ModelAnswered | CallState | Note] = field(
        default_factory=list[ModelAnswered | CallState | Note]
    )
    answer_seqs: list[int] = field(default_factory=list[int])
    current: list[CallState] = field(default_factory=list[CallState])
    """The calls of the last answer, in its order."""
    calls: dict[str, CallState] = field(default_factory=dict[str, CallState])
    cases: dict[str, CaseState] = field(default_factory=dict[str, CaseState])
    summaries: dict[str, str] = field(default_factory=dict[str, str])
    diverted: Diverted | None = None
    cancelled: Cancelled | None = None
    hand_over: HandOverAsked | None = None
    """That a caller wants a person to take it over."""
    set_aside: SetAside | None = None
    release: str = ""
    """The hash of the release that the run goes on with; empty where any that is current will do."""
    postponed_until: float | None = None
    """From when a run that let go of its worker may be taken again."""
    outcome: Outcome | None = None
    integrity: Integrity = Integrity.OPERATOR
    """The meet of all that a model was shown in this run; it never rises."""

    def open_cases(self) -> list[CaseState]:
        """Cases that hold the run up."""
        undecided = [case for case in self.cases.values() if case.open]
        return [case for case in undecided if case.opened.trigger != "audit" and not _passed_on(case)]

    def taken_over(self) -> CaseState | None:
        """The case by which the run as a whole was given to another agent or model."""
        for case in self.cases.values():
            if case.opened.trigger == "handover" and case.opened.expert:
                return case
        return None

    def draft_case(self) -> CaseState | None:
        """The case of the last answer, where it is not sure enough to go out by itself."""
        cases = [case for case in self.cases.values() if case.opened.trigger == "low_confidence"]
        of_answer = [case for case in cases if case.opened_seq > self.answer_seq]
        return of_answer[-1] if of_answer else None

    def draft(self) -> Any:
        """The answer that a person was asked about, as the agent gave it."""
        case = self.draft_case()
        return (case.opened.arguments or {}).get("answer") if case is not None else None

    @property
    def state(self) -> str:
        """The run row's state: runnable, waiting, ended or set_aside."""
        if self.outcome is not None:
            return "ended"
        if self.set_aside is not None:
            return "set_aside"
        if self.cancelled is None and self.hand_over is None and self.open_cases():
            return "waiting"
        return "runnable"

    def deadline(self) -> float | None:
        """When the first open case falls to its default, or the run itself is stopped."""
        if self.state not in ("waiting", "runnable") or self.admitted is None:
            return None
        own = self.admitted.deadline if self.cancelled is None else None
        cases = self.open_cases() if self.state == "waiting" else ()
        times = [own, *(case.due_at for case in cases)]
        return min((time for time in times if time is not None), default=None)

    def results(self) -> list[Done]:
        """What the tools returned so far, in the order of the calls."""
        return [call.result for call in self.calls.values() if isinstance(call.result, Done)]
