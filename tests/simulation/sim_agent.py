"""The simulated agent: one contract for all schedules, its tools, and a model that follows a script."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.contract import Contract
from remit.event import Call, Integrity, ModelSaid, Said, ToolSaid
from remit.loop import Plan
from remit.model import Model, Reply, Request, ToolSpec
from remit.outcome import Effect
from remit.permit import compile_rule
from remit.tools import Tool, ToolContext

KEY_TTL_S = 45
TIMEOUT_S = 5
EFFECTS = {
    "find": Effect.READ,
    "mark": Effect.IDEMPOTENT,
    "book": Effect.KEYED,
    "send": Effect.IRREVERSIBLE,
    "wire": Effect.IRREVERSIBLE,
    "pay": Effect.IRREVERSIBLE,
}
ONCE_PER_ORDER = ("wire",)
ASKED = ("pay",)
RELEASE = "r" * 64


class Stage:
    """Where the tools and the model find the schedule that is being played."""

    world: Any = None


STAGE = Stage()


@dataclass(frozen=True, slots=True)
class ScriptedModel:
    """Follows the script of the run that it is asked about; its name is in the first message."""

    name: str = "scripted:model"
    context_tokens: int | None = None

    async def ask(self, request: Request) -> Reply:
        first = request.messages[0]
        assert isinstance(first, Said)
        turn = sum(type(message) is ModelSaid for message in request.messages)
        failed = [message for message in request.messages if type(message) is ToolSaid and message.failed]
        return await STAGE.world.model_answers(first.text, turn, failed)


def contract(otherwise: str) -> Contract:
    """Read as a remit file is read: nothing of it is made up for the simulation."""
    tools: dict[str, dict[str, Any]] = {
        name: {"python": f"desk:{name}", "timeout": f"{TIMEOUT_S}s"} for name in EFFECTS
    }
    tools["book"] |= {"key_ttl": f"{KEY_TTL_S}s", "tries": 2}
    tools["wire"] |= {"once_per": ["order"]}
    tools["pay"] |= {"ask": {"when": "always", "deadline": "60s", "otherwise": otherwise}}
    return Contract.model_validate_json(
        json.dumps(
            {
                "remit": 1,
                "agent": "desk",
                "purpose": "Look after orders.",
                "model": "openai:gpt-5.1-2025-11-13",
                "handover": "people",
                "input": {"from": "principal"},
                "does": ["look after orders"],
                "queues": {"people": {}},
                "tools": tools,
                "on_failure": {"tool_failed": "degrade", "tool_unavailable": "degrade"},
                "budget": {"working_time": "2h"},
            }
        )
    )


def tool(name: str) -> Tool:
    """A tool whose calls reach the bank of the schedule that is being played."""

    async def send(arguments: dict[str, Any], context: ToolContext) -> Any:
        return await STAGE.world.call_tool(name, arguments, context)

    async def query(arguments: dict[str, Any], context: ToolContext) -> Any:
        return await STAGE.world.query_tool(name, arguments, context)

    return Tool(
        name=name,
        description=f"Does {name}.",
        parameters={
            "type": "object",
            "properties": {"order": {"type": "string"}},
            "required": ["order"],
            "additionalProperties": False,
        },
        effect=EFFECTS[name],
        integrity=Integrity.OPERATOR,
        signature=name * 4,
        validate=lambda arguments: arguments,
        call=send,
        reconcile=query if name in ONCE_PER_ORDER else None,
    )


TOOLS = {name: tool(name) for name in EFFECTS}
MODEL: Model = ScriptedModel()


@cache
def plan(otherwise: str) -> Plan:
    """The plan of the release whose cases fall to `otherwise`."""
    agreed = contract(otherwise)
    return Plan(
        contract=agreed,
        release=RELEASE,
        system="You look after orders.",
        system_tokens=10,
        tools=TOOLS,
        specs=tuple(
            ToolSpec(name=tool.name, description=tool.description, parameters=tool.parameters)
            for tool in TOOLS.values()
        ),
        rules={name: compile_rule(name, rule) for name, rule in agreed.tools.items()},
        models=[MODEL],
        output_schema=None,
    )


def asked_for(name: str, order: str, number: int) -> Call:
    """A call as the model asks for it."""
    return Call(id=f"c{number}", tool=name, arguments={"order": order})
