"""Load a remit whole or not at all: every room's complaints, merged."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remit import contract as contracts
from remit import model as models
from remit import tools as tool_room
from remit.app.facts import facts_of
from remit.app.scope import OpenedScope, open_scope
from remit.contract import (
    Contract,
    Finding,
    ModelChoice,
    Problem,
    ToolFacts,
    input_schema,
    output_schema,
    parse,
    system_prompt,
)
from remit.errors import ContractError
from remit.intake import check_languages
from remit.release import Release, freeze
from remit.tools import ScoreFunction, Tool, load_score

if TYPE_CHECKING:
    from remit.intake import ScopeGate


@dataclass(frozen=True, slots=True, kw_only=True)
class Remit:
    """One agent, loaded: its contract, its tools and the release that they make together."""

    contract: Contract
    tools: Mapping[str, Tool]
    release: Release
    prompt: str
    output_schema: dict[str, Any] | None
    file: Path
    warnings: tuple[Problem, ...]
    score: ScoreFunction | None = None
    """The user's function that scores answers, where the remit names one."""
    gate: "ScopeGate | None" = None
    """What knows by examples whether an input is in scope; None without a `scope`."""
    input_schema: dict[str, Any] | None = None
    """What every input has to fit; None where it may have any form."""

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.contract.agent

    @property
    def facts(self) -> dict[str, ToolFacts]:
        """What its tools declare of themselves."""
        return facts_of(self.tools)

    @staticmethod
    def load(
        path: str | Path, *, model: str | None = None, environment: Mapping[str, str] = os.environ
    ) -> "Remit":
        """The remit in that folder or file; ContractError with every problem if there is one.

        `model` takes the place of the remit's own model and its fallbacks; whether it can be had
        shows when it is opened.
        """
        remit, problems = inspect(Path(path), environment=environment, model=model)
        if remit is None:
            raise ContractError(str(path), problems)
        return remit


def experts_beside(remit: Remit, environment: Mapping[str, str] = os.environ) -> list[Remit]:
    """The agents that decide cases of this one, from the folders beside its own; those with problems are left
    out, and people get their cases in time."""
    named = {queue.agent for queue in remit.contract.queues.values() if queue.agent is not None}
    found: list[Remit] = []
    for file in sorted(remit.file.resolve().parent.parent.glob("*/remit.yaml")) if named else ():
        remains = parse(file).remains
        if remains is not None and remains.agent in named:
            expert, _ = inspect(file, environment=environment)
            found += [expert] if expert is not None else []
    return found


def remit_file(path: Path) -> Path:
    """The file that a folder or a file name stands for."""
    return path / "remit.yaml" if path.is_dir() else path


def inspect(
    path: Path, *, environment: Mapping[str, str], model: str | None = None, gated: bool = True
) -> tuple[Remit | None, tuple[Problem, ...]]:
    """The remit if nothing is wrong with it, and everything there is to say about it.

    `gated=False` leaves `scope` out: for a demonstration where nothing can train its gate.
    """
    file = remit_file(path)
    parsed = parse(file)
    # What can be read of a faulty file is checked too, so that everything is said at once.
    contract = parsed.contract or parsed.remains
    if contract is None:
        return None, parsed.problems
    if model is not None:
        contract = contract.model_copy(update={"model": with_model(contract.model, model)})
    if not gated:
        contract = contract.model_copy(update={"scope": None})
    lines, folder = parsed.lines, file.parent
    found, tool_problems = tool_room.load(contract, lines, parsed.file, folder, environment)
    score, unsure = _confidence(contract, folder, environment)
    problems = (
        *parsed.problems,
        *contracts.problems_of((*unsure, *check_languages(contract)), lines, parsed.file),
        *contracts.check(contract, lines, parsed.file, environment, folder),
        *(
            models.check(contract.model, file=parsed.file, line_of=lines.at, environment=environment)
            if model is None
            else ()
        ),
        *tool_problems,
        *contracts.check_tools(contract, lines, parsed.file, facts_of(found)),
    )
    scope = OpenedScope()
    if parsed.contract is not None and not any(problem.severity == "error" for problem in problems):
        scope = open_scope(contract, folder=folder, lines=lines, file=parsed.file, environment=environment)
    every = (*problems, *scope.problems)
    ordered = tuple(sorted(every, key=lambda problem: (problem.line, problem.where)))
    if parsed.contract is None or any(problem.severity == "error" for problem in ordered):
        return None, ordered
    remit = _frozen(contract, found, folder, scope)
    return replace(remit, file=file, warnings=ordered, score=score), ordered


def _frozen(contract: Contract, tools: Mapping[str, Tool], folder: Path, scope: OpenedScope) -> Remit:
    """The remit of parts that nothing is wrong with, and its release."""
    schema, of_input = output_schema(contract, folder), input_schema(contract, folder)
    prompt = system_prompt(contract, [(tool.name, tool.description) for tool in tools.values()])
    release = freeze(
        contract,
        prompt=prompt,
        signatures={name: tool.signature for name, tool in tools.items()},
        output_schema=schema,
        scope=scope.frozen,
        input_schema=of_input,
    )
    return Remit(
        contract=contract,
        tools=tools,
        release=release,
        prompt=prompt,
        output_schema=schema,
        file=folder,
        warnings=(),
        gate=scope.gate,
        input_schema=of_input,
    )


def _confidence(
    contract: Contract, folder: Path, environment: Mapping[str, str]
) -> tuple[ScoreFunction | None, list[Finding]]:
    """The function that scores answers, and what stands in the way of scoring any."""
    confidence = contract.confidence
    if confidence is None:
        return None, []
    found = list(models.check_confidence(contract.model, confidence, environment))
    if confidence.function is None:
        return None, found
    score = load_score(confidence.function, folder)
    return (None, [*found, score]) if isinstance(score, Finding) else (score, found)


def with_model(own: ModelChoice, name: str) -> ModelChoice:
    """The remit's way of asking, with another model; an address and its key stay with their provider."""
    changes: dict[str, Any] = {"use": name, "fallback": ()}
    if name.partition(":")[0] != own.use.partition(":")[0]:
        changes |= {"base_url": None, "api_key": None, "calls": "auto"}
    return own.model_copy(update=changes)
