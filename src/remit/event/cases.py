"""What people are asked and what they decide.

Times are seconds since the epoch.
"""

from dataclasses import dataclass
from typing import Any, Literal

from remit.event.grants import Origin
from remit.outcome import FailureMode


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A person is asked, with what is needed to decide, until a deadline and with a default."""

    case: str
    """Its id."""
    queue: str
    """Where people find it."""
    trigger: Literal[
        "permit",
        "effect_unknown",
        "handover",
        "poisoned",
        "release_gone",
        "low_confidence",
        "audit",
        "caller_request",
        "agent_request",
    ]
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
    origins: tuple[Origin, ...] = ()
    """Where each argument is from."""
    mode: FailureMode | None = None
    """The failure that led here."""
    opens_at: float = 0.0
    """From when it can be decided."""
    rule: str = ""
    """The part of the remit that sent it here, where one did."""
    priority: int = 0
    """Cases of a greater one come first."""
    undo_s: float = 0.0
    """For how many seconds a decision can be taken back."""
    notify: int = 0
    """How many are told of it."""
    expert: str = ""
    """The other agent or model that decides it, where no person does."""
    then: str = ""
    """The queue of people that gets it if that one does not answer."""
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
    counts_from: float = 0.0
    """Until then it can be taken back, and the run waits."""
    run: str = ""
    """The run whose outcome this is, where another agent or model decided."""
    kind: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """A case is given to a run of another agent or model, whose outcome is the decision."""

    case: str
    expert: str
    """Which agent or model."""
    run: str
    """The run that decides it."""
    kind: Literal["consulted"] = "consulted"
