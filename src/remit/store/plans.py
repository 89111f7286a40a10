"""How the database would answer: whether a statement goes by an index or reads a whole table."""

import re
from collections.abc import Mapping
from typing import Any

from remit.store.filters import COLUMNS, cases_statement, runs_statement
from remit.store.pages import Free, Restriction, cases_page
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
)
"""Named statements that are carried out for every run, wake or scan."""


def scanned(store: Store, statement: str, values: Mapping[str, Value]) -> list[str]:
    """The growing tables that the statement would read whole; empty where it goes by indexes."""
    if store.dialect == "sqlite":
        rows = store.select(f"explain query plan {statement}", values)
        lines = [str(row["detail"]) for row in rows]
    else:
        # On a small table a scan is cheapest: what counts is that there is another way.
        store.select("select set_config('enable_seqscan', 'off', false)", {})
        try:
            rows = store.select(f"explain {statement}", values)
        finally:
            store.select("select set_config('enable_seqscan', 'on', false)", {})
        lines = [str(row["QUERY PLAN"]) for row in rows]
    found = [name for line in lines for name in _SCAN[store.dialect].findall(line)]
    return [table for name in found if (table := _SHORT.get(name, name)) in GROWING]


def hot_statements() -> dict[str, tuple[str, dict[str, Value]]]:
    """Everything that is asked often, by name, with values to plan it for."""
    found: dict[str, tuple[str, dict[str, Value]]] = {}
    for name in HOT:
        names = re.findall(r"(?<!:):(\w+)", QUERIES[name])
        found[name] = (QUERIES[name], {each: _value(each) for each in names})
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
    return found


def _value(name: str) -> Value:
    if name in ("most", "from_seq"):
        return 1
    return 1.0 if name in ("after", "before", "since") else "x"
