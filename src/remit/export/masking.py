"""Personal data is masked when it leaves, never destroyed where a resume needs it."""

import re
from typing import Any, cast

from pydantic_core import from_json, to_json

from remit.event import FREE_FIELDS, decode, encode
from remit.log import Entry

LONGEST_NUMBER = 10**12
"""A whole number of more digits may be that of a card."""
_PATTERNS = (
    # An address begins where no such character stands before it: each text is looked through once.
    (re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), "[iban]"),
    (re.compile(r"\b(?:\d[ -]?){12,18}\d\b"), "[card number]"),
    (re.compile(r"(?<![\w.])\+\d(?:[ ./-]?\d){7,14}\b"), "[phone]"),
)


def mask(text: str) -> str:
    """The text with e-mail addresses, IBANs, card and telephone numbers replaced by their kind."""
    for pattern, name in _PATTERNS:
        text = pattern.sub(name, text)
    return text


def masked(entry: Entry) -> Entry:
    """The same event with every text in it masked; its form, times and counts stay."""
    if entry.event is None:
        return entry
    body = _masked(from_json(encode(entry.event)), free=False)
    return entry._replace(event=decode(entry.kind, to_json(body)))


def _masked(value: Any, *, free: bool) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(each, free=free) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {mask(name): _masked(each, free=free or name in FREE_FIELDS) for name, each in fields.items()}
    return _number(value) if free else value


def _number(value: Any) -> Any:
    """A whole number is masked where it may be that of a card; every other one stays a number."""
    if not isinstance(value, int) or abs(value) < LONGEST_NUMBER:
        return value
    shown = mask(str(value))
    return value if shown == str(value) else shown
