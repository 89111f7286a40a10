"""What becomes of tool calls: permits, intents, results, doubts. `key` names one call of one answer.

Times are seconds since the epoch.
"""

from dataclasses import dataclass
from typing import Any, Literal

from remit.event.grants import Origin
from remit.event.message import Attempt
from remit.event.provenance import Integrity
from remit.outcome import Effect, FailureMode


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
    grant: str = ""
    """The grant that it was judged by, where one was needed."""
    template: str = ""
    """The template of that grant that it fits, and uses up once it is intended."""
    origins: tuple[Origin, ...] = ()
    """Where each argument is from, as far as it was looked into."""
    questions: tuple[str, ...] = ()
    """What a person decides on because nobody vouches for it; silence never counts as yes."""


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
    source: Literal["tool", "last_known", "once_per", "reconciled", "person", "asked"]
    """Where the result is from."""
    latency_ms: float
    as_of: float | None = None
    """From when the result is, where it was not fetched now."""
    integrity: Integrity = Integrity.THIRD_PARTY
    """Whose words the result is made of."""
    cut_from_bytes: int | None = None
    """Its whole size, where it was too long."""
    suspicion: float = 0.0
    """From 0 to 1, how much the result looks like an attempt to give the agent orders; a signal only,
    and 0 where `guard.suspicious_from` is not set."""
    signs: tuple[str, ...] = ()
    """What made it look so."""
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
