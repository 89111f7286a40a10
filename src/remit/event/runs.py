"""What happens to a run as a whole: it begins, is taken, leaves the happy path, ends.

Times are seconds since the epoch.
"""

from dataclasses import dataclass
from typing import Any, Literal

from remit.outcome import FailureMode, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Decides:
    """Which case of another run a run is there to decide."""

    run: str
    """The run that waits for it, or that it was a matter of."""
    case: str
    """What is to be decided."""
    queue: str
    """The queue of people that gets the case if this run does not answer."""


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
    priority: int = 0
    """A run of greater priority is taken before others."""
    deadline: float | None = None
    """When the run is stopped if it has not ended."""
    unreadable: str = ""
    """Why the input could not be kept as it came, where that is so."""
    decides: Decides | None = None
    """The case that this run decides, where another run consults it."""
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

    verdict: Literal["in_scope", "out_of_scope", "unfamiliar_input", "injection_suspected", "invalid_input"]
    """Whether the run goes on."""
    reason: str
    topic: str | None = None
    """The topic that the input names or most resembles."""
    score: float | None = None
    """How familiar the input is to the scope gate, where the remit has one."""
    threshold: float | None = None
    """The score below which an input is unfamiliar."""
    nearest: tuple[str, ...] = ()
    """The topics of the examples that the input resembles most, the nearest first."""
    gate: str | None = None
    """The hash of the gate that judged."""
    suspicion: float = 0.0
    """From 0 to 1, how much the input looks like an attempt to give the agent orders; a signal only."""
    signs: tuple[str, ...] = ()
    """What made it look so."""
    language: str | None = None
    """The likeliest language of the input, where the remit names the languages that it reads."""
    language_probability: float | None = None
    """How likely it is that the input is in that language."""
    kind: Literal["screened"] = "screened"


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
class Cancelled:
    """Somebody stopped the run; nothing new is intended after this."""

    by: str
    """Who stopped it."""
    reason: str
    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverAsked:
    """Somebody wants a person to take the run over; nothing new is intended after this."""

    by: str
    reason: str
    queue: str | None = None
    """Who shall get it; without it, the default queue."""
    kind: Literal["hand_over_asked"] = "hand_over_asked"


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
class Postponed:
    """The run let go of its worker, to be taken up again at a time."""

    until: float
    """From when it may be taken."""
    reason: str
    """What it has to wait for."""
    kind: Literal["postponed"] = "postponed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The run goes on under another release than the one that it was admitted with."""

    release: str
    """The hash of the release that it keeps from here on."""
    reason: str
    """Who allowed it."""
    kind: Literal["moved"] = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Somebody's judgement of the outcome."""

    rating: Literal["good", "bad"] | None
    """Whether it went well; none for a comment or a correction alone."""
    by: str
    comment: str = ""
    """What was good or bad about it."""
    correction: Any = None
    """What would have been right."""
    source: Literal["staff", "end_user"] = "staff"
    """An end user's word becomes a label only through a reviewer."""
    kind: Literal["rated"] = "rated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The run is over."""

    outcome: Outcome
    kind: Literal["ended"] = "ended"
