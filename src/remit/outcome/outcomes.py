"""The five ways in which a run ends, and the one state in which it does not."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from remit.outcome.failure import FailureMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The agent, or after a decision a person or another agent, answered in full."""

    output: Any
    """The answer: a text, or what the remit's output schema describes."""
    message: str
    """What can be shown to the caller as it is."""
    by: Literal["agent", "person", "expert"] = "agent"
    """Who gave the answer; `expert` is another agent or model that the case was given to."""
    expert: str = ""
    """Which agent or model, where it was one."""
    confidence: float | None = None
    """How likely it is to be right, where that was measured."""
    kind: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """A partial or dated answer that says what is missing and from when its information is."""

    output: Any
    """The answer as far as there is one."""
    message: str
    """The same for the caller, with what is missing and its date said."""
    missing: tuple[str, ...]
    """What the answer lacks: tools, or the failure that cut it short."""
    as_of: datetime | None
    """From when its oldest dated information is."""
    verify: tuple[str, ...] = ()
    """What the reader should check before relying on it, one phrase each."""
    mode: FailureMode | None = None
    """Why it is not whole."""
    kind: Literal["degraded"] = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """The matter is a person's now, for good: it lies in `queue` as `case`."""

    queue: str
    """Where people find it."""
    case: str
    """Its id there."""
    message: str
    """What can be shown to the caller as it is."""
    mode: FailureMode | None = None
    """Why it was handed over."""
    kind: Literal["escalated"] = "escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Outside the remit: nothing was done and the caller is told so."""

    message: str
    """What can be shown to the caller as it is."""
    reason: str
    """Why, for whoever looks after the agent."""
    mode: FailureMode | None = None
    """The failure whose path led here."""
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The designed last resort: `mode` says why no other path was open."""

    mode: FailureMode
    """Why no other path was open."""
    message: str
    """What can be shown to the caller as it is; never an error text."""
    reason: str = ""
    """What exactly went wrong, for whoever looks after the agent."""
    kind: Literal["failed"] = "failed"


Outcome = Annotated[Answered | Degraded | Escalated | Refused | Failed, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Not an outcome: the run goes on when somebody decides `case`, at the latest at `deadline`."""

    run_id: str
    """The run that waits."""
    case: str
    """What is to be decided."""
    queue: str
    """Where people find it."""
    question: str
    """What a person is asked, written from typed arguments."""
    deadline: datetime
    """When the declared default counts."""
    message: str = field(default="This needs a person's decision; I have asked for it.")
    """What can be shown to the caller as it is."""
    allowed: tuple[str, ...] = ()
    """What may be decided on the case; nothing where it is decided and that can still be taken back."""
    kind: Literal["waiting"] = "waiting"
