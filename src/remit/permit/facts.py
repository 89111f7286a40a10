"""What a call is judged on: pure data, gathered by the loop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.contract import Endorsement, ToolRule
from remit.event import Integrity
from remit.outcome import Effect, side_effecting
from remit.permit.readings import Reading
from remit.permit.rule import CompiledRule
from remit.permit.templates import CompiledGrant


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
    egress: bool = False
    """Whether the arguments leave the house."""
    arguments: Mapping[str, Any] | None
    """As validated and completed by the tool; None where they are invalid."""
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the tool takes where an argument is not given."""
    invalid: str | None = None
    """Why the arguments are invalid."""
    user: Mapping[str, Any] | None = None
    """What the caller attests."""
    own_words: str = ""
    """What a principal wrote themselves; empty for the public."""
    readings: Sequence[Reading] = ()
    """What had been read in this run when the answer was made."""
    context_integrity: Integrity = Integrity.THIRD_PARTY
    """The meet of all that the model was shown when it asked for the call."""
    suspicion: float = 0.0
    """The greatest suspicion of the results that the model had been shown: it may ask, and never allow."""
    suspicious_from: float | None = None
    """From which suspicion on a person is asked; None is from none."""
    grant: CompiledGrant | None = None
    """What may be called after strangers' words were read; None denies then."""
    used: Mapping[str, int] = field(default_factory=dict[str, int])
    """How often each template has been used in this run, this call left out."""
    rules: Mapping[str, ToolRule] = field(default_factory=dict[str, ToolRule])
    """The rules of all tools: what is known of their results."""
    endorsements: Sequence[Endorsement] = ()
    trusted_texts: Sequence[str] = ()
    """What the operator and the user themselves wrote, folded."""
    today: str = ""
    """The day, as `2026-11-23`."""
    can_ask: bool = True
    """Whether there is a queue for a question of this tool."""
    approved: Approval | None = None
    cancelled: bool = False

    @property
    def guarded(self) -> bool:
        """Whether the call needs a template once strangers' words were read."""
        return self.effect is None or side_effecting(self.effect) or self.egress

    @property
    def suspicious(self) -> bool:
        """Whether the call is guarded and follows a result that looks like an attack."""
        return self.guarded and self.suspicious_from is not None and self.suspicion >= self.suspicious_from
