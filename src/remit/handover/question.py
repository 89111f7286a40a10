"""A proposed call as a question, rendered from its typed arguments and never from a model's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from remit.contract import ToolRule
from remit.handover.visible import visible


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of a value is shown before it is cut."""

    characters: int
    entries: int
    depth: int


BRIEF = Measure(characters=200, entries=20, depth=4)
WHOLE = Measure(characters=100_000, entries=10_000, depth=40)


def question(tool: str, arguments: Mapping[str, Any], rule: ToolRule | None) -> str:
    """`Call return_fee with account = "A-1", amount_eur = 30?`, on one line.

    The arguments that the rule bounds come first, in the rule's order, the others by name. What is too
    long is cut and its length said; the case holds the whole.
    """
    return f"Call {call_text(tool, arguments, rule)}?"


def call_text(tool: str, arguments: Mapping[str, Any], rule: ToolRule | None) -> str:
    """The call in words, without a verb or a question mark."""
    first = [name for name in rule.args if name in arguments] if rule is not None else []
    order = [*first, *sorted(name for name in arguments if name not in first)]
    listing = ", ".join(f"{name_text(name)} = {value_text(arguments[name], BRIEF)}" for name in order)
    return f"{name_text(tool)} with {listing}" if listing else f"{name_text(tool)} without arguments"


def value_text(value: Any, measure: Measure, depth: int = 0) -> str:
    """A JSON value with every character visible; deep and long values are cut, and the cut is said."""
    if isinstance(value, str):
        return visible(value, characters=measure.characters)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _number(value)
    kept = measure.entries if depth < measure.depth else 0
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value)
        parts = [
            f"{visible(str(name), characters=measure.characters)}: {value_text(each, measure, depth + 1)}"
            for name, each in list(entries.items())[:kept]
        ]
        return "{" + _joined(parts, len(entries)) + "}"
    if isinstance(value, list | tuple):
        items = cast("Sequence[Any]", value)
        parts = [value_text(each, measure, depth + 1) for each in items[:kept]]
        return "[" + _joined(parts, len(items)) + "]"
    return "a value of no JSON type"


def name_text(name: str) -> str:
    """A name as it is where it is a plain one, else in quotes with every character visible."""
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain and len(name) <= BRIEF.characters else visible(name, characters=BRIEF.characters)


def _joined(parts: list[str], count: int) -> str:
    left = count - len(parts)
    return ", ".join([*parts, f"... {left} more"] if left else parts)


def _number(value: float) -> str:
    if isinstance(value, int) and value.bit_length() > 400:
        return f"a whole number of about {int(value.bit_length() * 0.30103)} digits"
    return repr(value)
