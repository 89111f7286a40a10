"""From a loaded remit to a plan that the loop can run, and from a stored release back to one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from remit.app.remit import Remit
from remit.app.scope import gate_of_release
from remit.contract import ASK_PERSON, Contract, ToolRule
from remit.errors import EmbeddingMissing
from remit.handover import REQUEST_DESCRIPTION, REQUEST_PARAMETERS
from remit.intake import Gate
from remit.loop import Plan
from remit.model import Model, ToolSpec, estimate_text, estimate_tools, open_model
from remit.permit import compile_rule
from remit.release import basis_of, thaw
from remit.tools import Tool


def models_of(contract: Contract, environment: Mapping[str, str]) -> list[Model]:
    """The chain of models that the contract names, opened."""
    choice = contract.model
    return [open_model(name, choice, environment) for name in (choice.use, *choice.fallback)]


def judge_of(contract: Contract, environment: Mapping[str, str]) -> Model | None:
    """The model that judges answers, opened; None where the remit names none."""
    name = contract.confidence.judge if contract.confidence is not None else None
    return open_model(name, contract.model, environment) if name is not None else None


def plan_of(remit: Remit, models: Sequence[Model], judge: Model | None = None) -> Plan:
    """The plan of the remit as it stands."""
    release = remit.release.hash
    prompt, schema = remit.prompt, remit.output_schema
    plan = _plan(remit, remit.contract, release, prompt, schema, models, judge, remit.gate)
    return replace(plan, input_schema=remit.input_schema)


def plan_of_release(
    remit: Remit,
    release: str,
    content: bytes,
    opened: Callable[[Contract], Sequence[Model]],
    judging: Callable[[Contract], Model | None],
    environment: Mapping[str, str],
) -> Plan | None:
    """The plan of an earlier release of the same agent.

    None if its tools are no longer the same, or its scope gate needs an embedding that is not here.
    """
    thawed = thaw(content)
    for name, signature in thawed.signatures.items():
        tool = remit.tools.get(name)
        if tool is None or tool.signature != signature:
            return None
    try:
        gate = gate_of_release(thawed, environment)
    except EmbeddingMissing:
        return None
    models, judge = opened(thawed.contract), judging(thawed.contract)
    prompt, schema = thawed.prompt, thawed.output_schema
    plan = _plan(remit, thawed.contract, release, prompt, schema, models, judge, gate)
    return replace(plan, input_schema=thawed.input_schema)


def _plan(
    remit: Remit,
    contract: Contract,
    release: str,
    prompt: str,
    output_schema: dict[str, object] | None,
    models: Sequence[Model],
    judge: Model | None,
    gate: Gate | None,
) -> Plan:
    signatures = {name: remit.tools[name].signature for name in contract.tools}
    tools: dict[str, Tool] = {name: remit.tools[name] for name in contract.tools}
    specs = tuple(
        ToolSpec(
            name=tool.name,
            description=tool.description,
            parameters=_asked_for(tool.parameters, contract.tools[tool.name]),
        )
        for tool in tools.values()
    )
    if contract.ask_person is not None:
        specs += (ToolSpec(name=ASK_PERSON, description=REQUEST_DESCRIPTION, parameters=REQUEST_PARAMETERS),)
    return Plan(
        contract=contract,
        release=release,
        system=prompt,
        system_tokens=estimate_text(prompt) + estimate_tools(specs),
        tools=tools,
        specs=specs,
        rules={name: compile_rule(name, rule) for name, rule in contract.tools.items()},
        models=models,
        output_schema=output_schema,
        basis=basis_of(contract, prompt=prompt, signatures=signatures, output_schema=output_schema),
        judge=judge,
        score=remit.score,
        gate=gate,
    )


def _asked_for(parameters: dict[str, Any], rule: ToolRule) -> dict[str, Any]:
    """The schema without the arguments that the runtime fills in from what the caller attests."""
    filled = {name for name, limits in rule.args.items() if limits.is_ is not None}
    if not filled:
        return parameters
    kept = {name: each for name, each in parameters.get("properties", {}).items() if name not in filled}
    required = [name for name in parameters.get("required", ()) if name not in filled]
    rest = {key: value for key, value in parameters.items() if key not in ("properties", "required")}
    return {**rest, "properties": kept, **({"required": required} if required else {})}
