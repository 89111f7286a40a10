"""Server-sent events: the steps of a run as the log has them; the id of each is its number in the run."""

import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from pydantic_core import from_json
from starlette.responses import StreamingResponse

from remit.event import encode
from remit.export import line_of
from remit.log import Entry

MEDIA_TYPE = "text/event-stream"
RETRY_MS = 1000
_HEARTBEAT = b": still here\n\n"
# A proxy that collects what it passes on would hold every step back.
_HEADERS = {"X-Accel-Buffering": "no"}


def event_stream(
    steps: AsyncGenerator[list[Entry], None], run_id: str, line: Callable[[Entry], str]
) -> StreamingResponse:
    """The events as they come, as an answer; the client comes back with `Last-Event-ID` by itself."""
    return StreamingResponse(_lines(steps, run_id, line), media_type=MEDIA_TYPE, headers=_HEADERS)


async def _lines(
    steps: AsyncGenerator[list[Entry], None], run_id: str, line: Callable[[Entry], str]
) -> AsyncGenerator[bytes, None]:
    yield f"retry: {RETRY_MS}\nevent: run\ndata: {json.dumps({'run_id': run_id})}\n\n".encode()
    try:
        async for entries in steps:
            if not entries:
                yield _HEARTBEAT
                continue
            text = "".join(f"id: {e.seq}\nevent: {e.kind}\ndata: {line(e)}\n\n" for e in entries)
            yield text.encode()
    finally:
        await steps.aclose()


def masked_line(entry: Entry) -> str:
    """One event on one line, personal data masked."""
    return line_of(entry, masked=True)


def body_of(entry: Entry) -> Any:
    """The body of an event as JSON values; None where it was erased."""
    return from_json(encode(entry.event)) if entry.event is not None else None


def last_seen(header: str | None, after: int) -> int:
    """The number of the last event that the client has; a header that is no number counts for nothing."""
    return int(header) if header is not None and header.isascii() and header.isdigit() else after
