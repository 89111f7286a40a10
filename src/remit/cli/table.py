"""Rows as an aligned table that fits the terminal."""

from collections.abc import Sequence
from typing import NamedTuple

from remit.cli.screen import padded
from remit.telling import Line, Painted, Piece, faint, one_line, shortened, text_of, width_of

GAP = 2
LEAST = 6


class Column(NamedTuple):
    """A column's heading; a `firm` one is never cut."""

    title: str
    right: bool = False
    firm: bool = False


def table(headings: Sequence[Column], rows: Sequence[Sequence[Piece]], width: int) -> list[Line]:
    """The heading and one line per row, at most `width` columns wide as far as firm columns allow."""
    cells = [[_flat(cell) for cell in row] for row in rows]
    widths = _widths(headings, cells, width)
    lines = [_line([faint(column.title) for column in headings], headings, widths)]
    lines += [_line(row, headings, widths) for row in cells]
    return lines


def _flat(piece: Piece) -> Piece:
    text = one_line(text_of(piece))
    return text if isinstance(piece, str) else Painted(text, piece.style)


def _widths(headings: Sequence[Column], rows: Sequence[Sequence[Piece]], width: int) -> list[int]:
    widths = [
        max([width_of(column.title), *(width_of(text_of(row[index])) for row in rows)])
        for index, column in enumerate(headings)
    ]
    room = width - GAP * (len(headings) - 1)
    while sum(widths) > room:
        soft = [index for index, column in enumerate(headings) if not column.firm and widths[index] > LEAST]
        if not soft:
            break
        widest = max(soft, key=lambda index: widths[index])
        widths[widest] -= 1
    return widths


def _line(row: Sequence[Piece], headings: Sequence[Column], widths: Sequence[int]) -> Line:
    line: list[Piece] = []
    for index, (piece, column, room) in enumerate(zip(row, headings, widths, strict=True)):
        text = text_of(piece)
        cut = text if column.firm else shortened(text, room)
        shown = cut if isinstance(piece, str) else Painted(cut, piece.style)
        last = index == len(widths) - 1
        line += [shown] if last and not column.right else padded(shown, room, right=column.right)
        line += [] if last else [" " * GAP]
    return line
