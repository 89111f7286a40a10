"""`remit runs` and `remit cases` with their filters, as one statement each."""

from collections.abc import Mapping

from remit.store.port import Store
from remit.store.rows import Value

COLUMNS = {
    "agent": "agent",
    "outcome": "outcome",
    "mode": "mode",
    "state": "state",
    "tenant": "tenant",
    "user": "user_id",
    "conversation": "conversation",
    "release": "release_hash",
}
"""What runs can be filtered by, and the column that holds it."""
CASE_COLUMNS = {"queue": "c.queue", "agent": "r.agent", "state": "c.state", "run": "c.run_id"}
"""What cases can be filtered by, and the column that holds it."""


MOST_COUNTED = 5000
TOGETHER = {"outcome", "mode"}
"""Filters that one index serves at once."""
STATES = ("runnable", "waiting", "set_aside", "ended")


def equality(name: str, value: str) -> str:
    """The clause of one filter; KeyError for a filter that does not exist.

    A known state is written out, with what it is not: only so does SQLite use an index that leaves out
    all ended runs.
    """
    column = COLUMNS[name]
    if name != "state":
        return f"{column} = :{name}"
    if value not in STATES:
        return f"{column} = :{name} and {column} <> 'ended'"
    return f"{column} = '{value}'" + ("" if value == "ended" else f" and {column} <> 'ended'")


def equalities(filters: Mapping[str, str], led_by: str | None = None) -> list[str]:
    """The clauses of all filters; KeyError as above.

    `led_by` names the one whose index is used: the others are written as expressions that no index has.
    """
    clauses = {name: equality(name, value) for name, value in filters.items()}
    leading = TOGETHER if led_by in TOGETHER else {led_by}
    if led_by is not None:
        clauses |= {
            name: f"{COLUMNS[name]} || '' = :{name}" for name in clauses if name not in (*leading, "state")
        }
        if led_by != "state" and "state" in clauses:
            clauses["state"] = "state || '' = :state"
    return list(clauses.values())


def narrowest(store: Store, filters: Mapping[str, str], since: float | None) -> str | None:
    """The filter that fewest runs fit, where several are given and the database keeps no statistics.

    SQLite takes any index of several. Entries of an index are counted, no further than some thousands.
    """
    known = [name for name in filters if name in COLUMNS and filters[name] != "ended"]
    if store.dialect == "postgres" or len(filters.keys() & COLUMNS.keys()) < 2 or not known:
        return None
    counts: dict[str, int] = {}
    for name in known:
        late = " and admitted_at >= :since" if since is not None else ""
        some = f"select 1 from run where {equality(name, filters[name])}{late} limit {MOST_COUNTED}"
        values: dict[str, Value] = {name: filters[name], "since": since}
        counts[name] = store.select(f"select count(*) as n from ({some}) as some", values)[0]["n"]
    return min(counts, key=lambda name: counts[name])


def runs_statement(
    filters: dict[str, str], *, since: float | None, most: int, led_by: str | None = None
) -> tuple[str, dict[str, Value]]:
    """The statement and its values; KeyError for a filter that does not exist. `led_by`: see `narrowest`."""
    clauses = equalities(filters, led_by)
    # The driver of Postgres takes no value that the statement does not name.
    named = {name: value for name, value in filters.items() if any(f":{name}" in each for each in clauses)}
    values: dict[str, Value] = {"most": most, **named}
    if since is not None:
        clauses.append("admitted_at >= :since")
        values["since"] = since
    where = f"where {' and '.join(clauses)}" if clauses else ""
    return f"select * from run {where} order by admitted_at desc, run_id desc limit :most", values


def cases_statement(filters: dict[str, str], *, most: int) -> tuple[str, dict[str, Value]]:
    """Cases with their run's agent, the most urgent first; KeyError for a filter that does not exist."""
    where = " and ".join(f"{CASE_COLUMNS[name]} = :{name}" for name in filters)
    source = f"review_case c join run r on r.run_id = c.run_id {f'where {where}' if where else ''}"
    order = "order by c.rank, c.due, c.case_id limit :most"
    return f"select c.*, r.agent from {source} {order}", {**filters, "most": most}
