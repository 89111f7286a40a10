"""The five ways in which a run ends, and the one state in which it does not."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from remit.outcome.failure import FailureMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The agent, or after a decision a person, answered in full."""

    output: Any
    message: str
    by: Literal["agent", "person"] = "agent"
    confidence: float | None = None
    kind: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """A partial or dated answer that says what is missing and from when its information is."""

    output: Any
    message: str
    missing: tuple[str, ...]
    as_of: datetime | None
    mode: FailureMode | None = None
    kind: Literal["degraded"] = "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """The matter is a person's now, for good: it lies in `queue` as `case`."""

    queue: str
    case: str
    message: str
    mode: FailureMode | None = None
    kind: Literal["escalated"] = "escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Outside the remit: nothing was done and the caller is told so."""

    message: str
    reason: str
    mode: FailureMode | None = None
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The designed last resort: `mode` says why no other path was open."""

    mode: FailureMode
    message: str
    reason: str = ""
    kind: Literal["failed"] = "failed"


Outcome = Annotated[Answered | Degraded | Escalated | Refused | Failed, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Not an outcome: the run goes on when somebody decides `case`, at the latest at `deadline`."""

    run_id: str
    case: str
    queue: str
    question: str
    deadline: datetime
    message: str = field(default="This needs a person's decision; I have asked for it.")
    kind: Literal["waiting"] = "waiting"
