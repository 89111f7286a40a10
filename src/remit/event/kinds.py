"""What can happen in a run: one class per kind of event, a closed union.

Times are seconds since the epoch. `key` names one tool call of one model answer.
"""

from dataclasses import dataclass
from typing import Any, Literal

from remit.event.message import Attempt, Call, Part, Usage, Window
from remit.event.provenance import Integrity
from remit.outcome import Effect, FailureMode, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A run exists: its input, for whom, under which release."""

    agent: str
    release: str
    input: Any
    input_from: Literal["public", "principal"] = "public"
    user: dict[str, Any] | None = None
    """What the caller vouches for: `id` and any other attested field."""
    tenant: str = ""
    conversation: str | None = None
    idempotency_key: str | None = None
    unreadable: str = ""
    """Why the input could not be kept as it came, where that is so."""
    kind: Literal["admitted"] = "admitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A wake has this run's lease and has begun to advance it."""

    wake: str
    worker: str
    kind: Literal["taken"] = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Intake's verdict on the input, before any model saw it."""

    verdict: Literal["in_scope", "out_of_scope", "invalid_input"]
    reason: str
    topic: str | None = None
    kind: Literal["screened"] = "screened"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFitted:
    """Something was left out or shortened so that the conversation fits; every part is named."""

    limit_tokens: int
    before_tokens: int
    after_tokens: int
    changed: tuple[Part, ...]
    summary: str = ""
    summary_key: str = ""
    """What the summary stands for, in the words of the room that asked for it."""
    kind: Literal["window_fitted"] = "window_fitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """A model is about to be asked; what it is shown is given by reference."""

    model: str
    purpose: Literal["step", "repair", "summary"]
    window: Window
    note: str = ""
    """What the runtime adds at the end of this one request: the correction of a re-ask."""
    kind: Literal["model_asked"] = "model_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswered:
    """What the model said, who says it was, and what it cost."""

    asked_seq: int
    model: str
    reported_model: str
    purpose: Literal["step", "repair", "summary"]
    text: str
    calls: tuple[Call, ...]
    usage: Usage
    latency_ms: float
    finish: str = ""
    attempts: tuple[Attempt, ...] = ()
    mean_logprob: float | None = None
    provider_parts: str = ""
    kind: Literal["model_answered"] = "model_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFailed:
    """No model of the chain answered."""

    asked_seq: int
    mode: FailureMode
    reason: str
    attempts: tuple[Attempt, ...]
    usage: Usage
    kind: Literal["model_failed"] = "model_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChecked:
    """Whether the answer fits what was promised, and what repair did to it."""

    answer_seq: int
    verdict: Literal["valid", "repaired", "invalid"]
    output: Any = None
    problems: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    kind: Literal["output_checked"] = "output_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The decision on one tool call, with the rule that made it."""

    key: str
    tool: str
    verdict: Literal["allow", "deny", "ask", "invalid", "unknown_tool"]
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """The permits of all calls of one model answer, judged together."""

    answer_seq: int
    permits: tuple[Permit, ...]
    kind: Literal["permitted"] = "permitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """A call is about to be made: exactly this, by this wake, not after `call_before`."""

    key: str
    wake: str
    tool: str
    arguments: dict[str, Any]
    effect: Effect
    call_before: float
    timeout_s: float
    once_key: str | None = None
    kind: Literal["intended"] = "intended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A call has its result, from the tool or from where the remit allows instead."""

    key: str
    tool: str
    result: Any
    source: Literal["tool", "last_known", "once_per", "reconciled", "person"]
    latency_ms: float
    as_of: float | None = None
    """From when the result is, where it was not fetched now."""
    integrity: Integrity = Integrity.THIRD_PARTY
    cut_from_bytes: int | None = None
    attempts: tuple[Attempt, ...] = ()
    kind: Literal["done"] = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFailed:
    """A call has no result and is known to have had no effect."""

    key: str
    tool: str
    mode: FailureMode
    reason: str
    latency_ms: float
    attempts: tuple[Attempt, ...] = ()
    kind: Literal["tool_failed"] = "tool_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectUnknown:
    """Nobody here knows whether a call took place; it opens for decision at `opens_at`."""

    key: str
    tool: str
    reason: str
    opens_at: float
    kind: Literal["effect_unknown"] = "effect_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverted:
    """The run left the happy path: why, where the path leads and who declared it."""

    mode: FailureMode
    path: str
    declared: str
    """`tool`, `on_failure`, `handover` or `default`."""
    reason: str
    tool: str | None = None
    kind: Literal["diverted"] = "diverted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A person is asked, with what is needed to decide, until a deadline and with a default."""

    case: str
    queue: str
    trigger: Literal["permit", "effect_unknown", "handover", "poisoned"]
    question: str
    why: str
    deadline: float | None
    otherwise: Literal["approve", "deny", "none"]
    key: str | None = None
    tool: str | None = None
    arguments: dict[str, Any] | None = None
    mode: FailureMode | None = None
    opens_at: float = 0.0
    kind: Literal["case_opened"] = "case_opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A case is decided, once; `seen_seq` is the evidence that the decision was made on."""

    case: str
    decision: Literal["approve", "edit", "reject", "answer", "happened", "not_happened"]
    by: str
    reason: str
    seen_seq: int
    arguments: dict[str, Any] | None = None
    answer: Any = None
    kind: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Somebody stopped the run; nothing new is intended after this."""

    by: str
    reason: str
    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Something that a wake held when it found that it no longer advances the run."""

    wake: str
    what: str
    body: dict[str, Any]
    kind: Literal["late"] = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Several wakes took the run and none made progress; a person has to look."""

    wakes: int
    reason: str
    kind: Literal["set_aside"] = "set_aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Somebody's judgement of the outcome."""

    rating: Literal["good", "bad"]
    by: str
    comment: str = ""
    kind: Literal["rated"] = "rated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The run is over."""

    outcome: Outcome
    kind: Literal["ended"] = "ended"


Event = (
    Admitted
    | Taken
    | Screened
    | WindowFitted
    | ModelAsked
    | ModelAnswered
    | ModelFailed
    | OutputChecked
    | Permitted
    | Intended
    | Done
    | ToolFailed
    | EffectUnknown
    | Diverted
    | CaseOpened
    | Decided
    | Cancelled
    | Late
    | SetAside
    | Rated
    | Ended
)
