"""Run: why did it end like this, and what did the model really see?"""

import json
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from remit.app import (
    PART,
    Act,
    Identity,
    Outline,
    RunReader,
    Window,
    events_seen,
    outline_of,
    run_seen,
    window_seen,
)
from remit.console.charts import ROW_HEIGHT, waterfall
from remit.console.spans import Span, spans_of
from remit.console.web import (
    as_json,
    as_lines,
    form_text,
    identified,
    page,
    render,
    site_of,
    told,
    wants_json,
    wants_lines,
)
from remit.errors import DecisionRefused, RemitError
from remit.export import line_of
from remit.log import Entry
from remit.store import Row
from remit.telling import Cut, Line, Reader, lines_of, story, tree

WIDTH = 640
AFTER = 100
"""Events that are read at a time after a part, until its last spans have ended."""
STORY_HEAD, STORY_TAIL = 80, 20
"""Lines of a story that are shown where there are more."""
STORY_ROOM = 110
TREE_ROOM = 120


def run(request: Request, identity: Identity) -> Response:
    """The story, the waterfall with the same spans as a table, and every event; in parts where it is long."""
    log = site_of(request).service.log
    row = run_seen(log, identity, request.path_params["run_id"])
    run_id = row["run_id"]
    if wants_json(request) or wants_lines(request):
        entries = events_seen(log, identity, run_id, unmasked=True)
        events = [json.loads(line_of(entry, masked=False)) for entry in entries]
        return as_lines(events) if wants_lines(request) else as_json({"run": run_id, "events": events})
    now, reader = log.clock(), RunReader(log, identity, row)
    outline = outline_of(log, row)
    told_entries, cut_after = reader.told()
    begun = told_entries[0].at
    part = _part(request.query_params.get("part"), len(outline.parts))
    first, beyond = outline.bounds(part)
    entries = told_entries if cut_after is None else reader.between(first, beyond)
    spans = _spans(reader, entries, outline, part, begun)
    chosen = _chosen(request.query_params.get("event"), entries, reader)
    cut = _cut(told_entries, cut_after, outline, row)
    view = {
        "identity": identity,
        "row": row,
        "story": told(_shortened(story(told_entries, Reader(now=now, room=STORY_ROOM), cut), run_id)),
        "bars": waterfall(spans, WIDTH, now_s=max(0.0, now - begun)),
        "width": WIDTH,
        "row_height": ROW_HEIGHT,
        "part": part,
        "parts": [(number * PART + 1, at - begun) for number, (_, at) in enumerate(outline.parts)],
        "first": part * PART + 1,
        "spans": outline.spans,
        "begun": begun,
        "chosen": chosen,
        "window": _window(reader, chosen) if chosen is not None else None,
        "detail": told(_detail(chosen, begun)) if chosen is not None else [],
        "events": [entry for entry in entries if first <= entry.seq < beyond],
        "case": _open_case(log, run_id) if identity.may(Act.SEE_CASES) else None,
        "may_rate": identity.may(Act.GIVE_FEEDBACK),
        "may_cancel": identity.may(Act.CANCEL) and row["state"] in ("runnable", "waiting"),
        "now": now,
        "command": f"remit show {run_id}",
        "live": f"/live?run={run_id}&head={row['head']}" if row["state"] != "ended" else "",
    }
    return render(request, "run.html", view)


def _part(asked: str | None, parts: int) -> int:
    number = int(asked) if asked is not None and asked.isdecimal() and len(asked) < 9 else 0
    return min(number, max(0, parts - 1))


def _spans(
    reader: RunReader, entries: Sequence[Entry], outline: Outline, part: int, begun: float
) -> list[Span]:
    """The spans that begin in a part; as much after it is read as the last of them took."""
    first, beyond = outline.bounds(part)
    known, seq = list(entries), entries[-1].seq + 1
    while True:
        spans = [span for span in spans_of(known, begun) if first <= span.seq < beyond]
        if seq > outline.head or all(span.end_s is not None for span in spans):
            return spans
        known += reader.between(seq, seq + AFTER)
        seq += AFTER


def _cut(told_entries: Sequence[Entry], after: int | None, outline: Outline, row: Row) -> Cut | None:
    if after is None:
        return None
    return Cut(
        after=after,
        events=outline.head + 1 - len([entry for entry in told_entries if entry.seq <= after]),
        models=outline.kinds.get("model_answered", 0) + outline.kinds.get("model_failed", 0),
        tools=outline.kinds.get("intended", 0),
        tokens=row["tokens"],
        cost_usd=row["cost_usd"],
    )


def _shortened(lines: list[Line], run_id: str) -> list[Line]:
    left = len(lines) - STORY_HEAD - STORY_TAIL
    if left <= 0:
        return lines
    said = f"    … {left} lines more; `remit show {run_id}` prints all of them."
    return [*lines[:STORY_HEAD], (said,), *lines[-STORY_TAIL:]]


def _chosen(asked: str | None, entries: Sequence[Entry], reader: RunReader) -> Entry | None:
    if asked is None or not asked.isdecimal() or len(asked) > 9:
        return None
    seq = int(asked)
    found = next((entry for entry in entries if entry.seq == seq), None)
    return found or next(iter(reader.between(seq, seq + 1)), None)


def _window(reader: RunReader, chosen: Entry) -> Window | None:
    """What the model saw; all that came before is read for a question alone."""
    return (
        window_seen(reader.between(0, chosen.seq + 1), chosen.seq) if chosen.kind == "model_asked" else None
    )


def _detail(entry: Entry, begun: float) -> list[Line]:
    return lines_of(tree([entry]), begun, TREE_ROOM, full=True)


def _open_case(log: Any, run_id: str) -> str | None:
    rows = log.store.rows("cases_of_run", {"run_id": run_id})
    return next((row["case_id"] for row in rows if row["state"] == "open"), None)


async def cancel(request: Request) -> Response:
    """Stops a run; nothing new is intended after this."""
    identity = await identified(request, Act.CANCEL)
    service = site_of(request).service
    run_id = request.path_params["run_id"]
    await run_in_threadpool(run_seen, service.log, identity, run_id)
    reason = form_text(await request.form(), "reason")
    try:
        await service.runtime.cancel(run_id, by=identity.name, reason=reason)
    except DecisionRefused as refused:
        return _refused(request, identity, run_id, refused)
    return RedirectResponse(f"/runs/{run_id}", 303)


async def rate(request: Request) -> Response:
    """Records a judgement of a run."""
    identity = await identified(request, Act.GIVE_FEEDBACK)
    service = site_of(request).service
    run_id = request.path_params["run_id"]
    await run_in_threadpool(run_seen, service.log, identity, run_id)
    form = await request.form()
    rating = form_text(form, "rating")
    if rating in ("good", "bad"):
        await service.runtime.rate(
            run_id,
            "good" if rating == "good" else "bad",
            by=identity.name,
            comment=form_text(form, "comment"),
        )
    return RedirectResponse(f"/runs/{run_id}", 303)


def _refused(request: Request, identity: Identity, run_id: str, error: RemitError) -> Response:
    view = {
        "identity": identity,
        "title": "This was not taken.",
        "detail": str(error),
        "back": f"/runs/{run_id}",
    }
    return render(request, "problem.html", view, 409)


ROUTES = [
    page("/runs/{run_id}", Act.READ, run),
    Route("/runs/{run_id}/cancel", cancel, methods=["POST"]),
    Route("/runs/{run_id}/rating", rate, methods=["POST"]),
]
