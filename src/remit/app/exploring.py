"""What do runs have in common? Counts over the newest runs of a search, for people who look for causes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from remit.app.access import Identity
from remit.app.seeing import Page, cursor_of, page_of, position_of, restriction_of
from remit.log import Log
from remit.store import (
    AMONG,
    Bound,
    Row,
    SoughtRuns,
    last_measured,
    narrowest,
    queues_of,
    runs_page,
    subjects_of,
)

FACETED = 500
"""Facets count the newest so many runs of a search, so that a page costs the same with any log."""
COMPARED = 600
"""Of these, so many are compared with as many others: a difference needs more of them than a count."""
TAGGED = 200
"""Of those that are counted, the newest ones whose events and cases are."""
_KINDS = {"done": "tool", "decided": "reviewer", "screened": "verdict"}
SOME = ("tool", "queue", "reviewer", "verdict")
"""What is counted among the newest of them alone, because it stands in other tables."""
SHOWN = ("run_id", "admitted_at", "outcome", "state", "agent", "mode", "steps", "cost_usd", "ended_at")
"""What a list shows of a run."""
_NEEDED = (*SHOWN, "tenant", "release_hash")
_COLUMNS = {"mode": "mode", "agent": "agent", "release": "release_hash", "tenant": "tenant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which runs: conditions that all hold, and since when."""

    exact: Mapping[str, str] = field(default_factory=dict[str, str])
    bounds: Sequence[Bound] = ()
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How often each value occurs among the newest runs of a search; what is in `SOME`, among fewer."""

    rows: Sequence[Row]
    whole: bool
    """Whether these are all runs of the search for certain."""
    counts: Mapping[str, Mapping[str, int]]
    among: int
    """How many of them the counts of `SOME` are about."""
    older: str | None = None
    """Where the runs begin that a bound was not looked for in."""


def search_runs(log: Log, identity: Identity, search: Search, *, cursor: str | None, most: int) -> Page:
    """The runs of a search, newest first; KeyError for a condition that does not exist.

    A bound is looked for in some thousands of runs at a time: a page may hold fewer than fit, or none,
    and still have a next one.
    """
    sought = _sought(log, identity, search, before=position_of(cursor))
    rows = log.store.select(*runs_page(sought, most=most + 1, bounds=search.bounds))
    older = None if len(rows) > most else _not_looked_in(log, sought, search.bounds)
    return _page(rows, most, older)


def facets(log: Log, identity: Identity, search: Search, *, most: int = FACETED) -> Facets:
    """The counts of a search over its newest so many runs."""
    sought = _sought(log, identity, search)
    rows = log.store.select(*runs_page(sought, most=most, bounds=search.bounds, columns=_NEEDED))
    older = None if len(rows) == most else _not_looked_in(log, sought, search.bounds)
    whole = len(rows) < most and older is None and not search.exact.keys() & AMONG.keys()
    return _facets(log, rows, whole=whole, older=older)


def first_page(found: Facets, most: int) -> Page:
    """The newest runs of a search whose counts are there already, with the columns that a list shows."""
    return _page(list(found.rows[: most + 1]), most, found.older)


def _page(rows: list[Row], most: int, older: str | None) -> Page:
    page = page_of(rows, most, "admitted_at", "run_id")
    return page if page.next is not None else Page(rows=page.rows, next=older)


def rest_of(log: Log, identity: Identity, search: Search, inside: Facets) -> Facets:
    """The counts of the newest runs of the same time and agent that the search does not find."""
    kept = {name: value for name, value in search.exact.items() if name == "agent"}
    everything = _sought(log, identity, Search(exact=kept, since=search.since, until=search.until))
    found = {row["run_id"] for row in inside.rows}
    rows = log.store.select(*runs_page(everything, most=COMPARED, columns=_NEEDED))
    others = [row for row in rows if row["run_id"] not in found]
    return _facets(log, others, whole=len(rows) < COMPARED)


def _sought(
    log: Log, identity: Identity, search: Search, *, before: tuple[float, str] | None = None
) -> SoughtRuns:
    end = (search.until, "") if search.until is not None else None
    return SoughtRuns(
        filters=search.exact,
        restriction=restriction_of(identity),
        since=search.since,
        before=before or end,
        led_by=narrowest(log.store, search.exact, search.since),
    )


def _not_looked_in(log: Log, sought: SoughtRuns, bounds: Sequence[Bound]) -> str | None:
    """The cursor of the runs in which the bounds were not looked for; None if there are none."""
    if not bounds:
        return None
    rows = log.store.select(*last_measured(sought))
    return next((cursor_of(row, "admitted_at", "run_id") for row in rows), None)


def _facets(log: Log, rows: list[Row], *, whole: bool, older: str | None = None) -> Facets:
    counts: dict[str, Mapping[str, int]] = {
        name: Counter(row[column] for row in rows if row[column] not in (None, ""))
        for name, column in _COLUMNS.items()
    }
    counts["outcome"] = Counter(row["outcome"] or row["state"] for row in rows)
    some = [row["run_id"] for row in rows[:TAGGED]]
    counts |= _tagged(log, some)
    return Facets(rows=rows, whole=whole, counts=counts, among=len(some), older=older)


def _tagged(log: Log, run_ids: list[str]) -> Mapping[str, Mapping[str, int]]:
    counts: dict[str, dict[str, int]] = {name: {} for name in SOME}
    if run_ids:
        for row in log.store.select(*subjects_of(run_ids)):
            counts[_KINDS[row["kind"]]][row["subject"]] = row["n"]
        counts["queue"] = {row["queue"]: row["n"] for row in log.store.select(*queues_of(run_ids))}
    return counts
