"""What people do with a case beside deciding it: hand it on, put it off, keep it to themselves, take back.

Times are seconds since the epoch.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    """A case waits in another queue from here on; its deadline and default stay."""

    case: str
    by: str
    queue: str
    """Where people find it now."""
    reason: str = ""
    priority: int = 0
    """The priority of that queue."""
    undo_s: float = 0.0
    """For how many seconds a decision made there can be taken back."""
    notify: int = 0
    """How many are told of it there."""
    kind: Literal["handed_on"] = "handed_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed:
    """A case is out of sight until a time; its deadline and default stay."""

    case: str
    by: str
    until: float
    """When it is listed again."""
    kind: Literal["snoozed"] = "snoozed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """One person works on a case: until then nobody else decides it."""

    case: str
    by: str
    until: float
    """When anybody may take it again."""
    kind: Literal["reserved"] = "reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Who had reserved a case lets it go."""

    case: str
    by: str
    kind: Literal["released"] = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A decision is taken back before it counted; the case is open again."""

    case: str
    by: str
    kind: Literal["undone"] = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionStands:
    """The time to take a decision back is over: it counts, and the run goes on."""

    case: str
    kind: Literal["decision_stands"] = "decision_stands"
