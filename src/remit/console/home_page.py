"""Home: every agent with the few numbers that matter, and what waits for people."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from remit.app import (
    Act,
    Identity,
    agent_numbers,
    first_deadlines,
    notifications_seen,
    waiting_queues,
)
from remit.console.web import as_json, as_lines, page, render, site_of, wants_json, wants_lines
from remit.telling import moment_of

SINCE = "24h"
MOST = 200
"""Of each agent the newest so many runs count here."""


def home(request: Request, identity: Identity) -> Response:
    """One line for each agent, one for each queue."""
    service = site_of(request).service
    now = service.log.clock()
    names = [name for name in service.agents if identity.sees(agent=name)]
    since = moment_of(SINCE, now)
    seen = (identity.agents, identity.tenants)
    numbers = site_of(request).numbers.get(
        seen,
        lambda: {name: agent_numbers(service.log, identity, name, since=since, most=MOST) for name in names},
    )
    agents = [
        {"name": name, "purpose": service.agents[name].contract.purpose, "numbers": numbers[name]}
        for name in sorted(names)
    ]
    may_see_cases = identity.may(Act.SEE_CASES)
    queues = waiting_queues(service.log, identity) if may_see_cases else []
    deadlines = site_of(request).deadlines.get("all", lambda: first_deadlines(service.log))
    queues = [{**queue, "first_deadline": deadlines.get(queue["queue"])} for queue in queues]
    if wants_lines(request):
        return as_lines(_data(agent) for agent in agents)
    if wants_json(request):
        return as_json({"agents": [_data(agent) for agent in agents], "queues": queues})
    view = {
        "identity": identity,
        "agents": agents,
        "queues": queues,
        "now": now,
        "since": SINCE,
        "trouble": service.trouble,
        "given_up": len(notifications_seen(service.log, identity, "dead").rows) if may_see_cases else 0,
        "command": "remit cases; remit stats --by outcome --since 24h",
        "live": "/live",
    }
    return render(request, "home.html", view)


def _data(agent: dict[str, Any]) -> dict[str, Any]:
    numbers = agent["numbers"]
    return {
        "agent": agent["name"],
        "runs": numbers.runs,
        "escalated_share": numbers.escalated_share,
        "failed_share": numbers.failed_share,
        "p95_ms": numbers.p95_ms,
        "rated_bad": numbers.rated_bad,
    }


ROUTES = [page("/", Act.READ, home)]
