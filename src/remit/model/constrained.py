"""How does a model without dependable tool calls act? By one JSON object whose form is constrained.

Pure: the schema of the step, the words that explain it, the conversation in its form, and how an
answer is read back. The words come before everything that varies, byte for byte the same for the
same tools, so that an engine's prefix cache holds them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never, cast

from remit.event import Call, Message, ModelSaid, Said, ToolSaid
from remit.model.port import ModelError, ModelErrorClass, Request, ToolSpec

ASKED_CHARACTERS = 240
KEYWORDS = frozenset(
    {
        *("type", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "$ref"),
        *("additionalProperties", "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"),
    }
)
"""What a grammar can hold of a JSON Schema; the rest is checked when the answer is validated."""

NEXT_AFTER_MESSAGE = (
    "(What an argument needs and the message does not give comes from a tool: call that one first.)"
)
NEXT_AFTER_RESULT = (
    '(This is for you. The person, who cannot see it, wrote: "{asked}" If they want to know something, use '
    "{answer} and tell them what the result says about it. If they want something done, do it now if the "
    "result allows it, or use {answer} and tell them what was done, or why not.)"
)
NEXT_AFTER_FAILURE = (
    "(Nothing was done. If another tool gives what was missing, call that one now. If none does, use "
    "{answer} and tell the person, in one sentence of your own, what you cannot do.)"
)
"""Said after each turn: a small model goes by what it read last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A request in its constrained form."""

    system: str
    messages: tuple[dict[str, str], ...]
    """`role` and `content`, without the system message."""
    schema: dict[str, Any] | None
    """What the answer must fit; None where plain text is wanted."""


def step_of(request: Request) -> Step:
    """The same request for a model whose only tool is an answer of a given form."""
    if not request.tools and request.output_schema is None:
        return Step(system=request.system, messages=rendered(request), schema=None)
    words = instruction(request.tools, request.output_schema)
    return Step(
        system=f"{request.system}\n\n{words}".strip(),
        messages=rendered(request),
        schema=action_schema(request.tools, request.output_schema),
    )


def answer_name(tools: Sequence[ToolSpec]) -> str:
    """What the answering action is called: `answer`, unless a tool is."""
    return "final_answer" if any(tool.name == "answer" for tool in tools) else "answer"


def action_schema(tools: Sequence[ToolSpec], output_schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """The JSON Schema of one action: a call of one of the tools, or the answer."""
    definitions: dict[str, Any] = {}
    answer = output_schema or {
        "type": "object",
        "properties": {"text": {"type": "string", "minLength": 1}},
        "required": ["text"],
        "additionalProperties": False,
    }
    actions = [_action(tool.name, tool.parameters, definitions) for tool in tools]
    actions.append(_action(answer_name(tools), answer, definitions))
    schema: dict[str, Any] = {"anyOf": actions} if len(actions) > 1 else actions[0]
    return schema | ({"$defs": definitions} if definitions else {})


def _action(name: str, parameters: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    for key, value in cast(Mapping[str, Any], parameters.get("$defs", {})).items():
        definitions[f"{name}.{key}"] = _holdable(value, name)
    return {
        "type": "object",
        "properties": {"tool": {"const": name}, "arguments": _holdable(parameters, name)},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _holdable(schema: Any, owner: str) -> Any:
    """The part of a schema that a grammar can hold, its references moved to the root."""
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for key, value in cast(Mapping[str, Any], schema).items():
        if key not in KEYWORDS:
            continue
        if key == "$ref":
            kept[key] = str(value).replace("#/$defs/", f"#/$defs/{owner}.")
        elif key == "properties":
            kept[key] = {name: _holdable(part, owner) for name, part in value.items()}
        elif key in ("anyOf", "oneOf"):
            kept[key] = [_holdable(part, owner) for part in value]
        else:
            kept[key] = _holdable(value, owner)
    return kept


def instruction(tools: Sequence[ToolSpec], output_schema: Mapping[str, Any] | None) -> str:
    """The words that explain the form of an action and list the tools, one line each."""
    name = answer_name(tools)
    form = json.dumps(_example(output_schema) if output_schema else {"text": "..."}, ensure_ascii=False)
    lines = ["Reply with exactly one JSON object and nothing else."]
    if tools:
        lines.append('To use a tool: {"tool": "NAME", "arguments": {...}}. Its result is then shown to you.')
        lines.append(f'To answer for good: {{"tool": "{name}", "arguments": {form}}}.')
        lines.append("Tools (a ? marks what may be left out):")
        lines.extend(_line(tool) for tool in tools)
        lines.append(
            "Take every argument from the conversation or from a result; never make one up. A call without "
            "a result did nothing: mend its arguments by another tool, or do without. "
            f"Use {name} when you know enough or can do no more; its text is read by the person, who sees "
            "no tools and no results, so state what they say."
        )
    else:
        lines.append(f'Its form: {{"tool": "{name}", "arguments": {form}}}.')
    return "\n".join(lines)


def _line(tool: ToolSpec) -> str:
    properties = cast(dict[str, Any], tool.parameters.get("properties", {}))
    required = tool.parameters.get("required", [])
    arguments = ", ".join(
        f"{name}{'' if name in required else '?'}: {_word(schema)}" for name, schema in properties.items()
    )
    description = " ".join(tool.description.split())
    return f"- {tool.name}({arguments}): {description}"


def _word(schema: Any) -> str:
    if not isinstance(schema, Mapping):
        return "any"
    known = cast(Mapping[str, Any], schema)
    if "enum" in known:
        return " or ".join(json.dumps(value, ensure_ascii=False) for value in known["enum"])
    kind = str(known.get("type", "any"))
    description = " ".join(str(known.get("description", "")).split())
    return f"{kind} ({description})" if description else kind


def _example(schema: Mapping[str, Any]) -> dict[str, str]:
    properties = cast(dict[str, Any], schema.get("properties", {}))
    return {name: _word(part) for name, part in properties.items()}


def rendered(request: Request) -> tuple[dict[str, str], ...]:
    """The conversation as plain turns: calls as the actions they were, results as text."""
    answer = answer_name(request.tools)
    turns: list[dict[str, str]] = []
    asked = ""
    for message in request.messages:
        if isinstance(message, Said):
            asked = shortened(message.text)
        turns.extend(_turns(message, answer, asked, request))
    if request.note:
        turns.append({"role": "user", "content": request.note})
    return tuple(turns)


def _turns(message: Message, answer: str, asked: str, request: Request) -> list[dict[str, str]]:
    match message:
        case Said():
            content = f"{message.text}\n{NEXT_AFTER_MESSAGE}" if request.tools else message.text
            return [{"role": "user", "content": content}]
        case ToolSaid():
            head, next_step = (
                ("No result of", NEXT_AFTER_FAILURE) if message.failed else ("Result of", NEXT_AFTER_RESULT)
            )
            content = f"{head} {message.tool}: {message.text}\n{next_step.format(answer=answer, asked=asked)}"
            return [{"role": "user", "content": content}]
        case ModelSaid():
            said = [_written(call.tool, call.arguments) for call in message.calls]
            if not said:
                said = [_said(message.text, answer, request)]
            return [{"role": "assistant", "content": "\n".join(said)}]
        case _:
            assert_never(message)


def shortened(text: str) -> str:
    """The end of what was asked, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= ASKED_CHARACTERS else f"... {line[-ASKED_CHARACTERS:]}"


def _said(text: str, answer: str, request: Request) -> str:
    if not request.tools and request.output_schema is None:
        return text
    value = _loads(text) if request.output_schema is not None else None
    return _written(answer, value if isinstance(value, dict) else {"text": text})


def _written(tool: str, arguments: Any) -> str:
    return json.dumps({"tool": tool, "arguments": arguments}, ensure_ascii=False)


def parse_action(
    text: str, tools: Sequence[ToolSpec], output_schema: Mapping[str, Any] | None, *, turn: int
) -> tuple[str, tuple[Call, ...]]:
    """The text or the call that an action stands for; `turn` numbers the call.

    ModelError(MALFORMED) if it is no action at all, as when it was cut.
    """
    value = _loads(text)
    if not isinstance(value, dict) or not isinstance(value.get("tool"), str) or "arguments" not in value:
        raise ModelError(ModelErrorClass.MALFORMED, f"not an action: {text[:200]!r}")
    name, arguments = value["tool"], value["arguments"]
    if name != answer_name(tools):
        known = (
            cast(dict[str, Any], arguments)
            if isinstance(arguments, dict)
            else json.dumps(arguments, ensure_ascii=False)
        )
        return "", (Call(id=f"call-{turn}", tool=name, arguments=known),)
    if output_schema is not None or not isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False), ()
    return str(cast(dict[str, Any], arguments).get("text", "")), ()


def _loads(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return cast(dict[str, Any], value) if isinstance(value, dict) else None
