"""What somebody sees of the log: runs, cases and events within their restrictions, page by page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remit.app.access import Act, Identity
from remit.app.outside import facts_of
from remit.app.report import LaterAnswer, later_answer, waiting_for
from remit.errors import CursorInvalid, NotFound
from remit.event import Ended, decode
from remit.export import masked
from remit.handover import CaseState
from remit.log import Entry, Log
from remit.outcome import Outcome, Waiting
from remit.store import Restriction, Row, SoughtRuns, cases_page, narrowest, runs_page

MOST = 200
"""Rows of one page at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows, and where the next ones begin; `next` is None on the last page."""

    rows: list[Row]
    next: str | None


def restriction_of(identity: Identity) -> Restriction:
    """What the store shows to that identity."""
    return Restriction(agents=identity.agents, queues=identity.queues, tenants=identity.tenants)


def runs_seen(
    log: Log,
    identity: Identity,
    filters: Mapping[str, str],
    *,
    since: float | None = None,
    cursor: str | None = None,
    most: int = 50,
) -> Page:
    """Runs, newest first; CursorInvalid if the cursor is none of ours."""
    sought = SoughtRuns(
        filters=filters,
        restriction=restriction_of(identity),
        since=since,
        before=position_of(cursor),
        led_by=narrowest(log.store, filters, since),
    )
    rows = log.store.select(*runs_page(sought, most=most + 1))
    return page_of(rows, most, "admitted_at", "run_id")


def cases_seen(
    log: Log,
    identity: Identity,
    filters: Mapping[str, str],
    *,
    cursor: str | None = None,
    most: int = 50,
) -> Page:
    """Cases by priority, then by deadline; CursorInvalid if the cursor is none of ours."""
    after = place_of(cursor)
    statement = cases_page(filters, restriction_of(identity), after=after, most=most + 1)
    return page_of(log.store.select(*statement), most, "rank", "due", "case_id")


def page_of(rows: list[Row], most: int, *columns: str) -> Page:
    """The first rows, and a cursor to the others where one more was read than fits."""
    if len(rows) <= most:
        return Page(rows=rows, next=None)
    return Page(rows=rows[:most], next=cursor_of(rows[most - 1], *columns))


def cursor_of(last: Row, *columns: str) -> str:
    """A cursor to what follows that row in the order of these columns."""
    place = [last[column] for column in columns]
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def position_of(cursor: str | None) -> tuple[float, str] | None:
    """Where a page begins; CursorInvalid if the cursor is none of ours."""
    if cursor is None:
        return None
    try:
        at, name = _read(cursor)
        return float(at), str(name)
    except (ValueError, TypeError) as error:
        raise _no_cursor() from error


def place_of(cursor: str | None) -> tuple[float, float, str] | None:
    """Where a page of cases begins; CursorInvalid if the cursor is none of ours."""
    if cursor is None:
        return None
    try:
        rank, due, name = _read(cursor)
        return float(rank), float(due), str(name)
    except (ValueError, TypeError) as error:
        raise _no_cursor() from error


def _read(cursor: str) -> list[Any]:
    return json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))


def _no_cursor() -> CursorInvalid:
    return CursorInvalid(
        "This cursor was given out by no page.", remedy="Begin without one, then take `next`."
    )


def run_seen(log: Log, identity: Identity, run_id: str) -> Row:
    """The run's row; NotFound also where it is another tenant's, so that nobody learns that it exists."""
    row = log.store.row("run_row", {"run_id": run_id})
    if row is None or not identity.sees(agent=row["agent"], tenant=row["tenant"]):
        raise NotFound(f"There is no run {run_id}.", remedy="Look at the id; `GET /v1/runs` lists them.")
    return row


def bodies_kept(log: Log, run_id: str) -> bool:
    """Whether what was said in a run that ended is still there; its skeleton always is."""
    return log.store.row("first_body", {"run_id": run_id}) is not None


def result_of(log: Log, row: Row) -> Outcome | Waiting | None:
    """How the run ended or what it waits for; None while it is under way or where it was erased."""
    if row["state"] in ("ended",):
        stored = log.store.row("last_event_of_kind", {"run_id": row["run_id"], "kind": "ended"})
        event = decode("ended", stored["data"]) if stored is not None and stored["data"] else None
        return event.outcome if isinstance(event, Ended) else None
    if row["state"] == "runnable":
        return None
    state = log.fold(row["run_id"])
    cases = state.open_cases()
    return waiting_for(state, cases[0]) if cases else None


def later_answer_of(log: Log, row: Row) -> LaterAnswer | None:
    """What a person answered after the run had been passed on to them; None where that was erased."""
    if row["outcome"] != "escalated":
        return None
    try:
        return later_answer(log.fold(row["run_id"]))
    except NotFound:
        return None


def events_seen(
    log: Log, identity: Identity, run_id: str, *, after: int = -1, unmasked: bool = False
) -> list[Entry]:
    """The run's events after that number, personal data masked unless the role may see it."""
    run_seen(log, identity, run_id)
    entries = log.read_from(run_id, after + 1)
    if unmasked and identity.may(Act.SEE_PERSONAL_DATA):
        return entries
    return [masked(entry) for entry in entries]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """One case with its row and the facts that decide it."""

    row: Row
    facts: CaseState


def case_seen(log: Log, identity: Identity, case_id: str) -> CaseSeen:
    """A case; NotFound also where it is none of theirs."""
    missing = NotFound(f"There is no case {case_id}.", remedy="`GET /v1/cases` lists the open ones.")
    row = log.store.row("case_row", {"case_id": case_id})
    if row is None or not identity.sees(queue=row["queue"]):
        raise missing
    run = log.store.row("run_row", {"run_id": row["run_id"]})
    if run is None or not identity.sees(agent=run["agent"], tenant=run["tenant"]):
        raise missing
    state = log.fold(row["run_id"])
    extra: dict[str, Any] = {"agent": run["agent"], "tenant": run["tenant"]}
    return CaseSeen(row={**row, **extra}, facts=facts_of(state, state.cases[case_id]))
