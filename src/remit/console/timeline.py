"""Runs per stretch of time, and how many of them did not go well. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

NOT_WELL = ("degraded", "escalated", "failed")
COLUMNS = 24


def hourly(
    rows: Sequence[Mapping[str, Any]], since: float, until: float, columns: int = COLUMNS
) -> list[tuple[float, int, int]]:
    """`(begins at, runs, runs that did not go well)` for equal stretches from `since` to `until`."""
    step = max(until - since, 1.0) / columns
    totals, bad = [0] * columns, [0] * columns
    for row in rows:
        if not since <= row["admitted_at"] < since + step * columns:
            continue
        place = min(int((row["admitted_at"] - since) / step), columns - 1)
        totals[place] += 1
        bad[place] += row["outcome"] in NOT_WELL
    return [(since + number * step, totals[number], bad[number]) for number in range(columns)]
