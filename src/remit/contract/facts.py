"""What a tool's code declares of itself, in the contract's words: pure data, filled in by `app`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remit.contract.schema import ToolRule
from remit.outcome import Effect, stricter


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """One tool as it was imported or as its server describes it."""

    effect: Effect
    arguments: frozenset[str]
    required: frozenset[str]
    numeric: frozenset[str]
    """The arguments that are numbers."""
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema of the arguments."""
    integrity: str = "third_party"
    """Whose words the code says that its result is made of."""
    egress: bool = False
    """Whether its arguments leave the house."""
    claims: frozenset[str] = frozenset()
    """What its server says of it, such as `read_only`: nobody's promise."""


def effective_effect(rule: ToolRule, facts: ToolFacts) -> Effect:
    """The stricter of what the code and the file declare."""
    wanted = rule.effect or facts.effect
    return wanted if stricter(facts.effect, wanted) else facts.effect
