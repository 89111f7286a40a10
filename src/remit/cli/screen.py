"""The one way to the terminal: everything that is shown passes here and is made harmless first."""

import json
import os
import shutil
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import click

from remit.telling import Line, Piece, json_safe, plain, text_of, width_of

_IN_ASCII = str.maketrans(
    {"…": "...", "→": "->", "├": "|", "└": "`", "│": "|", "─": "-", "·": "-", "“": '"', "”": '"'}
)
WIDEST = 120


def say(*pieces: Piece, error: bool = False) -> None:
    """One line, or several where a piece holds newlines; on stderr with `error`."""
    stream = sys.stderr if error else sys.stdout
    colours = shows_colours(stream)
    line = "".join(_shown(piece, stream, colours=colours) for piece in pieces)
    click.echo(line, file=stream, color=colours)


def say_all(lines: Iterable[Line], *, error: bool = False) -> None:
    """Lines, one after the other."""
    for line in lines:
        say(*line, error=error)


def say_json(value: Any) -> None:
    """One JSON document on one line of its own."""
    click.echo(json_safe(json.dumps(value, ensure_ascii=False, default=str)))


def note(*pieces: Piece) -> None:
    """A line on stderr, for what is about the command rather than its result."""
    say(*pieces, error=True)


def columns() -> int:
    """How wide a line may be: 80 where nothing is known."""
    return max(40, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))


def shows_colours(stream: TextIO) -> bool:
    """Whether the stream is a terminal that is to show colours."""
    dumb = os.environ.get("TERM") == "dumb"
    return stream.isatty() and not os.environ.get("NO_COLOR") and not dumb


def is_live() -> bool:
    """Whether somebody watches stderr, so that progress is worth showing."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _shown(piece: Piece, stream: TextIO, *, colours: bool) -> str:
    text = plain(text_of(piece))
    if not (stream.encoding or "").lower().startswith("utf"):
        text = text.translate(_IN_ASCII)
    if isinstance(piece, str) or not colours or not text:
        return text
    return f"\x1b[{piece.style.value}m{text}\x1b[0m"


def padded(piece: Piece, room: int, *, right: bool = False) -> Line:
    """A piece and the spaces that fill its column."""
    gap = " " * max(0, room - width_of(text_of(piece)))
    return (gap, piece) if right else (piece, gap)
