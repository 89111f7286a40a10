"""How often and how slowly: calls, errors, medians and 95th percentiles, read from the log."""

from dataclasses import dataclass
from typing import Literal

from remit.store import Row, Store

Subject = Literal["tool", "model", "outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One tool, model or outcome over a stretch of time; latencies in milliseconds."""

    subject: str
    calls: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None


def percentile(ordered: list[float], share: float) -> float | None:
    """The nearest-rank percentile of values in ascending order; None of nothing."""
    if not ordered:
        return None
    rank = max(1, -(-int(share * 1000) * len(ordered) // 1000))
    return ordered[min(rank, len(ordered)) - 1]


def statistics(store: Store, by: Subject, *, since: float = 0.0) -> list[Statistic]:
    """One line per subject, most calls first."""
    kinds = {"tool": ("done", "tool_failed"), "model": ("model_answered", "model_failed")}
    if by == "outcome":
        rows = store.rows("outcomes", {"since": since})
        for row in rows:
            row["failed"] = int(row["subject"] == "failed")
    else:
        rows = [
            row for kind in kinds[by] for row in store.rows("measured_events", {"kind": kind, "since": since})
        ]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["subject"], []).append(row)
    found = [_statistic(subject, group) for subject, group in groups.items()]
    return sorted(found, key=lambda line: (-line.calls, line.subject))


def _statistic(subject: str, rows: list[Row]) -> Statistic:
    latencies = sorted(row["latency_ms"] for row in rows if row["latency_ms"] is not None)
    return Statistic(
        subject=subject,
        calls=len(rows),
        errors=sum(row["failed"] or 0 for row in rows),
        p50_ms=percentile(latencies, 0.50),
        p95_ms=percentile(latencies, 0.95),
    )
