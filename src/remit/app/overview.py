"""The few numbers that matter, what waits for people, and what is new: for whoever looks after agents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remit.app.access import Identity
from remit.app.exploring import FACETED, Facets
from remit.app.seeing import CaseSeen, restriction_of
from remit.event import Decided, decode
from remit.log import Log, percentile
from remit.store import Row, SoughtRuns, runs_page

MOST_SIMILAR = 5
MOST_LATELY = 40
"""Of these, as many as are shown are chosen among those that somebody may see."""
SIMILAR_AMONG = 500
"""Among how many of the newest cases those are looked for that were decided, or are alike."""
_NEEDED = ("state", "outcome", "admitted_at", "ended_at", "cost_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNumbers:
    """One agent over a stretch of time, from its newest runs; None where nothing was measured."""

    runs: int
    whole: bool
    """Whether these are all runs of that time."""
    escalated_share: float | None
    failed_share: float | None
    degraded_share: float | None
    p95_ms: float | None
    rated_bad: int
    waiting: int
    cost_usd: float


def agent_numbers(
    log: Log,
    identity: Identity,
    agent: str,
    *,
    since: float,
    until: float | None = None,
    most: int = FACETED,
) -> AgentNumbers:
    """The numbers of the newest runs that were admitted from `since` to `until`."""
    sought = SoughtRuns(
        filters={"agent": agent},
        restriction=restriction_of(identity),
        since=since,
        before=(until, "") if until is not None else None,
    )
    rows = log.store.select(*runs_page(sought, most=most, columns=_NEEDED))
    return _numbers(log, rows, agent, since, most)


def numbers_of(log: Log, found: Facets, agent: str, *, since: float) -> AgentNumbers:
    """The same of runs that were found already: the newest of that agent since then."""
    return _numbers(log, found.rows, agent, since, FACETED)


def _numbers(log: Log, rows: Sequence[Row], agent: str, since: float, most: int) -> AgentNumbers:
    ended = [row for row in rows if row["ended_at"] is not None]
    took = sorted((row["ended_at"] - row["admitted_at"]) * 1000 for row in ended)
    rated = {"agent": agent, "rating": "bad", "since": since, "most": most}
    bad = log.store.row("ratings_of_agent", rated)
    return AgentNumbers(
        runs=len(rows),
        whole=len(rows) < most,
        escalated_share=_share(ended, "escalated"),
        failed_share=_share(ended, "failed"),
        degraded_share=_share(ended, "degraded"),
        p95_ms=percentile(took, 0.95),
        rated_bad=bad["n"] if bad is not None else 0,
        waiting=sum(row["state"] == "waiting" for row in rows),
        cost_usd=sum(row["cost_usd"] for row in rows),
    )


def _share(rows: list[Row], outcome: str) -> float | None:
    return sum(row["outcome"] == outcome for row in rows) / len(rows) if rows else None


def waiting_queues(log: Log, identity: Identity) -> list[dict[str, Any]]:
    """Each queue with its open cases and the oldest of them, the oldest first."""
    rows = log.store.rows("open_queues")
    seen = [row for row in rows if identity.sees(queue=row["queue"])]
    return sorted(seen, key=lambda row: row["oldest"])


def queue_counts(log: Log, identity: Identity) -> list[Row]:
    """How much waits in each queue, what of it is put off, and what somebody works on."""
    return [row for row in log.store.rows("queue_counts") if identity.sees(queue=row["queue"])]


def first_deadlines(log: Log) -> Mapping[str, float | None]:
    """When the first open case of each queue is due, in seconds since the epoch."""
    return {row["queue"]: row["first_deadline"] for row in log.store.rows("first_deadlines")}


def similar_cases(log: Log, identity: Identity, seen: CaseSeen) -> list[Row]:
    """Cases of the same queue and cause that were decided lately."""
    opened = seen.facts.opened
    values = {
        "queue": opened.queue,
        "reason": seen.row["reason"],
        "among": SIMILAR_AMONG,
        "most": MOST_SIMILAR,
    }
    rows = log.store.rows("decided_cases_like", values)
    return [_with_decision(log, row) for row in _seen(identity, rows) if row["case_id"] != opened.case]


def decided_lately(log: Log, identity: Identity, queue: str | None) -> list[Row]:
    """Cases that were decided lately, newest first, with who decided what."""
    if queue:
        rows = log.store.rows("decided_lately_in", {"queue": queue, "most": MOST_LATELY})
    else:
        rows = log.store.rows("decided_lately", {"among": SIMILAR_AMONG, "most": MOST_LATELY})
    seen = [row for row in _seen(identity, rows) if identity.sees(queue=row["queue"])]
    return [_with_decision(log, row) for row in seen[:MOST_SIMILAR]]


def _seen(identity: Identity, rows: list[Row]) -> list[Row]:
    return [row for row in rows if identity.sees(agent=row["agent"], tenant=row["tenant"])]


def _with_decision(log: Log, row: Row) -> Row:
    """The row with the decision and who made it; empty where it was erased."""
    stored = log.store.rows("events_of_kind", {"run_id": row["run_id"], "kind": "decided"})
    events = [decode("decided", each["data"]) for each in stored if each["data"] is not None]
    made = [event for event in events if isinstance(event, Decided) and event.case == row["case_id"]]
    decided = made[-1] if made else None
    return {
        **row,
        "decision": decided.decision if decided is not None else "",
        "by": decided.by if decided is not None else "",
    }


def news(log: Log, identity: Identity, asked: Mapping[str, str]) -> dict[str, Any]:
    """What happened since a page was made, as numbers: new runs, open cases, the head of one run."""
    found: dict[str, Any] = {"open_cases": sum(row["n"] for row in waiting_queues(log, identity))}
    if "run" in asked:
        row = log.store.row("run_row", {"run_id": asked["run"]})
        known = row is not None and identity.sees(agent=row["agent"], tenant=row["tenant"])
        found["head"] = row["head"] if row is not None and known else None
    if "since" in asked:
        found["new_runs"] = _newer(log, identity, asked["since"])
    return found


def _newer(log: Log, identity: Identity, since: str) -> int:
    try:
        moment = float(since)
    except ValueError:
        return 0
    sought = SoughtRuns(filters={}, restriction=restriction_of(identity), since=moment)
    return len(log.store.select(*runs_page(sought, most=100)))
