"""What tools declare of themselves, in the contract's words."""

from collections.abc import Mapping

from remit.contract import ToolFacts
from remit.tools import Tool


def facts_of(tools: Mapping[str, Tool]) -> dict[str, ToolFacts]:
    """The facts of each tool that the contract's checks and the runbook need."""
    return {name: _facts(tool) for name, tool in tools.items()}


def _facts(tool: Tool) -> ToolFacts:
    properties = tool.parameters.get("properties", {})
    return ToolFacts(
        effect=tool.effect,
        arguments=frozenset(properties),
        required=frozenset(tool.parameters.get("required", ())),
        numeric=frozenset(name for name, schema in properties.items() if _numeric(schema)),
        description=tool.description,
        parameters=tool.parameters,
        integrity=tool.integrity.value,
        egress=tool.egress,
        claims=tool.claims,
    )


def _numeric(schema: Mapping[str, object]) -> bool:
    return schema.get("type") in ("number", "integer")
