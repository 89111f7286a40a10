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
    """The agent's name."""
    release: str
    """The hash of the release that this run keeps to its end."""
    input: Any
    """What was asked, as it came."""
    input_from: Literal["public", "principal"] = "public"
    """Whose words the input is."""
    user: dict[str, Any] | None = None
    """What the caller vouches for: `id` and any other attested field."""
    tenant: str = ""
    """The tenant that the user belongs to."""
    conversation: str | None = None
    """Earlier runs of this name are seen by this one."""
    idempotency_key: str | None = None
    """The same key never makes a second run."""
    unreadable: str = ""
    """Why the input could not be kept as it came, where that is so."""
    kind: Literal["admitted"] = "admitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A wake has this run's lease and has begun to advance it."""

    wake: str
    """The identity of this attempt to advance the run."""
    worker: str
    """Host, process and a random part."""
    kind: Literal["taken"] = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Intake's verdict on the input, before any model saw it."""

    verdict: Literal["in_scope", "out_of_scope", "invalid_input"]
    """Whether the run goes on."""
    reason: str
    topic: str | None = None
    """The excluded topic that the input names."""
    kind: Literal["screened"] = "screened"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFitted:
    """Something was left out or shortened so that the conversation fits; every part is named."""

    limit_tokens: int
    """What fits."""
    before_tokens: int
    """The size before, as counted here."""
    after_tokens: int
    """The size after."""
    changed: tuple[Part, ...]
    """Each stretch that was dropped, summarised or split."""
    summary: str = ""
    """The text that stands for what was summarised."""
    summary_key: str = ""
    """What the summary stands for, in the words of the room that asked for it."""
    kind: Literal["window_fitted"] = "window_fitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """A model is about to be asked; what it is shown is given by reference."""

    model: str
    """The first model of the chain, as the remit names it."""
    purpose: Literal["step", "repair", "summary"]
    """A step of the agent, the re-asking of an answer, or a summary."""
    window: Window
    """Which messages it is shown."""
    note: str = ""
    """What the runtime adds at the end of this one request: the correction of a re-ask."""
    kind: Literal["model_asked"] = "model_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswered:
    """What the model said, who says it was, and what it cost."""

    asked_seq: int
    model: str
    """The model that answered, as the remit names it."""
    reported_model: str
    """What the provider says it was."""
    purpose: Literal["step", "repair", "summary"]
    text: str
    """Its words."""
    calls: tuple[Call, ...]
    """The calls that it asks for; none is permitted yet."""
    usage: Usage
    """Tokens and cost, failed attempts included."""
    latency_ms: float
    """From asking to the answer, all attempts."""
    finish: str = ""
    """Why it stopped, in its own word."""
    attempts: tuple[Attempt, ...] = ()
    """What failed before it answered."""
    mean_logprob: float | None = None
    """How likely its words were to itself, where it says so."""
    provider_parts: str = ""
    """The provider's own message where text and calls do not say it all."""
    kind: Literal["model_answered"] = "model_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFailed:
    """No model of the chain answered."""

    asked_seq: int
    mode: FailureMode
    """The failure whose path is taken."""
    reason: str
    """What happened, without the text of any secret."""
    attempts: tuple[Attempt, ...]
    """Every attempt at every model."""
    usage: Usage
    """What was used all the same."""
    kind: Literal["model_failed"] = "model_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChecked:
    """Whether the answer fits what was promised, and what repair did to it."""

    answer_seq: int
    """The answer that was checked."""
    verdict: Literal["valid", "repaired", "invalid"]
    """Whether it can be given."""
    output: Any = None
    """The value that is given."""
    problems: tuple[str, ...] = ()
    """What does not fit."""
    changes: tuple[str, ...] = ()
    """What repair did to the form; never to the content."""
    kind: Literal["output_checked"] = "output_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The decision on one tool call, with the rule that made it."""

    key: str
    tool: str
    """Its name as the model gave it."""
    verdict: Literal["allow", "deny", "ask", "invalid", "unknown_tool"]
    """What may be done."""
    rule: str
    """The part of the remit that decided."""
    reason: str
    """Why, for the model and for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """The permits of all calls of one model answer, judged together."""

    answer_seq: int
    """The answer whose calls these are."""
    permits: tuple[Permit, ...]
    """One decision for each call."""
    kind: Literal["permitted"] = "permitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """A call is about to be made: exactly this, by this wake, not after `call_before`."""

    key: str
    wake: str
    """Who is about to make it."""
    tool: str
    arguments: dict[str, Any]
    """Exactly what is sent."""
    effect: Effect
    """What the call does to the world."""
    call_before: float
    """After this time it is not sent any more."""
    timeout_s: float
    """For one attempt."""
    once_key: str | None = None
    """The business action, where `once_per` names one."""
    kind: Literal["intended"] = "intended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A call has its result, from the tool or from where the remit allows instead."""

    key: str
    tool: str
    result: Any
    """What the model is shown, as JSON."""
    source: Literal["tool", "last_known", "once_per", "reconciled", "person"]
    """Where the result is from."""
    latency_ms: float
    as_of: float | None = None
    """From when the result is, where it was not fetched now."""
    integrity: Integrity = Integrity.THIRD_PARTY
    """Whose words the result is made of."""
    cut_from_bytes: int | None = None
    """Its whole size, where it was too long."""
    attempts: tuple[Attempt, ...] = ()
    kind: Literal["done"] = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFailed:
    """A call has no result and is known to have had no effect."""

    key: str
    tool: str
    mode: FailureMode
    """The failure whose path is taken."""
    reason: str
    """What the tool said."""
    latency_ms: float
    attempts: tuple[Attempt, ...] = ()
    kind: Literal["tool_failed"] = "tool_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectUnknown:
    """Nobody here knows whether a call took place; it opens for decision at `opens_at`."""

    key: str
    tool: str
    reason: str
    """Why nobody knows."""
    opens_at: float
    """From when it can be decided: before, it may still be on its way."""
    kind: Literal["effect_unknown"] = "effect_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverted:
    """The run left the happy path: why, where the path leads and who declared it."""

    mode: FailureMode
    """Why the run left the happy path."""
    path: str
    """Where it goes, as a phrase."""
    declared: str
    """`tool`, `on_failure`, `handover` or `default`."""
    reason: str
    """What happened."""
    tool: str | None = None
    """The tool that failed, if one did."""
    kind: Literal["diverted"] = "diverted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A person is asked, with what is needed to decide, until a deadline and with a default."""

    case: str
    """Its id."""
    queue: str
    """Where people find it."""
    trigger: Literal["permit", "effect_unknown", "handover", "poisoned"]
    """Why a person is needed."""
    question: str
    """What is asked, written from typed arguments."""
    why: str
    """The reason, with the rule."""
    deadline: float | None
    """When the default counts; none if it waits for ever."""
    otherwise: Literal["approve", "deny", "none"]
    key: str | None = None
    """The call that it is about."""
    tool: str | None = None
    """The tool of that call."""
    arguments: dict[str, Any] | None = None
    """Its arguments."""
    mode: FailureMode | None = None
    """The failure that led here."""
    opens_at: float = 0.0
    """From when it can be decided."""
    kind: Literal["case_opened"] = "case_opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A case is decided, once; `seen_seq` is the evidence that the decision was made on."""

    case: str
    decision: Literal["approve", "edit", "reject", "answer", "happened", "not_happened"]
    """What was decided."""
    by: str
    """Who did; `deadline` for the default."""
    reason: str
    seen_seq: int
    """The last event that the decision was made on."""
    arguments: dict[str, Any] | None = None
    """The arguments of an edit."""
    answer: Any = None
    """What the caller is told, or the result of the call."""
    kind: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """Somebody stopped the run; nothing new is intended after this."""

    by: str
    """Who stopped it."""
    reason: str
    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Something that a wake held when it found that it no longer advances the run."""

    wake: str
    """Who held it."""
    what: str
    """The kind of event that it would have been."""
    body: dict[str, Any]
    kind: Literal["late"] = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Several wakes took the run and none made progress; a person has to look."""

    wakes: int
    """How many took it in a row."""
    reason: str
    """What is known of it."""
    kind: Literal["set_aside"] = "set_aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Somebody's judgement of the outcome."""

    rating: Literal["good", "bad"]
    by: str
    comment: str = ""
    """What was good or bad about it."""
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
