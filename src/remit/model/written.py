"""Did a model write its tool calls as text? Reads the two usual notations, and nothing loosely.

Either Python calls with keyword arguments, `[find(city="Rome"), book(day=3)]`, or JSON objects with a
name and arguments, `[{"name": "find", "arguments": {"city": "Rome"}}]` or `[{"find": {"city": "Rome"}}]`.
A code fence around them is put aside; with prose around them they are not calls but an answer.
"""

import ast
import io
import re
import tokenize
from collections.abc import Collection
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import Any, cast

from remit.event import Call
from remit.model.output import check_output
from remit.model.port import Reply, Request

_FENCE = re.compile(r"\s*```[\w+-]*[ \t]*\n?(.*?)```\s*", re.DOTALL)
_NAME_KEYS = ("name", "tool", "function")
_ARGUMENT_KEYS = ("arguments", "parameters", "args", "params")
_JSON_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_ANY_LIST: dict[str, Any] = {"type": ["array", "object"]}
_LONGEST = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One call that stood in a text."""

    tool: str
    arguments: dict[str, Any]


class _NotCalls(Exception):
    """The text is something else."""


def written_calls(text: str, tools: Collection[str] | None) -> tuple[Written, ...] | None:
    """The calls that `text` consists of, None if it is anything else.

    Every call must name one of `tools`; with None any name will do. An empty list means no calls.
    """
    if len(text) > _LONGEST or not any(bracket in text for bracket in "({["):
        return None
    fence = _FENCE.fullmatch(text)
    inner = (fence[1] if fence else text).strip()
    try:
        calls = _python_calls(inner) if _looks_like_python(inner) else _json_calls(inner, tools or ())
    except (_NotCalls, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if tools is not None and any(call.tool not in tools for call in calls):
        return None
    return calls


def with_written_calls(reply: Reply, request: Request) -> Reply:
    """The reply with the calls that its whole text consists of, where it has no others; its text stays.

    Models without dependable tool calling write them so. What is asked for is judged like any call.
    """
    if reply.calls or not request.tools or request.output_schema is not None:
        return reply
    written = written_calls(reply.text, {tool.name for tool in request.tools}) if reply.text else None
    if not written:
        return reply
    calls = tuple(
        Call(id=f"written-{index}", tool=call.tool, arguments=call.arguments)
        for index, call in enumerate(written)
    )
    return replace(reply, calls=calls)


def _looks_like_python(inner: str) -> bool:
    return re.match(r"[\[(\s]*[A-Za-z_][\w.]*\s*\(", inner) is not None


def _python_calls(inner: str) -> tuple[Written, ...]:
    tree = _parsed(inner)
    elements = tree.elts if isinstance(tree, ast.List | ast.Tuple) else [tree]
    return tuple(_python_call(element) for element in elements)


def _parsed(inner: str) -> ast.expr:
    for spelling in (str, _without_keywords, _requoted):
        try:
            return ast.parse(spelling(inner), mode="eval").body
        except (SyntaxError, tokenize.TokenError):
            continue
    raise _NotCalls


_KEYWORD_MARK = "_remit_keyword"


def _without_keywords(inner: str) -> str:
    """Argument names that Python reserves, such as `from`, under another name until they are read."""
    tokens = list(tokenize.generate_tokens(io.StringIO(inner).readline))
    renamed = [
        (token.type, token.string + _KEYWORD_MARK)
        if iskeyword(token.string) and following.string == "="
        else (token.type, token.string)
        for token, following in zip(tokens, [*tokens[1:], tokens[-1]], strict=True)
    ]
    return tokenize.untokenize(renamed).strip()


_OPENING = re.compile(r"[\[({=,:]\s*$")
_CLOSING = re.compile(r"\s*[\])},:]")


def _requoted(inner: str) -> str:
    """Single quotes inside a text escaped: a text ends where a quote stands before a delimiter."""
    written: list[str] = []
    inside = False
    for position, character in enumerate(inner):
        if character == "'" and inner[position - 1 : position] != "\\":
            if not inside and _OPENING.search(inner[max(0, position - 20) : position]):
                inside = True
            elif inside and _CLOSING.match(inner, position + 1):
                inside = False
            elif inside:
                written.append("\\")
        written.append(character)
    return "".join(written)


def _python_call(node: ast.expr) -> Written:
    if not isinstance(node, ast.Call) or node.args:
        raise _NotCalls
    arguments: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in arguments:
            raise _NotCalls
        arguments[keyword.arg.removesuffix(_KEYWORD_MARK)] = _python_value(keyword.value)
    return Written(tool=_dotted(node.func), arguments=arguments)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    raise _NotCalls


def _python_value(node: ast.expr) -> Any:
    match node:
        case ast.List() | ast.Tuple():
            return [_python_value(item) for item in node.elts]
        case ast.Dict():
            keys = [_key(key) for key in node.keys]
            if len(set(keys)) < len(keys):
                raise _NotCalls
            return dict(zip(keys, [_python_value(value) for value in node.values], strict=True))
        case ast.Name(id=name):
            # A word without quotes is a text without quotes, as in the repair of JSON.
            return _JSON_WORDS.get(name, name)
        case ast.Attribute():
            return _dotted(node)
        case _:
            value = ast.literal_eval(node)
            if not isinstance(value, str | int | float | bool | None):
                raise _NotCalls
            return value


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise _NotCalls


def _json_calls(inner: str, tools: Collection[str]) -> tuple[Written, ...]:
    checked = check_output(inner, _ANY_LIST)
    if any("around" in change for change in checked.changes):
        raise _NotCalls
    output: Any = checked.output if checked.verdict != "invalid" else _python_value(_parsed(inner))
    items = cast("list[Any]", output if isinstance(output, list) else [output])
    return tuple(_json_call(item, tools) for item in items)


def _json_call(item: Any, tools: Collection[str]) -> Written:
    if isinstance(item, str):
        return _only(_python_calls(item))
    if not isinstance(item, dict):
        raise _NotCalls
    fields = cast("dict[str, Any]", item)
    if len(fields) == 1:
        ((name, arguments),) = fields.items()
    else:
        name, arguments = _named(fields, tools)
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise _NotCalls
    return Written(tool=name, arguments=cast("dict[str, Any]", arguments))


def _only(calls: tuple[Written, ...]) -> Written:
    if len(calls) != 1:
        raise _NotCalls
    return calls[0]


def _named(fields: dict[str, Any], tools: Collection[str]) -> tuple[Any, Any]:
    """The name and the arguments; these may stand beside the name if that is a known tool's."""
    names = [key for key in _NAME_KEYS if key in fields]
    arguments = [key for key in _ARGUMENT_KEYS if key in fields]
    if len(names) != 1:
        raise _NotCalls
    name = fields[names[0]]
    if len(arguments) == 1 and len(fields) == 2:
        return name, fields[arguments[0]]
    if arguments or name not in tools:
        raise _NotCalls
    return name, {key: value for key, value in fields.items() if key != names[0]}
