"""What of an input can be read: a text, or a JSON value written as text, without stray characters."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from remit.event import can_hold

_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_STRAY = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls
    "\ud800-\udfff"  # halves of characters: bytes that were not UTF-8
    "\u202a-\u202e\u2066-\u2069"  # overrides of the writing direction
    "\ufff9-\ufffb\U000e0000-\U000e007f]"  # annotations and tags: text that nobody sees
)
_BINARY = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_BINARY_SHARE = 0.15
"""Random bytes read as Latin-1 have 24 % such characters, read as UTF-8 half."""
_BINARY_COUNT = 4
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An input that can be read: `text` for the model, `prose` for the search of words."""

    text: str
    prose: str
    """The text itself, or all texts inside the JSON value, one a line, without its field names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An input that cannot be read, and why."""

    reason: str


def clean(text: str) -> str:
    """The text without control characters, half characters, direction overrides and hidden tags.

    Line feed, carriage return and tab stay; other line and page breaks become line feeds.
    Cleaning twice is the same as cleaning once, and the result can always be encoded as UTF-8.
    """
    return _STRAY.sub("", _BREAKS.sub("\n", text))


def storable(value: Any) -> tuple[Any, str]:
    """An input as it can be kept, and why it could not be kept as it came; never raises.

    Half characters become the replacement character; what is neither text nor JSON is not kept.
    """
    if value is None:
        return None, ""
    try:
        written = value if isinstance(value, str) else _JSON.encode(value)
    except (TypeError, ValueError, RecursionError):
        return None, f"The input is neither text nor JSON (a {type(value).__name__})."
    whole = _HALF.sub("\ufffd", written)
    if isinstance(value, str):
        return whole, ""
    kept = json.loads(whole)
    return (kept, "") if can_hold(kept) else (None, "The input is nested too deeply to be kept.")


def as_json(value: Any) -> Any:
    """The JSON value that a text holds, if it holds one and says nothing twice; else the value itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def text_of(value: Any) -> str:
    """An input as the model reads it: the text itself, or the JSON value as JSON; clean either way.

    Raises TypeError or ValueError where the value is neither; `screen` has refused such an input.
    """
    return clean(value if isinstance(value, str) else _JSON.encode(value))


def read(value: Any, *, max_characters: int) -> Reading | Unreadable:
    """The input as text, or why there is none; a long input is turned away before it is looked at."""
    if value is None or value in ("", [], {}, ()):
        return Unreadable(reason="The input is empty.")
    if isinstance(value, str):
        if len(value) > max_characters:
            return _too_long(max_characters)
        return _reading(value, value)
    if _weighs_over(value, max_characters):
        return _too_long(max_characters)
    written = _written(value, max_characters)
    if isinstance(written, Unreadable):
        return written
    return _reading(written, "\n".join(_texts(value)))


def _written(value: Any, max_characters: int) -> str | Unreadable:
    pieces: list[str] = []
    length = 0
    try:
        for piece in _JSON.iterencode(value):
            pieces.append(piece)
            length += len(piece)
            if length > max_characters:
                return _too_long(max_characters)
    except RecursionError:
        return Unreadable(reason="The input is nested too deeply to be read.")
    except (TypeError, ValueError):
        return Unreadable(reason="The input is neither a text nor a JSON value.")
    return "".join(pieces)


def _reading(text: str, prose: str) -> Reading | Unreadable:
    binary = len(_BINARY.findall(prose))
    if binary >= _BINARY_COUNT and binary > _BINARY_SHARE * len(prose):
        reason = f"The input is not text: {binary} of its {len(prose)} characters are binary."
        return Unreadable(reason=reason)
    cleaned = clean(text)
    if not any(sign.isprintable() and not sign.isspace() for sign in cleaned):
        return Unreadable(reason="The input is blank.")
    return Reading(text=cleaned, prose=clean(prose))


def _weighs_over(value: Any, limit: int) -> bool:
    """True if the value has more characters and entries than the limit; ends for a circular one too."""
    weight = 0
    pending = [value]
    while pending:
        item = pending.pop()
        weight += len(cast("list[Any]", item)) + 1 if isinstance(item, str | dict | list | tuple) else 1
        if weight > limit:
            return True
        if isinstance(item, dict):
            pending.extend(cast("dict[str, Any]", item).values())
        elif isinstance(item, list | tuple):
            pending.extend(cast("list[Any]", item))
    return False


def _texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value, in its order; by a stack, so that no nesting is too deep."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend(reversed(cast("dict[str, Any]", item).values()))
        elif isinstance(item, list | tuple):
            stack.extend(reversed(cast("list[Any]", item)))


def _too_long(max_characters: int) -> Unreadable:
    return Unreadable(reason=f"The input is longer than {max_characters} characters.")
