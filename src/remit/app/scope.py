"""The scope gate of a remit: opened from its examples, or from those that a release was frozen with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from remit import intake
from remit.contract import Contract, Lines, Problem, ScopeExample, problems_of, scope_examples
from remit.embed import best_embedding
from remit.errors import EmbeddingMissing
from remit.release import FrozenScope, Thawed

if TYPE_CHECKING:
    from remit.intake import ScopeGate


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedScope:
    """A gate, what freezes it, and what there is to say about it."""

    gate: "ScopeGate | None" = None
    frozen: FrozenScope | None = None
    problems: tuple[Problem, ...] = ()


def can_gate() -> bool:
    """True if everything that trains a scope gate is installed."""
    try:
        return best_embedding() is not None and callable(intake.opened_gate)
    except EmbeddingMissing:
        return False


def open_scope(
    contract: Contract, *, folder: Path, lines: Lines, file: str, environment: Mapping[str, str]
) -> OpenedScope:
    """The gate of a contract that `check` found no fault with; nothing for a remit without a `scope`."""
    if contract.scope is None:
        return OpenedScope()
    examples = scope_examples(contract, folder)
    try:
        gate = intake.opened_gate(contract, examples, environment=environment)
    except EmbeddingMissing as error:
        problem = Problem(
            file=file,
            line=lines.at("scope"),
            where="scope",
            message=error.message,
            suggestion=error.remedy,
        )
        return OpenedScope(problems=(problem,))
    doubts = problems_of(intake.check_gate(gate, contract.agent), lines, file)
    return OpenedScope(
        gate=gate,
        frozen=FrozenScope(
            embedding=gate.embedding,
            examples=tuple((example.text, example.topic) for example in examples),
        ),
        problems=tuple(replace(problem, severity="warning") for problem in doubts),
    )


def gate_of_release(thawed: Thawed, environment: Mapping[str, str]) -> "ScopeGate | None":
    """The gate that a release was frozen with, from the cache or trained again.

    Raises EmbeddingMissing if its embedding is not installed.
    """
    if thawed.scope is None:
        return None
    return intake.opened_gate(
        thawed.contract,
        [ScopeExample(text=text, topic=topic) for text, topic in thawed.scope.examples],
        environment=environment,
        embedding=thawed.scope.embedding,
    )
