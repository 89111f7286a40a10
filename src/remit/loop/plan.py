"""What the loop needs of one release of one agent: the contract with its parts made ready."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.contract import Contract
from remit.intake import Gate
from remit.log import RandomBytes
from remit.model import Model, ToolSpec
from remit.permit import CompiledRule
from remit.store import Changes
from remit.tools import SeenHealthy, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One release, ready to run."""

    contract: Contract
    release: str
    system: str
    system_tokens: int
    tools: Mapping[str, Tool]
    specs: tuple[ToolSpec, ...]
    rules: Mapping[str, CompiledRule]
    models: Sequence[Model]
    output_schema: dict[str, Any] | None
    basis: str = ""
    """The hash of everything that decides how answers and their scores come about."""
    judge: Model | None = None
    """The model that scores answers, where one does."""
    score: Callable[[Any, Any], Awaitable[object]] | None = None
    """The user's function that scores answers, given the input and the output."""
    gate: Gate | None = None
    """What knows by examples whether an input is in scope, where the remit has a `scope`."""
    input_schema: dict[str, Any] | None = None
    """What every input has to fit, where the remit names a schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Time, chance and patience, as the loop is given them."""

    clock: Callable[[], float]
    random_bytes: RandomBytes
    random: Callable[[], float]
    sleep: Callable[[float], Any]
    lease_s: float = 30.0
    clock_skew_s: float = 5.0
    commit_every_s: float = 0.25
    """Model answers and reads younger than this ride with the next commit; effects never do."""
    poison_after: int = 3
    """Wakes without progress after which a run is set aside."""
    changes: Changes | None = None
    """Counts that all workers share; needed where a remit declares a rate."""
    healthy: SeenHealthy = field(default_factory=SeenHealthy)
    """The tools that need no look at their breaker for a moment."""
