"""How well do scores tell right from wrong? Reliability, and error against coverage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 15
POINTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers of similar score: what their scores say and how many were right."""

    low: float
    high: float
    score: float
    """Their mean score."""
    right: float
    """The share of them that was right."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Bins of equal count, lowest scores first, and how far scores and shares lie apart."""

    bins: tuple[Bin, ...]
    error: float
    """The expected calibration error: the mean gap between score and share, weighted by count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """What would have gone out without a person at one threshold, and how much of it was wrong."""

    threshold: float
    coverage: float
    risk: float


def reliability(scores: Sequence[float], correct: Sequence[bool], *, bins: int = BINS) -> Reliability:
    """Scores beside the shares that were right; without a label no bin and an error of 0."""
    given = np.asarray(scores, dtype=np.float64)
    right = np.asarray(correct, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    found = tuple(
        Bin(
            low=float(given[part].min()),
            high=float(given[part].max()),
            score=float(given[part].mean()),
            right=float(right[part].mean()),
            count=len(part),
        )
        for part in parts
    )
    gaps = sum(abs(each.score - each.right) * each.count for each in found)
    return Reliability(bins=found, error=gaps / len(given) if len(given) else 0.0)


def risk_coverage(
    scores: Sequence[float], correct: Sequence[bool], *, points: int = POINTS
) -> tuple[CurvePoint, ...]:
    """Error and coverage at up to `points` thresholds, the strictest first; equal scores go together."""
    given = np.asarray(scores, dtype=np.float64)
    if len(given) == 0:
        return ()
    order = np.argsort(-given, kind="stable")
    descending = given[order]
    errors = np.cumsum(~np.asarray(correct, dtype=bool)[order])
    ends = np.append(np.flatnonzero(np.diff(descending)), len(given) - 1)
    if len(ends) > points:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, points).round().astype(int))]
    return tuple(
        CurvePoint(
            threshold=float(descending[end]),
            coverage=float((end + 1) / len(given)),
            risk=float(errors[end] / (end + 1)),
        )
        for end in ends
    )
