"""A piece of a line and how it stands out: what the terminal and the console both show."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from remit.telling.harmless import plain


class Style(Enum):
    """How a piece of a line stands out, where colours are shown; never the only sign of anything."""

    STRONG = "1"
    FAINT = "2"
    GOOD = "32"
    WARN = "33"
    BAD = "31"


class Painted(NamedTuple):
    """A piece of a line with a style."""

    text: str
    style: Style


Piece = str | Painted
Line = Sequence[Piece]


def strong(text: str) -> Painted:
    """The piece that the eye should find first."""
    return Painted(text, Style.STRONG)


def faint(text: str) -> Painted:
    """A piece that is there for those who look for it."""
    return Painted(text, Style.FAINT)


def flat(piece: Piece) -> Piece:
    """The piece without line breaks, so that nothing in it can pass for a line of its own."""
    text = plain(text_of(piece)).replace("\n", " ")
    return text if isinstance(piece, str) else Painted(text, piece.style)


def text_of(piece: Piece) -> str:
    """What a piece says."""
    return piece if isinstance(piece, str) else piece.text
