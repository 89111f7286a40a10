"""Personal data masked for the reader, event by event; the log itself keeps what a resume needs."""

import json
from typing import Any, cast

from remit.event import decode, encode
from remit.export import mask
from remit.log import Entry

LONGEST_NUMBER = 10**12
"""A whole number of more digits may be that of a card."""


def masked(entry: Entry) -> Entry:
    """The same event with every text in it masked."""
    if entry.event is None:
        return entry
    body = _masked(json.loads(encode(entry.event)))
    return entry._replace(event=decode(entry.kind, json.dumps(body).encode()))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, int) and abs(value) >= LONGEST_NUMBER:
        return mask(str(value))
    if isinstance(value, list):
        return [_masked(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {mask(name): _masked(each) for name, each in cast("dict[str, Any]", value).items()}
    return value
