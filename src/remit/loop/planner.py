"""What is a planner asked, and in which form does it answer?"""

import json
from collections.abc import Mapping
from typing import Any

from remit.contract import Argument, Contract
from remit.tools import Tool

PLANNER = (
    "You write down, before anything is read, which tool calls the request below needs. You answer with one"
    ' JSON object {"calls": [{"tool": NAME, "args": {ARGUMENT: SOURCE}, "uses": 1}]} and nothing else.\n'
    "List every call, reads included, and every argument that it needs. A SOURCE is one of:\n"
    "- a plain value: only if it stands word for word in the request;\n"
    '- {"only": "TOOL.FIELD"}: that field of the only record that TOOL returns, its own arguments plain;\n'
    '- {"attested": "TOOL.FIELD"}: a field of a result that is labelled attested;\n'
    '- {"own": "TYPE"}: the identifier of something that an earlier call of this list makes;\n'
    '- {"select": {"from": TOOL, "where": [{"field": F, "is": V}], "pick": "max", "by": F, "field": F}}:'
    " computed from the records of TOOL; pick is only, each, first, last, max, min, count, sum or"
    " most_common;\n"
    '- {"day": "2026-05-15"}: any time of a day that the request names;\n'
    '- {"after": {"argument": "start_time", "minutes": 60}}: so much later than another argument;\n'
    '- {"like": "Dinner at *"}: a text of a form that the request gives, * for what only reading can tell;\n'
    '- {"quoted_from": "TOOL"}: an address that stands in what TOOL returns;\n'
    '- {"free": true}: words that you cannot know yet, or a value that only reading can tell.\n'
    "For example, with the tools find_order and refund, for `Refund 20 EUR of my order and thank me`: "
    '{"calls": [{"tool": "find_order", "args": {}}, {"tool": "refund", "args": {"order_id": '
    '{"only": "find_order.id"}, "amount_eur": 20, "note": {"free": true}}}]}'
)

LAST_WORDS = (
    'A plain value for what the request itself says; {"free": true} for what only reading can tell; another '
    "source only where it says exactly what the request means. No call that the request does not need."
)
"""A small model goes by what it read last."""
PICKS = ("only", "each", "first", "last", "max", "min", "count", "sum", "most_common")
LIST_OF_CALLS: dict[str, Any] = {
    "type": "object",
    "properties": {"calls": {"type": "array"}},
    "required": ["calls"],
    "additionalProperties": False,
}
"""What an answer must be; a call of it that cannot be read is left out alone."""


def planner_words(contract: Contract, tools: Mapping[str, Tool]) -> str:
    """What the planner is told: the forms of a source and each tool, with what is known of its results."""
    lines = "\n".join(_line(contract, name, tool) for name, tool in tools.items())
    return f"{PLANNER}\n\nThe tools:\n{lines}\n\n{LAST_WORDS}"


def _line(contract: Contract, name: str, tool: Tool) -> str:
    returns = contract.tools[name].returns
    shown = _asked_for(contract, name, tool)
    description = " ".join(tool.description.split())
    labels = {
        field: label.integrity if label.type is None else f"{label.integrity} {label.type}"
        for field, label in returns.fields.items()
    }
    known = f" Its result has {json.dumps(labels)}." if labels else ""
    makes = f" It makes a {returns.creates}." if returns.creates is not None else ""
    return f"- {name}: {description} Arguments: {json.dumps(shown)}.{known}{makes}"


def _asked_for(contract: Contract, name: str, tool: Tool) -> dict[str, Any]:
    """The arguments of a tool with their schemas, those left out that the runtime fills itself."""
    filled = {argument for argument, limits in contract.tools[name].args.items() if limits.is_ is not None}
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    return {argument: schema for argument, schema in properties.items() if argument not in filled}


def plan_schema(contract: Contract, tools: Mapping[str, Tool]) -> dict[str, Any]:
    """The form of a plan, for models whose answers are held to one: each call, each source that can fit."""
    calls = [_call(contract, name, tool) for name, tool in tools.items()]
    return {
        "type": "object",
        "properties": {"calls": {"type": "array", "items": {"anyOf": calls}}},
        "required": ["calls"],
        "additionalProperties": False,
        "$defs": {"select": _select(tuple(tools))},
    }


def _call(contract: Contract, name: str, tool: Tool) -> dict[str, Any]:
    rule = contract.tools[name]
    arguments = _asked_for(contract, name, tool)
    required = tuple(each for each in tool.parameters.get("required", ()) if each in arguments)
    filled: dict[str, Any] = {}
    for argument, schema in arguments.items():
        sources = _sources(contract, rule.args.get(argument, _STRICT), egress=tool.egress)
        plain = [] if "$ref" in json.dumps(schema) else [schema]
        filled[argument] = {"anyOf": [*plain, *sources]}
    properties = {
        "tool": {"const": name},
        "args": _object(filled, required),
        "uses": {"type": "integer", "minimum": 1},
    }
    return _object(properties, ("tool", "args"))


_STRICT = Argument.model_validate({})


def _sources(contract: Contract, limits: Argument, *, egress: bool) -> list[dict[str, Any]]:
    """The forms that may fill such an argument: an identifier is never sought in another namespace."""
    free = _object({"free": {"const": True}}, ("free",))
    if limits.kind == "content":
        return [free, _object({"like": _TEXT}, ("like",))]
    returns = {name: rule.returns for name, rule in contract.tools.items()}
    attested = sorted(
        f"{name}.{field}"
        for name, each in returns.items()
        for field, label in each.fields.items()
        if label.integrity == "attested" and label.type == limits.type
    )
    forms: dict[str, dict[str, Any]] = {"only": _TEXT, "select": {"$ref": "#/$defs/select"}}
    if attested:
        forms["attested"] = {"type": "string", "enum": attested}
    if limits.type is not None and any(each.creates == limits.type for each in returns.values()):
        forms["own"] = {"const": limits.type}
    if limits.kind == "detail":
        forms["day"] = forms["like"] = _TEXT
        forms["after"] = _object({"argument": _TEXT, "minutes": _COUNT}, ("argument", "minutes"))
    if egress:
        forms["quoted_from"] = {"type": "string", "enum": list(contract.tools)}
    return [free, *(_object({name: form}, (name,)) for name, form in forms.items())]


def _select(tools: tuple[str, ...]) -> dict[str, Any]:
    condition = _object({"field": _TEXT, "is": _TEXT, "starts_with": _TEXT, "contains": _TEXT}, ("field",))
    properties: dict[str, Any] = {
        "from": {"type": "string", "enum": list(tools)},
        "where": {"type": "array", "items": condition},
        "pick": {"type": "string", "enum": list(PICKS)},
        "by": _TEXT,
        "field": _TEXT,
    }
    return _object(properties, ("from", "pick"))


_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 1}


def _object(properties: Mapping[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
