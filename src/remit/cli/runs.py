"""`remit runs`: which runs are there?"""

import time
from typing import Any

import click

from remit.cli.nearest import Word, nearest
from remit.cli.place import agent_names, store_option
from remit.cli.reading import reading
from remit.cli.screen import columns, note, say_all, say_json
from remit.cli.since import since
from remit.cli.table import Column, table
from remit.errors import NotFound
from remit.event import Admitted, decode
from remit.log import Log
from remit.outcome import FailureMode
from remit.store import Row, narrowest, runs_statement
from remit.telling import (
    OUTCOME_STYLE,
    OUTCOMES,
    Painted,
    Piece,
    Style,
    duration,
    iso_time,
    money,
    one_line,
    short_time,
    value_words,
)

STATES = ("runnable", "waiting", "ended", "set_aside")
ASKED_COLUMNS = 200


@click.command()
@click.option("--agent", help="Only runs of this agent.")
@click.option("--outcome", type=Word(*OUTCOMES), help="Only runs that ended so.")
@click.option("--mode", type=Word(*FailureMode), help="Only runs that left the happy path for this reason.")
@click.option("--state", type=Word(*STATES), help="Only runs in this state.")
@click.option("--tenant", help="Only runs of this tenant.")
@click.option("--user", help="Only runs for the user of this id.")
@click.option("--conversation", help="Only runs of this conversation.")
@click.option("--since", "since_text", metavar="WHEN", help="Only runs since then: 30m, 2h, 7d or a date.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the list `runs`.")
@store_option
def runs(since_text: str | None, limit: int, as_json: bool, **filters: str | None) -> None:
    """List runs, newest first.

    \b
    Examples:
      remit runs --since 2h
      remit runs --agent my-desk --outcome escalated
      remit runs --state waiting --json

    Exit codes: 0 also where no run fits, 1 a problem, 2 wrong use.
    """
    begin = since(since_text, time.time()) if since_text else None
    wanted = {name: value for name, value in filters.items() if value is not None}
    with reading() as log:
        led_by = narrowest(log.store, wanted, begin)
        rows = log.store.select(*runs_statement(wanted, since=begin, most=limit, led_by=led_by))
        if not rows and "agent" in wanted:
            _refuse_unknown(log, wanted["agent"])
        asked = [_asked(log, row) for row in rows]
    if as_json:
        say_json({"runs": [_fields(row, value) for row, value in zip(rows, asked, strict=True)]})
    elif not rows:
        note("No run fits." if wanted or begin else "There is no run yet; `remit ask AGENT TEXT` makes one.")
    else:
        _say_table(rows, asked, limit)


def _refuse_unknown(log: Log, agent: str) -> None:
    """Refuses the name of an agent that is neither in the log nor in `agents/`."""
    known = {row["agent"] for row in log.store.select(*runs_statement({}, since=None, most=1000))}
    known |= set(agent_names())
    if agent not in known and not log.store.select(*runs_statement({"agent": agent}, since=None, most=1)):
        raise NotFound(
            f"No agent {agent} has ever run here, and none is under agents/.", remedy=nearest(agent, known)
        )


def _asked(log: Log, row: Row) -> Any:
    """What the run was asked; None where it was erased."""
    stored = log.store.row("event_at", {"run_id": row["run_id"], "seq": 0})
    event = decode(stored["kind"], stored["data"]) if stored is not None and stored["data"] else None
    return event.input if isinstance(event, Admitted) else None


def _say_table(rows: list[Row], asked: list[Any], limit: int) -> None:
    headings = (
        Column("RUN", firm=True),
        Column("WHEN", firm=True),
        Column("AGENT"),
        Column("OUTCOME", firm=True),
        Column("TOOK", right=True, firm=True),
        Column("COST", right=True, firm=True),
        Column("ASKED"),
    )
    lines = [_cells(row, value) for row, value in zip(rows, asked, strict=True)]
    say_all(table(headings, lines, columns()))
    if len(rows) == limit:
        note(f"The newest {limit}; --limit shows more.")


def _cells(row: Row, asked: Any) -> list[Piece]:
    ended = row["ended_at"]
    return [
        row["run_id"],
        short_time(row["admitted_at"]),
        row["agent"],
        _outcome(row),
        duration(ended - row["admitted_at"]) if ended is not None else "",
        money(row["cost_usd"]),
        value_words(asked, ASKED_COLUMNS) if asked is not None else "(erased)",
    ]


def _outcome(row: Row) -> Piece:
    kind = row["outcome"] or ("under way" if row["state"] == "runnable" else row["state"])
    return Painted(one_line(kind), OUTCOME_STYLE.get(kind, Style.WARN))


def _fields(row: Row, asked: Any) -> dict[str, Any]:
    return {
        "run_id": row["run_id"],
        "agent": row["agent"],
        "release": row["release_hash"],
        "state": row["state"],
        "outcome": row["outcome"],
        "mode": row["mode"],
        "tenant": row["tenant"],
        "user": row["user_id"],
        "conversation": row["conversation"],
        "input": asked,
        "steps": row["steps"],
        "tokens": row["tokens"],
        "cost_usd": row["cost_usd"],
        "admitted_at": iso_time(row["admitted_at"]),
        "ended_at": iso_time(row["ended_at"]),
        "deadline": iso_time(row["deadline"]),
    }
