"""Runs: what is it doing now, and what goes wrong most?"""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from remit.app import (
    COMPARED,
    FACETED,
    SOME,
    Act,
    Facets,
    Identity,
    Page,
    Search,
    facets,
    first_page,
    rest_of,
    search_runs,
)
from remit.console.charts import strip
from remit.console.difference import differences
from remit.console.filter_expression import Expression, parse
from remit.console.timeline import hourly
from remit.console.web import as_json, as_lines, moment, page, query, render, site_of, wants_json, wants_lines
from remit.store import MOST_MEASURED, Bound
from remit.telling import iso_time

SINCE = "24h"
RANGES = ("1h", "24h", "7d", "30d")
MOST = 50
SHOWN_VALUES = 8
STRIP_WIDTH, STRIP_HEIGHT = 720, 56
MOST_TYPED = 500
MOST_NAME = 80
FACETS = ("outcome", "mode", "verdict", "tool", "queue", "reviewer", "release", "agent", "tenant")
"""In the order in which somebody looks for a cause."""
VIEWS = {
    "Everything": "",
    "Handed over": "outcome:escalated",
    "Failed": "outcome:failed",
    "Degraded": "outcome:degraded",
    "Waiting": "state:waiting",
    "Slow": "ms>10000",
}
"""Searches that everybody needs; every other one is an address that can be kept."""


def runs(request: Request, identity: Identity) -> Response:
    """The newest runs of a search, its facets, and what distinguishes it."""
    service = site_of(request).service
    log, params = service.log, request.query_params
    now = log.clock()
    asked = _asked(params, now)
    expression, search = asked.expression, asked.search
    cursor, as_data = params.get("cursor") or None, wants_lines(request) or wants_json(request)
    different, counted = bool(params.get("different")), None
    if not as_data and not expression.problems:
        counted = facets(log, identity, search, most=COMPARED if different else FACETED)
    found = Page(rows=[], next=None)
    if counted is not None and cursor is None:
        found = first_page(counted, MOST)
    elif not expression.problems:
        found = search_runs(log, identity, search, cursor=cursor, most=MOST)
    if wants_lines(request):
        return as_lines(_row_data(row) for row in found.rows)
    if wants_json(request):
        rows = [_row_data(row) for row in found.rows]
        return as_json({"runs": rows, "next": found.next, "problems": list(expression.problems)})
    since, until = asked.times
    view: dict[str, object] = {
        "identity": identity,
        "asked": asked,
        "typed": asked.typed,
        "expression": expression,
        "range": asked.since,
        "ranges": RANGES,
        "views": VIEWS,
        "rows": found.rows,
        "next": found.next,
        "looked_in": MOST_MEASURED if found.next is not None and len(found.rows) < MOST else None,
        "facets": _shown(counted, expression) if counted is not None else [],
        "address": f"/runs{query(asked.kept())}",
        "counted": counted,
        "differences": None,
        "columns": strip(hourly(counted.rows, since, until), STRIP_WIDTH, STRIP_HEIGHT) if counted else [],
        "strip_width": STRIP_WIDTH,
        "strip_height": STRIP_HEIGHT,
        "now": now,
        "command": command(asked, str(request.base_url).rstrip("/")),
        "live": f"/live?since={now:.3f}",
    }
    if counted is not None and different:
        rest = rest_of(log, identity, search, counted)
        totals = (len(counted.rows), len(rest.rows))
        view["differences"] = differences(_unasked(counted, expression), _unasked(rest, expression), totals)
        view["rest"] = len(rest.rows)
    return render(request, "runs.html", view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for: it is the whole state of the page, so that it can be kept and passed on."""

    typed: str
    since: str
    until: str
    name: str
    """What somebody called this view."""
    expression: Expression
    times: tuple[float, float]

    @property
    def search(self) -> Search:
        """The same for the log."""
        since, until = self.times
        return Search(
            exact=self.expression.exact(),
            bounds=_bounds(self.expression),
            since=since,
            until=until if self.until else None,
        )

    def kept(self, **changed: object) -> dict[str, object]:
        """What stands in the address of another page of the same view."""
        whole = {"q": self.typed, "since": self.since, "until": self.until, "name": self.name}
        return {**whole, **changed}


def _asked(params: Mapping[str, str], now: float) -> Asked:
    typed, since, until = (
        params.get("q", "")[:MOST_TYPED],
        params.get("since") or SINCE,
        params.get("until", ""),
    )
    expression, times = parse(typed), (now, now)
    try:
        times = (moment(since, now), moment(until, now) if until else now)
    except ValueError as error:
        expression = Expression(problems=(*expression.problems, str(error)))
    if times[0] > times[1]:
        expression = Expression(problems=(*expression.problems, "The end stands before the beginning."))
    return Asked(
        typed=typed,
        since=since,
        until=until,
        name=params.get("name", "")[:MOST_NAME],
        expression=expression,
        times=times,
    )


IN_TERMINAL = frozenset({"agent", "outcome", "mode", "state", "tenant", "user", "conversation"})
"""What `remit runs` can be narrowed by; everything else is asked for over HTTP."""


def command(asked: "Asked", site: str) -> str:
    """The same search in a terminal."""
    terms = asked.expression.terms
    if asked.until or any(term.sign != ":" or term.name not in IN_TERMINAL for term in terms):
        address = f"{site}/runs{query(asked.kept(format='jsonl', name=''))}"
        return f'curl -H "Authorization: Bearer $KEY" {shlex.quote(address)}'
    words = [f"--{term.name} {shlex.quote(term.value)}" for term in terms]
    return " ".join(["remit runs", *words, f"--since {shlex.quote(asked.since)}"])


def _bounds(expression: Expression) -> list[Bound]:
    return [(name, ">" if sign == ">" else "<", value) for name, sign, value in expression.measured()]


def _unasked(found: Facets, expression: Expression) -> Mapping[str, Mapping[str, int]]:
    """The counts without what was searched for: that it is different goes without saying."""
    asked = expression.exact()
    return {name: counts for name, counts in _scaled(found).items() if name not in asked}


def _scaled(found: Facets) -> Mapping[str, Mapping[str, int]]:
    """The counts, with those among some of the runs brought to as many runs as the others."""
    scale = len(found.rows) / found.among if found.among else 0.0
    scaled = {
        name: {value: round(count * scale) for value, count in found.counts[name].items()} for name in SOME
    }
    return {**found.counts, **scaled}


def _shown(found: Facets, expression: Expression) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for name in FACETS:
        counts = found.counts[name]
        if not counts:
            continue
        among = found.among if name in SOME else len(found.rows)
        values = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_VALUES]
        chosen = expression.exact().get(name)
        shown.append(
            {
                "name": name,
                "among": among,
                "chosen": chosen,
                "more": len(counts) - len(values),
                "values": [(value, n, _facet_query(expression, name, value, chosen)) for value, n in values],
            }
        )
    return shown


def _facet_query(expression: Expression, name: str, value: str, chosen: str | None) -> str:
    """The search after a click: with this value, or without it where it was chosen."""
    real = "state" if name == "outcome" and value in ("waiting", "runnable", "set_aside") else name
    return (expression.without(name) if chosen == value else expression.with_term(real, value)).text()


def _row_data(row: Mapping[str, Any]) -> dict[str, Any]:
    keys: Iterable[str] = (
        "run_id",
        "agent",
        "outcome",
        "state",
        "mode",
        "tenant",
        "steps",
        "tokens",
        "cost_usd",
    )
    return {
        **{key: row[key] for key in keys},
        "release": row["release_hash"],
        "admitted_at": iso_time(row["admitted_at"]),
        "ended_at": iso_time(row["ended_at"]),
    }


ROUTES = [page("/runs", Act.READ, runs)]
