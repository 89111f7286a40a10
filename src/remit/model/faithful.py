"""Does a repaired value say exactly what the raw text says?

The raw text is read again along the value. Every character of it must be either a character of a
key or a leaf, or one of these: white space, a quote around a key or leaf, a bracket where the value
has one, the colon after a key, one comma between or after items, a comment. So nothing can be
added, lost, moved or changed; a closing bracket may only be of the wrong kind.
"""

import re
from typing import Any, cast

QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019", "\u201d": "\u201d"}
_BLANK = re.compile(r"(?:[\s\ufeff\u200b\x00-\x1f]|//[^\n]*(?:\n|$)|/\*.*?\*/|#[^\n]*(?:\n|$))*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])")
_WORDS = {True: ("true", "True"), False: ("false", "False"), None: ("null", "None")}
_RESERVED = frozenset({*(word for pair in _WORDS.values() for word in pair), "NaN", "Infinity", "undefined"})
_BARE = re.compile(r"[\w$.-]+(?: [\w$.-]+)*")
"""A key or text that may stand without quotes: words, nothing that could be syntax."""
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "'": "'"}
_UNICODE = re.compile(r"u([0-9a-fA-F]{4})")


class Unfaithful(Exception):
    """The value differs from the raw text; the text says where."""


def check_faithful(raw: str, value: Any) -> None:
    """Returns if `value` says what `raw` says; raises Unfaithful otherwise."""
    end = _skip(raw, _value(raw, _skip(raw, 0), value, "$"))
    if end != len(raw):
        raise Unfaithful(f"{_excerpt(raw, end)} is missing from the repaired answer")


def _skip(raw: str, position: int) -> int:
    match = _BLANK.match(raw, position)
    return match.end() if match else position


def _excerpt(raw: str, position: int) -> str:
    return repr(raw[position : position + 40])


def _value(raw: str, position: int, value: Any, where: str) -> int:
    if isinstance(value, dict):
        return _object(raw, position, cast("dict[str, Any]", value), where)
    if isinstance(value, list):
        return _array(raw, position, cast("list[Any]", value), where)
    if isinstance(value, str):
        return _string(raw, position, value, where)
    return _literal(raw, position, value, where)


def _object(raw: str, position: int, value: dict[str, Any], where: str) -> int:
    position = _bracket(raw, position, "{", where)
    for index, (key, item) in enumerate(value.items()):
        if index:
            position = _comma(raw, position)
        position = _skip(raw, _string(raw, position, key, f"{where}.{key}"))
        if raw[position : position + 1] != ":":
            raise Unfaithful(f"there is no colon after the key {key!r}")
        position = _value(raw, _skip(raw, position + 1), item, f"{where}.{key}")
    return _bracket(raw, _comma(raw, position) if value else position, "}]", where)


def _array(raw: str, position: int, value: list[Any], where: str) -> int:
    position = _bracket(raw, position, "[", where)
    for index, item in enumerate(value):
        if index:
            position = _comma(raw, position)
        position = _value(raw, position, item, f"{where}[{index}]")
    return _bracket(raw, _comma(raw, position) if value else position, "]}", where)


def _bracket(raw: str, position: int, either: str, where: str) -> int:
    position = _skip(raw, position)
    character = raw[position : position + 1]
    if not character or character not in either:
        raise Unfaithful(f"{where}: {_excerpt(raw, position)} stands where {either[0]!r} belongs")
    return _skip(raw, position + 1)


def _comma(raw: str, position: int) -> int:
    position = _skip(raw, position)
    return _skip(raw, position + 1) if raw[position : position + 1] == "," else position


def _string(raw: str, position: int, value: str, where: str) -> int:
    """The end of a key or text that stands at `position`, in quotes or bare."""
    opening = raw[position : position + 1]
    closing = QUOTES.get(opening)
    start = position + 1 if closing else position
    end = _characters(raw, start, value)
    if end is None:
        raise Unfaithful(f"{where}: {value[:40]!r} is not what stands at {_excerpt(raw, position)}")
    if closing:
        if raw[end : end + 1] != closing:
            raise Unfaithful(f"{where}: the text goes on after {value[-40:]!r}")
        if re.search(rf"(?<!\\){re.escape(closing)}\s*[,:}}\]+{re.escape(closing)}]", raw[start:end]):
            raise Unfaithful(f"{where}: it is not clear which quote ends the text {value[:40]!r}")
        return end + 1
    if _BARE.fullmatch(value) is None or _NUMBER.fullmatch(value) or value in _RESERVED:
        raise Unfaithful(f"{where}: {_excerpt(raw, position)} became a text")
    return end


def _characters(raw: str, position: int, value: str) -> int | None:
    """The end of `value` written out from `position`, escaped or not; None if it stands not there."""
    for character in value:
        position = _character(raw, position, character)
        if position < 0:
            return None
    return position


def _character(raw: str, position: int, wanted: str) -> int:
    if raw[position : position + 1] != "\\":
        return position + 1 if raw[position : position + 1] == wanted else -1
    following = raw[position + 1 : position + 2]
    if following in _ESCAPES:
        return position + 2 if _ESCAPES[following] == wanted else -1
    match = _UNICODE.match(raw, position + 1)
    if match is None:
        return position + 1 if wanted == "\\" else -1
    code = int(match[1], 16)
    low = _UNICODE.match(raw, match.end() + 1) if raw[match.end() : match.end() + 1] == "\\" else None
    if low is not None and 0xD800 <= code < 0xDC00 <= int(low[1], 16) < 0xE000:
        code = 0x10000 + ((code - 0xD800) << 10) + (int(low[1], 16) - 0xDC00)
        match = low
    return match.end() if chr(code) == wanted else -1


def _literal(raw: str, position: int, value: Any, where: str) -> int:
    if value is None or isinstance(value, bool):
        for word in _WORDS[value]:
            if (
                raw.startswith(word, position)
                and not raw[position + len(word) : position + len(word) + 1].isalnum()
            ):
                return position + len(word)
        raise Unfaithful(f"{where}: {_excerpt(raw, position)} became {value}")
    match = _NUMBER.match(raw, position)
    same = match is not None and (
        float(match[0]) == value if isinstance(value, float) else match[0] == str(value)
    )
    if match is None or not same:
        raise Unfaithful(f"{where}: {_excerpt(raw, position)} became {value}")
    return match.end()
