"""What may be called after strangers' words were read: frozen before, from trusted text only."""

from dataclasses import dataclass
from typing import Any, Literal

from remit.event.provenance import Integrity


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A call that may be made: its tool and, for each argument, what may fill it."""

    id: str
    """`grants.NAME.0`, `tools.NAME` or `planner.0`: where it is written."""
    tool: str
    arguments: dict[str, Any]
    """What may fill each argument, as a template of the remit writes it."""
    uses: int | None
    """How many calls of the run it permits; none is no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """All templates of a run."""

    id: str
    """The hash of the templates."""
    templates: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFrozen:
    """What this run may do is fixed; nothing that is read later can widen it."""

    grant: Grant
    """All templates of the run."""
    made_by: Literal["remit", "planner"]
    """Who wrote the templates: the remit alone, or the planner within it."""
    integrity: Integrity
    """The meet of what the run begins with: its input and the runs before it in its conversation."""
    dropped: tuple[str, ...] = ()
    """What the planner asked for and did not get, and why."""
    kind: Literal["grant_frozen"] = "grant_frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the value of one argument of a call is from."""

    argument: str
    trusted: bool
    """Whether it is trusted by construction: by a rule and never by what the value looks like."""
    words: str
    """Its source in words."""
    seq: int | None = None
    """The event that holds the source, where one does."""
