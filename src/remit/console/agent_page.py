"""The agent's page at 2 a.m.: what it is for, what goes wrong and since when, and its runbook."""

from starlette.requests import Request
from starlette.responses import Response

from remit.app import Act, Identity, Search, agent_numbers, cases_seen, facets, facts_of, numbers_of
from remit.console.charts import strip
from remit.console.timeline import hourly
from remit.console.web import as_json, page, render, site_of, wants_json
from remit.contract import Bullets, Code, Paragraph, Table, runbook_page
from remit.telling import moment_of

SINCE = "24h"
KINDS = {Bullets: "bullets", Code: "code", Paragraph: "paragraph", Table: "table"}
STRIP_WIDTH, STRIP_HEIGHT = 720, 56


def agent(request: Request, identity: Identity) -> Response:
    """The runbook as it is enforced, with today's numbers above it."""
    service = site_of(request).service
    remit = service.agent(identity, request.path_params["name"])
    now = service.log.clock()
    since = moment_of(SINCE, now)
    found = facets(service.log, identity, Search(exact={"agent": remit.name}, since=since))
    numbers = numbers_of(service.log, found, remit.name, since=since)
    before = site_of(request).numbers_before.get(
        (remit.name, identity.agents, identity.tenants),
        lambda: agent_numbers(service.log, identity, remit.name, since=since - (now - since), until=since),
    )
    waiting = (
        cases_seen(service.log, identity, {"agent": remit.name, "state": "open"}, most=1).rows
        if identity.may(Act.SEE_CASES)
        else []
    )
    if wants_json(request):
        return as_json({"agent": remit.name, "release": remit.release.hash, "runs": numbers.runs})
    runbooks = site_of(request).runbooks
    if remit.release.hash not in runbooks:
        runbooks[remit.release.hash] = runbook_page(remit.contract, facts_of(remit.tools))
    view = {
        "identity": identity,
        "remit": remit,
        "numbers": numbers,
        "before": before,
        "oldest": waiting[0] if waiting else None,
        "modes": sorted(found.counts["mode"].items(), key=lambda item: -item[1]),
        "columns": strip(hourly(found.rows, since, now), STRIP_WIDTH, STRIP_HEIGHT),
        "strip_width": STRIP_WIDTH,
        "strip_height": STRIP_HEIGHT,
        "runbook": runbooks[remit.release.hash],
        "kinds": KINDS,
        "now": now,
        "since": SINCE,
        "command": f"remit runbook {remit.name}",
    }
    return render(request, "agent.html", view)


ROUTES = [page("/agents/{name}", Act.SEE_AGENTS, agent)]
