"""Text that somebody else wrote, made harmless for a terminal: the one function that does it."""

import re
import unicodedata
from functools import lru_cache

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor movements
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"  # titles, links
    r"|\x1b[ -/]*[0-~]"  # the short ones
)


def plain(text: str) -> str:
    """The text without terminal escapes and without characters that hide, reorder or move others.

    Newlines stay; every other kind of white space becomes a space.
    """
    if text.isprintable():
        return text
    without = _ESCAPES.sub("", text)
    return "".join(sign if sign.isprintable() or sign == "\n" else _instead(sign) for sign in without)


def one_line(text: str) -> str:
    """The same on one line, each stretch of white space as one space."""
    return " ".join(plain(text).split())


def shortened(text: str, columns: int) -> str:
    """The text on one line, cut with `…` where it is wider than that many columns."""
    line = one_line(text[: 8 * columns + 200])
    if width_of(line) <= columns and len(text) <= 8 * columns + 200:
        return line
    kept: list[str] = []
    room = columns - 1
    for sign in line:
        room -= width_of(sign)
        if room < 0:
            break
        kept.append(sign)
    return "".join(kept).rstrip() + "…"


def wrapped(text: str, columns: int) -> list[str]:
    """The text as lines of at most that many columns; at least one line."""
    lines: list[str] = []
    line, width = "", 0
    for word in plain(text).split():
        word_width = width_of(word)
        if line and width + 1 + word_width > columns:
            lines.append(line)
            line = ""
        line, width = (f"{line} {word}", width + 1 + word_width) if line else (word, word_width)
        while width > columns:
            lines.append(line[:columns])
            line = line[columns:]
            width = width_of(line)
    return [*lines, line] if line or not lines else lines


def width_of(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def json_safe(document: str) -> str:
    """A JSON document with every character that does not print written as its `\\u` escape."""
    if document.isprintable():
        return document
    return "".join(sign if sign.isprintable() or sign == "\n" else _escaped(sign) for sign in document)


def _instead(sign: str) -> str:
    return " " if sign.isspace() else ""


def _escaped(sign: str) -> str:
    code = ord(sign)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
