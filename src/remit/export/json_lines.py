"""The log as JSON lines: one object per event, in the order in which events became durable."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from remit.event import encode
from remit.export.masking import masked as without_personal_data
from remit.log import Entry


def line_of(entry: Entry, *, masked: bool) -> str:
    """One event as a line: `run_id`, `seq`, `id`, `at` (ISO 8601, UTC), `kind` and `body`."""
    fields: dict[str, Any] = {
        "run_id": entry.run_id,
        "seq": entry.seq,
        "id": entry.id,
        "at": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds"),
        "kind": entry.kind,
    }
    event = without_personal_data(entry).event if masked else entry.event
    body = encode(event).decode() if event is not None else "null"
    return f'{json.dumps(fields)[:-1]}, "body": {body}}}'


def json_lines(stream: TextIO, *, masked: bool = True) -> Callable[[list[Entry]], None]:
    """A subscriber of the log that writes each event as one line and flushes it."""

    def write(entries: list[Entry]) -> None:
        stream.write("".join(line_of(entry, masked=masked) + "\n" for entry in entries))
        stream.flush()

    return write
