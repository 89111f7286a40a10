"""`remit runs` with its filters, as one statement."""

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


def runs_statement(
    filters: dict[str, str], *, since: float | None, most: int
) -> tuple[str, dict[str, Value]]:
    """The statement and its values; KeyError for a filter that does not exist."""
    values: dict[str, Value] = {"most": most}
    clauses: list[str] = []
    for name, value in filters.items():
        clauses.append(f"{COLUMNS[name]} = :{name}")
        values[name] = value
    if since is not None:
        clauses.append("admitted_at >= :since")
        values["since"] = since
    where = f"where {' and '.join(clauses)}" if clauses else ""
    return f"select * from run {where} order by admitted_at desc, run_id desc limit :most", values
