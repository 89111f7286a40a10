"""Where in a text does JSON stand? Finds outermost bracketed regions, without reading them."""

from dataclasses import dataclass

_CLOSERS = {"{": "}", "[": "]"}
_BEFORE_A_STRING = "{[,:("


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A stretch of text from an opening bracket to the one that closes it."""

    start: int
    end: int
    closed: bool
    """False if the text ends first: the bracket, or something in between, was cut off."""


def regions(text: str) -> tuple[Region, ...]:
    """The outermost bracketed regions in order; brackets inside strings do not count."""
    found: list[Region] = []
    position = _next_opening(text, 0)
    while position is not None:
        end = _end_of(text, position)
        if end is None:
            found.append(Region(start=position, end=len(text), closed=False))
            break
        found.append(Region(start=position, end=end, closed=True))
        position = _next_opening(text, end)
    return tuple(found)


def _next_opening(text: str, start: int) -> int | None:
    places = [place for place in (text.find("{", start), text.find("[", start)) if place >= 0]
    return min(places, default=None)


def _end_of(text: str, start: int) -> int | None:
    """One past the bracket that closes the one at `start`, None if the text ends first."""
    depth = 0
    quote = ""
    last = ""
    position = start
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote, last = "", character
        elif character == '"' or (character == "'" and last in _BEFORE_A_STRING):
            quote = character
        elif character in _CLOSERS:
            depth += 1
            last = character
        elif character in "]}":
            depth -= 1
            last = character
            if depth == 0:
                return position + 1
        elif not character.isspace():
            last = character
        position += 1
    return None
