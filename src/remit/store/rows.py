"""What is handed to the store for one append: rows as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Course = Literal["wake", "within_wake", "outside", "stream"]
Value = str | int | float | bytes | None


class EventRow(NamedTuple):
    """One event as it is kept; the chain covers `digest`, never the body itself."""

    seq: int
    id: str
    at: float
    kind: str
    digest: bytes
    chain: bytes
    subject: str | None
    failed: int | None
    latency_ms: float | None
    salt: bytes
    data: bytes


class StoredEvent(NamedTuple):
    """One event as it is read back; `data` is None where its body was erased."""

    seq: int
    id: str
    at: float
    kind: str
    digest: bytes
    chain: bytes
    salt: bytes | None
    data: bytes | None


class Statement(NamedTuple):
    """A named query and its values, carried out in the append's own transaction."""

    query: str
    values: Mapping[str, Value]


@dataclass(slots=True, kw_only=True)
class Append:
    """Everything that one step adds to the log, in one transaction or not at all."""

    run_id: str
    expected_head: int
    """The seq that must still be the run's last; -1 for a run that does not exist yet."""
    events: list[EventRow]
    run: Mapping[str, Value]
    """The run row's columns after the append."""
    course: Course = "wake"
    """`wake` sets state and lease; `within_wake` leaves both as they are, while a wake goes on;
    `outside` sets the state and leaves the lease to the wake that holds it; `stream` is no run."""
    also: list[Statement] = field(default_factory=list[Statement])


class Collision(Exception):
    """Another appender was first: the head moved, or the run exists already."""


CLAIMS = {"claim_once": "once_key", "claim_probe": "tool"}
"""Statements that one alone may carry out, and the value that names what they claim."""


class OnceTaken(Exception):
    """What one alone may have is another's: a business action, or the trial of a resting tool."""

    def __init__(self, once_key: str) -> None:
        super().__init__(once_key)
        self.once_key = once_key


Row = dict[str, Any]
