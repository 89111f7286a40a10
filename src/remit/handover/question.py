"""A proposed call as a question, rendered from its typed arguments and never from a model's words."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from remit.contract import ToolRule
from remit.handover.visible import visible

_TEXT_CHARACTERS = 200
_ENTRIES = 20
_DEPTH = 4


def question(tool: str, arguments: Mapping[str, Any], rule: ToolRule | None) -> str:
    """`Call return_fee with account = "A-1", amount_eur = 30?`, on one line.

    The arguments that the rule bounds come first, in the rule's order, the others by name. What is too
    long is cut and its length said; the case holds the whole.
    """
    return f"Call {call_text(tool, arguments, rule)}?"


def call_text(tool: str, arguments: Mapping[str, Any], rule: ToolRule | None) -> str:
    """The call in words, without a verb or a question mark."""
    listing = ", ".join(
        f"{_name(name)} = {value_text(arguments[name])}" for name in argument_order(arguments, rule)
    )
    return f"{_name(tool)} with {listing}" if listing else f"{_name(tool)} without arguments"


def argument_order(arguments: Mapping[str, Any], rule: ToolRule | None) -> list[str]:
    """The names of the arguments: those that the rule names first, then the others by name."""
    first = [name for name in rule.args if name in arguments] if rule is not None else []
    return [*first, *sorted(name for name in arguments if name not in first)]


def value_text(value: Any, depth: int = 0) -> str:
    """A JSON value with every character visible; deep and long values are cut, and the cut is said."""
    if isinstance(value, str):
        return visible(value, characters=_TEXT_CHARACTERS)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value)
        parts = [
            f"{visible(str(name), characters=_TEXT_CHARACTERS)}: {value_text(each, depth + 1)}"
            for name, each in list(entries.items())[: _kept(depth)]
        ]
        return "{" + _joined(parts, len(entries)) + "}"
    if isinstance(value, list | tuple):
        items = cast("Sequence[Any]", value)
        return (
            "[" + _joined([value_text(each, depth + 1) for each in items[: _kept(depth)]], len(items)) + "]"
        )
    return "a value of no JSON type"


def _kept(depth: int) -> int:
    return _ENTRIES if depth < _DEPTH else 0


def _joined(parts: list[str], count: int) -> str:
    left = count - len(parts)
    return ", ".join([*parts, f"... {left} more"] if left else parts)


def _number(value: float) -> str:
    if isinstance(value, float):
        return repr(value)
    if value.bit_length() > 400:
        return f"a whole number of about {int(value.bit_length() * 0.30103)} digits"
    return str(value)


def _name(name: str) -> str:
    """A name as it is where it is a plain one, else in quotes with every character visible."""
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain and len(name) <= _TEXT_CHARACTERS else visible(name, characters=_TEXT_CHARACTERS)
