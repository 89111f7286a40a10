"""Values of calls and results: when two are the same, where they stand, and how a reason shows them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

SHOWN_CHARACTERS = 80
Scalar = str | int | float | bool


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values by type: 5 is 5.0, but neither is "5" nor True; NaN is nothing's equal."""
    pending: list[tuple[Any, Any]] = [(left, right)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            first, second = cast("Mapping[Any, Any]", one), cast("Mapping[Any, Any]", other)
            if first.keys() != second.keys():
                return False
            pending.extend((value, second[key]) for key, value in first.items())
        elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
            sequence, opposite = cast("Sequence[Any]", one), cast("Sequence[Any]", other)
            if len(sequence) != len(opposite):
                return False
            pending.extend(zip(sequence, opposite, strict=True))
        elif not _same_scalar(one, other):
            return False
    return True


def _same_scalar(one: Any, other: Any) -> bool:
    if type(one) is not type(other) and not (is_number(one) and is_number(other)):
        return False
    return isinstance(one, Scalar | None) and bool(one == other)


def is_number(value: Any) -> bool:
    """True for an int or a float, False for a bool."""
    return type(value) is int or type(value) is float


def leaves_at(result: Any, path: tuple[str, ...]) -> Iterator[Scalar]:
    """Every scalar that stands in the field `path` of the result, in its order.

    The first name of the path is looked for in the result itself and, where an object does not have it,
    in the objects and lists that it holds; below an object that has it, nothing more is searched. The
    other names lead straight on, through lists.
    """
    pending: list[tuple[Any, int]] = [(result, 0)]
    while pending:
        item, depth = pending.pop()
        if isinstance(item, list | tuple):
            pending.extend((each, depth) for each in reversed(cast("Sequence[Any]", item)))
        elif isinstance(item, Mapping):
            pending.extend(reversed(list(_next_fields(cast("Mapping[str, Any]", item), path, depth))))
        elif depth == len(path) and isinstance(item, Scalar):
            yield item


def _next_fields(item: Mapping[str, Any], path: tuple[str, ...], depth: int) -> Iterator[tuple[Any, int]]:
    if depth < len(path) and path[depth] in item:
        yield item[path[depth]], depth + 1
    elif depth == 0:
        for held in item.values():
            yield held, 0


def field_of(holder: Mapping[str, Any] | None, path: tuple[str, ...]) -> Any:
    """The value at the end of a path of names; None where it does not exist."""
    value: Any = holder
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(name)
    return value


def shown(value: Any) -> str:
    """A value for a reason: at most 80 printable ASCII characters, whatever the value holds."""
    if isinstance(value, str):
        return cut(json.dumps(value[: SHOWN_CHARACTERS + 1]))
    if value is None:
        return "not given"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    if isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else "a value of no JSON type"


def cut(text: str, characters: int = SHOWN_CHARACTERS) -> str:
    """The text, with three dots in the place of what is too much."""
    return text if len(text) <= characters else text[: characters - 3] + "..."
