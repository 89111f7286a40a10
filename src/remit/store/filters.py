"""`remit runs` and `remit cases` with their filters, as one statement each."""

from collections.abc import Mapping

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


FEWEST = {"user", "conversation"}
"""Filters whose values have fewer runs yet than are under way."""
STATES = ("runnable", "waiting", "set_aside", "ended")


def equality(name: str, value: str) -> str:
    """The clause of one filter; KeyError for a filter that does not exist.

    A known state is written out, with what it is not: only so does SQLite use an index that leaves out
    all ended runs.
    """
    column = COLUMNS[name]
    if name != "state" or value not in STATES:
        return f"{column} = :{name}"
    return f"{column} = '{value}'" + ("" if value == "ended" else f" and {column} <> 'ended'")


def equalities(filters: Mapping[str, str]) -> list[str]:
    """The clauses of all filters, so that the index with the fewest runs is used; KeyError as above.

    Runs that have not ended are few beside those of a tenant or an agent: SQLite, which keeps no
    statistics of its own, is led to them by an expression that no index has.
    """
    few = filters.get("state") in STATES[:-1] and not FEWEST & filters.keys()
    clauses = {name: equality(name, value) for name, value in filters.items()}
    if few:
        clauses |= {name: f"{COLUMNS[name]} || '' = :{name}" for name in clauses if name != "state"}
    return list(clauses.values())


def runs_statement(
    filters: dict[str, str], *, since: float | None, most: int
) -> tuple[str, dict[str, Value]]:
    """The statement and its values; KeyError for a filter that does not exist."""
    clauses = equalities(filters)
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
