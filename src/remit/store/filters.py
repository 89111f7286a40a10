"""`remit runs` and `remit cases` with their filters, as one statement each."""

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


STATES = ("runnable", "waiting", "set_aside", "ended")


def equality(name: str, value: str) -> str:
    """The clause of one filter; KeyError for a filter that does not exist.

    A known state is written out: only so can an index be used that leaves out all ended runs.
    """
    column = COLUMNS[name]
    return f"{column} = '{value}'" if name == "state" and value in STATES else f"{column} = :{name}"


def runs_statement(
    filters: dict[str, str], *, since: float | None, most: int
) -> tuple[str, dict[str, Value]]:
    """The statement and its values; KeyError for a filter that does not exist."""
    values: dict[str, Value] = {"most": most}
    clauses: list[str] = []
    for name, value in filters.items():
        clause = equality(name, value)
        clauses.append(clause)
        if f":{name}" in clause:
            values[name] = value
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
