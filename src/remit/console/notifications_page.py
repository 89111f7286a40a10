"""Notifications: who was not told of a case, why, and another try."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from remit.app import NOTIFICATION_STATES, Act, Identity, notifications_seen, tell_again
from remit.console.web import (
    as_json,
    as_lines,
    form_text,
    identified,
    page,
    render,
    site_of,
    wants_json,
    wants_lines,
)

NAMES = {"dead": "Given up", "pending": "To be tried", "sending": "Under way", "sent": "Delivered"}
KEYS = ("notification_id", "case_id", "run_id", "agent", "queue", "target", "state", "attempts", "error")


def notifications(request: Request, identity: Identity) -> Response:
    """Those that were given up, or those in another state."""
    service = site_of(request).service
    asked = request.query_params.get("state")
    state = asked if asked in NOTIFICATION_STATES else "dead"
    cursor = request.query_params.get("cursor") or None
    found = notifications_seen(service.log, identity, state, cursor=cursor)
    rows = found.rows
    if wants_json(request) or wants_lines(request):
        data: list[dict[str, Any]] = [{key: row[key] for key in KEYS} for row in rows]
        return (
            as_lines(data) if wants_lines(request) else as_json({"notifications": data, "next": found.next})
        )
    view = {
        "identity": identity,
        "rows": rows,
        "next": found.next,
        "state": state,
        "states": {each: NAMES[each] for each in NOTIFICATION_STATES},
        "may_retry": state == "dead" and identity.may(Act.RETRY_NOTIFICATIONS),
        "now": service.log.clock(),
        "command": f"remit notifications list --state {state}",
        "live": "/live",
    }
    return render(request, "notifications.html", view)


async def retry(request: Request) -> Response:
    """One more try, by an operator; it stands in the administrative log."""
    identity = await identified(request, Act.RETRY_NOTIFICATIONS)
    name = form_text(await request.form(), "notification")
    await run_in_threadpool(tell_again, site_of(request).service.log, identity, name)
    return RedirectResponse("/notifications", 303)


ROUTES = [
    page("/notifications", Act.SEE_CASES, notifications),
    Route("/notifications/retry", retry, methods=["POST"]),
]
