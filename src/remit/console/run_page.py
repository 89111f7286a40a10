"""Run: why did it end like this, and what did the model really see?"""

import json
from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from remit.app import Act, Identity, events_seen, run_seen, window_seen
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
from remit.telling import Line, Reader, lines_of, story, tree

WIDTH = 640
PART = 100
"""Spans of one page: a run of any length is shown in parts that each weigh the same."""
STORY_HEAD, STORY_TAIL = 80, 20
"""Lines of a story that are shown where there are more."""
STORY_ROOM = 110
TREE_ROOM = 120


def run(request: Request, identity: Identity) -> Response:
    """The story, the waterfall with the same spans as a table, and every event."""
    log = site_of(request).service.log
    run_id = request.path_params["run_id"]
    row = run_seen(log, identity, run_id)
    entries = events_seen(log, identity, run_id, unmasked=True)
    if wants_json(request) or wants_lines(request):
        events = [json.loads(line_of(entry, masked=False)) for entry in entries]
        return as_lines(events) if wants_lines(request) else as_json({"run": run_id, "events": events})
    now = log.clock()
    spans = spans_of(entries)
    part = _part(request.query_params.get("part"), len(spans))
    shown = spans[part * PART : (part + 1) * PART]
    begun = entries[0].at if entries else row["admitted_at"]
    chosen = _chosen(request.query_params.get("event"), entries)
    lines = _shortened(story(entries, Reader(now=now, room=STORY_ROOM)), run_id)
    view = {
        "identity": identity,
        "row": row,
        "story": told(lines),
        "bars": waterfall(shown, WIDTH, now_s=max(0.0, now - begun)),
        "width": WIDTH,
        "row_height": ROW_HEIGHT,
        "part": part,
        "parts": -(-len(spans) // PART),
        "first": part * PART + 1,
        "spans": len(spans),
        "begun": begun,
        "chosen": chosen,
        "window": window_seen(entries, chosen.seq) if chosen is not None else None,
        "detail": told(_detail(chosen, begun)) if chosen is not None else [],
        "events": _events_of(entries, spans, part),
        "case": _open_case(log, run_id) if identity.may(Act.SEE_CASES) else None,
        "may_rate": identity.may(Act.GIVE_FEEDBACK),
        "may_cancel": identity.may(Act.CANCEL) and row["state"] in ("runnable", "waiting"),
        "now": now,
        "command": f"remit show {run_id}",
        "live": f"/live?run={run_id}&head={row['head']}" if row["state"] != "ended" else "",
    }
    return render(request, "run.html", view)


def _part(asked: str | None, spans: int) -> int:
    number = int(asked) if asked is not None and asked.isdecimal() and len(asked) < 9 else 0
    return min(number, max(0, spans - 1) // PART)


def _events_of(entries: Sequence[Entry], spans: Sequence[Span], part: int) -> list[Entry]:
    """The events from the first span of a part to that of the next one."""
    first = spans[part * PART].seq if part else 0
    following = spans[(part + 1) * PART].seq if (part + 1) * PART < len(spans) else None
    return [entry for entry in entries if entry.seq >= first and (following is None or entry.seq < following)]


def _shortened(lines: list[Line], run_id: str) -> list[Line]:
    left = len(lines) - STORY_HEAD - STORY_TAIL
    if left <= 0:
        return lines
    said = f"    … {left} lines more; `remit show {run_id}` prints all of them."
    return [*lines[:STORY_HEAD], (said,), *lines[-STORY_TAIL:]]


def _chosen(asked: str | None, entries: Sequence[Entry]) -> Entry | None:
    return next((entry for entry in entries if asked is not None and str(entry.seq) == asked), None)


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
