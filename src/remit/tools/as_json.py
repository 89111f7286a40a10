"""What a tool returned, as JSON of a bounded size and without characters that steer a terminal."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json, to_json

MOST_REASON_CHARACTERS = 300

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class NotJson(Exception):
    """The value has no form in JSON; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Json:
    """A JSON value; if it was too long, the beginning of it as a text."""

    value: Any
    cut_from_bytes: int | None = None


def without_controls(text: str) -> str:
    """The text with every control or half character but line ends and tabs shown as U+FFFD."""
    return text if text.isprintable() else _CONTROL.sub("\ufffd", text)


def reason_text(text: str) -> str:
    """A foreign text as one short line: the only form in which an error text is kept."""
    line = " ".join(without_controls(text[: 4 * MOST_REASON_CHARACTERS]).split())
    return line if len(line) <= MOST_REASON_CHARACTERS else line[: MOST_REASON_CHARACTERS - 1] + "…"


def as_json(value: Any, max_bytes: int) -> Json:
    """The value as JSON of at most `max_bytes` (UTF-8); raises NotJson.

    Dataclasses, pydantic models, dates, decimals, enums and sets take their JSON form; a number
    that is not finite becomes its name. The result shares nothing with `value`.
    """
    if isinstance(value, str) and len(value) > max_bytes:
        data = _utf8(value)
        return _cut(data, len(data), max_bytes)
    data = _dumped(value)
    if len(data) > max_bytes:
        return _cut(_utf8(value) if isinstance(value, str) else data, len(data), max_bytes)
    parsed = _parsed(data)
    return Json(value=_cleaned(parsed) if _has_control(data) else parsed)


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotJson("it returned text that is not valid Unicode") from error


def _dumped(value: Any) -> bytes:
    if isinstance(value, Iterator):
        raise NotJson(f"it returned a {type(cast('object', value)).__name__}, which is not JSON")
    try:
        return to_json(value, inf_nan_mode="strings")
    except Exception as error:
        raise NotJson(f"it returned a value that is not JSON ({reason_text(str(error))})") from error


def _parsed(data: bytes) -> Any:
    try:
        # The levels that an event puts around the result count as well.
        return from_json(b"[[[[%b]]]]" % data)[0][0][0][0]
    except ValueError as error:
        raise NotJson("it returned a value that is nested too deeply") from error


def _cut(data: bytes, size: int, max_bytes: int) -> Json:
    text = data[:max_bytes].decode("utf-8", errors="ignore")
    return Json(value=without_controls(text), cut_from_bytes=size)


def _has_control(data: bytes) -> bool:
    return b"\\u00" in data or b"\x7f" in data or b"\xc2" in data or b"\\b" in data or b"\\f" in data


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {without_controls(key): _cleaned(item) for key, item in items}
    if isinstance(value, list):
        return [_cleaned(item) for item in cast("list[Any]", value)]
    return value
