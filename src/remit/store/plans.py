"""How the database would answer: whether a statement goes by an index or reads a whole table."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from remit.store.filters import COLUMNS, cases_statement, runs_statement
from remit.store.pages import (
    AMONG,
    MEASURES,
    Bound,
    Free,
    Restriction,
    SoughtRuns,
    cases_page,
    last_measured,
    queues_of,
    runs_page,
    subjects_of,
)
from remit.store.port import Store
from remit.store.queries import QUERIES
from remit.store.rows import Value

GROWING = ("run", "event", "body", "review_case", "once", "last_known")
"""Tables that grow with every run: nothing that is asked often may read one of them whole."""
_SCAN = {
    "sqlite": re.compile(r"\bSCAN (\w+)(?! USING)"),
    "postgres": re.compile(r"Seq Scan on (\w+)"),
}
_SHORT = {"r": "run", "c": "review_case", "e": "event", "b": "body"}
HOT = (
    "runnable_runs",
    "due_runs",
    "run_row",
    "run_ids_like",
    "case_ids_like",
    "run_by_idempotency_key",
    "earlier_runs",
    "events_from",
    "case_row",
    "once_row",
    "last_known_row",
    "breaker_row",
    "release_row",
    "event_at",
    "runnable_now",
    "oldest_waiting",
    "queued_runs_of",
    "queued_of_agent",
    "last_event_of_kind",
    "cases_of_run",
    "decided_cases_like",
    "decided_lately_in",
    "events_of_kind",
)
"""Named statements that are carried out for every run, wake, scan or page."""
COUNTED = (
    "open_queues",
    "first_deadlines",
    "cases_by_queue",
    "states",
    "runs_by_state",
    "queued_by_agent",
    "queued_releases",
    "runs_of_state",
    "ratings_of_agent",
)
"""Named statements that count for a page or a monitor: they may not read an index whole either."""
OF_FEW = ("run_queue", "run_unended", "run_deadline")
"""Indexes that hold only what is under way."""
_WALK = {
    "sqlite": re.compile(r"\bSCAN \w+ USING (?:COVERING )?INDEX (\w+)"),
    "postgres": re.compile(r"Index (?:Only )?Scan (?:Backward )?using (\w+) on (?!.*\n\s*Index Cond)"),
}


def scanned(store: Store, statement: str, values: Mapping[str, Value]) -> list[str]:
    """The growing tables that the statement would read whole; empty where it goes by indexes."""
    found = [
        name for line in plan_of(store, statement, values) for name in _SCAN[store.dialect].findall(line)
    ]
    return [table for name in found if (table := _SHORT.get(name, name)) in GROWING]


def walked(store: Store, statement: str, values: Mapping[str, Value]) -> list[str]:
    """The indexes that the statement would read from end to end, except those of what is under way."""
    plan = "\n".join(plan_of(store, statement, values))
    return [name for name in _WALK[store.dialect].findall(plan) if name not in OF_FEW]


def plan_of(store: Store, statement: str, values: Mapping[str, Value]) -> list[str]:
    """The lines of the database's plan."""
    if store.dialect == "sqlite":
        rows = store.select(f"explain query plan {statement}", values)
        return [str(row["detail"]) for row in rows]
    # On a small table a scan is cheapest: what counts is that there is another way.
    store.select("select set_config('enable_seqscan', 'off', false)", {})
    try:
        rows = store.select(f"explain {statement}", values)
    finally:
        store.select("select set_config('enable_seqscan', 'on', false)", {})
    return [str(row["QUERY PLAN"]) for row in rows]


def hot_statements() -> dict[str, tuple[str, dict[str, Value]]]:
    """Everything that is asked often, by name, with values to plan it for."""
    found: dict[str, tuple[str, dict[str, Value]]] = {}
    found |= {name: _named(name) for name in HOT}
    found["runs"] = runs_statement({}, since=None, most=20)
    found["runs since"] = runs_statement({}, since=1.0, most=20)
    for column in COLUMNS:
        found[f"runs by {column}"] = runs_statement({column: "waiting"}, since=None, most=20)
    most: dict[str, Any] = {"most": 20, "free": Free(by="x", now=1.0)}
    after = (0.0, 1.0, "x")
    here = {"state": "open", "queue": "x"}
    found["next case"] = cases_page({"state": "open"}, Restriction(), after=None, **most)
    found["next case of a queue"] = cases_page(here, Restriction(), after=after, **most)
    found["open cases"] = cases_statement({"state": "open"}, most=20)
    found["open cases of a queue"] = cases_statement({"state": "open", "queue": "x"}, most=20)
    found |= _pages()
    return found


def counted_statements() -> dict[str, tuple[str, dict[str, Value]]]:
    """What counts for a page or a monitor, by name, with values to plan it for."""
    return {name: _named(name) for name in COUNTED}


def _pages() -> dict[str, tuple[str, dict[str, Value]]]:
    """What the console's pages ask for."""
    seen = Restriction()

    def page(
        filters: Mapping[str, str], *, bounds: Sequence[Bound] = (), **place: Any
    ) -> tuple[str, dict[str, Value]]:
        sought = SoughtRuns(filters=filters, restriction=seen, **place or {"since": 1.0})
        return runs_page(sought, most=50, bounds=bounds)

    found = {"a page of runs": page({}, before=(1.0, "x"))}
    for name in (*COLUMNS, *AMONG):
        found[f"a page of runs by {name}"] = page({name: "waiting"})
        found[f"a page of runs by agent and {name}"] = page({name: "waiting", "agent": "x"})
    for name in MEASURES:
        found[f"a page of runs with a bound of {name}"] = page({}, bounds=[(name, ">", 1.0)])
    of_agent = SoughtRuns(filters={"agent": "x"}, restriction=seen, since=1.0)
    found["the last run measured"] = last_measured(of_agent)
    found["subjects of runs"] = subjects_of(["x", "y"])
    found["queues of runs"] = queues_of(["x", "y"])
    found["a page of cases"] = cases_page({"state": "open", "queue": "x"}, seen, after=None, most=50)
    return found


def _named(name: str) -> tuple[str, dict[str, Value]]:
    names = re.findall(r"(?<!:):(\w+)", QUERIES[name])
    return QUERIES[name], {each: _value(each) for each in names}


def _value(name: str) -> Value:
    if name in ("most", "from_seq", "seq", "among"):
        return 1
    return 1.0 if name in ("after", "before", "since") else "x"
