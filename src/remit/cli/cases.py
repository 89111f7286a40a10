"""`remit cases`: what waits for a person?"""

import time
from dataclasses import replace
from typing import Any

import click

from remit.app import next_case
from remit.cli.acting import at_the_log, reviewer
from remit.cli.place import store_option
from remit.cli.reading import case_id_of, entries_of, reading
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.cli.store_place import store_hint
from remit.cli.table import Column, table
from remit.handover import CaseState
from remit.handover import story as case_story
from remit.log import Log, RunState
from remit.store import Row, cases_statement
from remit.telling import (
    Painted,
    Piece,
    Reader,
    Style,
    duration,
    iso_time,
    one_line,
    plain,
    story,
    strong,
    wrapped,
)

MOST = 200


@click.command()
@click.argument("case", required=False)
@click.option("--queue", help="Only cases of this queue.")
@click.option("--agent", help="Only cases of this agent.")
@click.option("--next", "following", is_flag=True, help="Only the one to take up next.")
@click.option("--by", help="With --next: who takes it up; otherwise $REMIT_REVIEWER or your login name.")
@click.option("--all", "every", is_flag=True, help="Decided and void ones too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the list `cases`, or the one case.")
@store_option
def cases(
    case: str | None,
    queue: str | None,
    agent: str | None,
    following: bool,
    by: str | None,
    every: bool,
    as_json: bool,
) -> None:
    """List what waits for a person, by priority and deadline, or look at one CASE with its run.

    \b
    Examples:
      remit cases
      remit cases --queue refunds --json
      remit cases --next
      remit cases 1jq3

    Exit codes: 0 done, 1 a problem (no such case), 2 wrong use.
    """
    with reading() as log:
        if case is not None:
            _show_one(log, case_id_of(log, case), as_json=as_json)
            return
        asked = {"state": None if every else "open", "queue": queue, "agent": agent}
        filters = {name: value for name, value in asked.items() if value is not None}
        beside: dict[str, int] = {}
        if following:
            who = at_the_log(reviewer(by))
            found = next_case(log, who, filters, by=who.name)
            if not as_json and found.row is None:
                note(found.why_none)
                return
            rows, beside = [found.row] if found.row else [], {"taken": found.taken, "put_off": found.put_off}
        else:
            rows = log.store.select(*cases_statement(filters, most=MOST))
    if as_json:
        say_json({"cases": [_row_fields(row) for row in rows], **beside})
    elif not rows:
        note("No case." if every else "No case waits.")
    else:
        _say_table(rows)


def _say_table(rows: list[Row]) -> None:
    now = time.time()
    headings = (
        Column("CASE", firm=True),
        Column("AGENT"),
        Column("QUEUE"),
        Column("STATE"),
        Column("LEFT", right=True, firm=True),
        Column("QUESTION"),
    )
    lines: list[list[Piece]] = [
        [row["case_id"], row["agent"], row["queue"], _state(row, now), _left(row, now), row["question"]]
        for row in rows
    ]
    say_all(table(headings, lines, columns()))
    note(f"`remit cases CASE{store_hint()}` shows one whole, and how to decide it.")


def _state(row: Row, now: float) -> Piece:
    if row["state"] == "open" and row["expert"]:
        return f"{row['expert']} is on it"
    if row["state"] == "open" and row["reserved_until"] > now:
        return f"{row['reserved_by']} is on it"
    return "put off" if row["state"] == "open" and row["snoozed_until"] > now else row["state"]


def _left(row: Row, now: float) -> Piece:
    if row["deadline"] is None or row["state"] != "open":
        return ""
    left = row["deadline"] - now
    return duration(left) if left > 0 else Painted("overdue", Style.BAD)


def _show_one(log: Log, case_id: str, *, as_json: bool) -> None:
    row = log.store.row("case_row", {"case_id": case_id})
    assert row is not None, "the id came from the same table"
    state = log.fold(row["run_id"])
    facts = facts_of(state, case_id)
    if as_json:
        say_json(_case_fields(row, facts, state))
        return
    for line in plain(case_story(facts, also=store_hint())).split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        # What can be typed as it stands stays whole, so that it can be copied.
        typed = line.startswith("  remit ")
        parts = [line.lstrip()] if typed else wrapped(line, columns() - len(indent))
        say_all((f"{indent}{part}",) for part in parts)
    say("")
    say(strong("The run so far"))
    say_all(story(entries_of(log, row["run_id"]), Reader(now=time.time(), room=columns())))


def facts_of(state: RunState, case_id: str) -> CaseState:
    """The case as the people who decide it see it."""
    case = state.cases[case_id]
    user = (state.admitted.user if state.admitted else None) or {}
    # Nothing in it may pass for a line of its own; the question is rendered without any.
    opened = replace(case.opened, queue=one_line(case.queue), question=one_line(case.opened.question))
    return CaseState(
        opened=opened,
        decided=case.decided,
        evidence_seq=case.evidence_seq,
        queue=one_line(case.queue),
        held=case.held,
        reserved=case.reserved,
        snoozed_until=case.snoozed_until,
        user_id=str(user["id"]) if "id" in user else None,
        run_id=state.run_id,
        voided=_voided(state) if case.decided is None and not case.outlives_its_run else "",
    )


def _voided(state: RunState) -> str:
    if state.cancelled is not None:
        return "the run was cancelled"
    return "the run has ended" if state.outcome is not None else ""


def _row_fields(row: Row) -> dict[str, Any]:
    return {
        "case": row["case_id"],
        "run_id": row["run_id"],
        "agent": row["agent"],
        "queue": row["queue"],
        "reason": row["reason"],
        "state": row["state"],
        "question": row["question"],
        "opened_at": iso_time(row["opened_at"]),
        "opens_at": iso_time(row["opens_at"] or None),
        "deadline": iso_time(row["deadline"]),
        "priority": -row["rank"],
        "snoozed_until": iso_time(row["snoozed_until"] or None),
        "reserved_by": row["reserved_by"],
        "reserved_until": iso_time(row["reserved_until"] or None),
        "expert": row["expert"] if row["state"] == "open" else "",
    }


def _case_fields(row: Row, case: CaseState, state: RunState) -> dict[str, Any]:
    opened, decided = case.opened, case.decided
    agent = state.admitted.agent if state.admitted is not None else ""
    return {
        **_row_fields({**row, "agent": agent}),
        "trigger": opened.trigger,
        "why": opened.why,
        "tool": opened.tool,
        "arguments": opened.arguments,
        "otherwise": opened.otherwise,
        "evidence_seq": case.evidence_seq,
        "voided": case.voided,
        "decided": None
        if decided is None
        else {
            "decision": decided.decision,
            "by": decided.by,
            "reason": decided.reason,
            "arguments": decided.arguments,
            "answer": decided.answer,
        },
    }
