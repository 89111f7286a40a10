"""What a call is judged on: pure data, gathered by the loop."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.event import Done, Integrity
from remit.outcome import Effect
from remit.permit.rule import CompiledRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's word for one call with exactly these arguments; it counts for no other."""

    key: str
    arguments: Mapping[str, Any]
    case: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """One call that a model asked for, and all that bears on whether it may be made."""

    key: str
    tool: str
    known: bool
    """The remit has a tool of that name."""
    available: Sequence[str] = ()
    """The tools that there are, for a model that named one that there is not."""
    rule: CompiledRule | None
    """None denies."""
    effect: Effect | None
    arguments: Mapping[str, Any] | None
    """As validated and completed by the tool; None where they are invalid."""
    invalid: str | None = None
    """Why the arguments are invalid."""
    user: Mapping[str, Any] | None = None
    """What the caller attests."""
    earlier_results: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])
    """What each tool returned earlier in this run, of `earlier_results`."""
    context_integrity: Integrity = Integrity.THIRD_PARTY
    """The meet of all that the model was shown when it asked for the call."""
    approved: Approval | None = None
    cancelled: bool = False


def earlier_results(done: Iterable[Done]) -> dict[str, list[Any]]:
    """The results that may vouch for an argument, by tool.

    Last-known information and a person's account of a call are left out: they never fill an authority.
    """
    results: dict[str, list[Any]] = {}
    for event in done:
        if event.source not in ("last_known", "person"):
            results.setdefault(event.tool, []).append(event.result)
    return results
