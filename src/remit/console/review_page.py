"""Review: the queues, what waits in them, and what was decided lately."""

from starlette.requests import Request
from starlette.responses import Response

from remit.app import Act, Identity, cases_seen, decided_lately, next_case, waiting_queues
from remit.console.case_page import case_before
from remit.console.web import as_json, as_lines, page, render, site_of, wants_json, wants_lines

MOST = 50
KEYS = ("case_id", "run_id", "agent", "queue", "question", "opened_at", "deadline")


def review(request: Request, identity: Identity) -> Response:
    """The queues, and what waits in one of them."""
    service = site_of(request).service
    queue = request.query_params.get("queue") or None
    filters = {"state": "open", **({"queue": queue} if queue else {})}
    cursor = request.query_params.get("cursor") or None
    found = cases_seen(service.log, identity, filters, cursor=cursor, most=MOST)
    if wants_json(request) or wants_lines(request):
        rows = [{key: row[key] for key in KEYS} for row in found.rows]
        return as_lines(rows) if wants_lines(request) else as_json({"cases": rows, "next": found.next})
    view = {
        "identity": identity,
        "queues": waiting_queues(service.log, identity),
        "queue": queue,
        "rows": found.rows,
        "next": found.next,
        "none_free": _none_free(request, identity, queue) if found.rows else "",
        "lately": decided_lately(service.log, identity, queue),
        "before": case_before(request, identity),
        "now": service.log.clock(),
        "command": f"remit cases --queue {queue}" if queue else "remit cases",
        "live": "/live",
    }
    return render(request, "review.html", view)


def _none_free(request: Request, identity: Identity, queue: str | None) -> str:
    """That whoever decides has nothing to take up although cases wait; empty where they have."""
    if not identity.may(Act.DECIDE):
        return ""
    asked = {"queue": queue} if queue else {}
    found = next_case(site_of(request).service.log, identity, asked, by=identity.name)
    return found.why_none if found.row is None else ""


ROUTES = [page("/review", Act.SEE_CASES, review)]
