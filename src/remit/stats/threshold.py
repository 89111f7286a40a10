"""From which score on may an agent answer alone? A threshold with a finite-sample promise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, binom

from remit.stats.labels import START, Label, fewest_labels, labels_needed

GRID = (
    *(1.0 - 10.0 ** (-4.0 + step / 10.0) for step in range(20)),
    *(step / 100.0 for step in range(99, -1, -1)),
)
"""Thresholds that are tried where nothing else is known, from the strictest on: finer near 1, where the
token probabilities of models crowd. Chosen without looking at any label."""
QUANTILES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The lowest score that may answer alone, and the evidence for it."""

    threshold: float | None
    """None: no score may."""
    labels: int
    """Labels that the search rested on."""
    automatic: int
    """Labels at or above the threshold."""
    errors: int
    """Wrong ones among them."""
    upper_bound: float
    """Above the true error with the stated sureness (Clopper and Pearson); 1 without a threshold."""
    coverage: float
    """The share of labelled answers that would have gone out without a person."""
    needed: int
    """About how many labels the search needs before it can find anything."""


def score_grid(recent: Sequence[float]) -> tuple[float, ...]:
    """Thresholds to try, strictest first: quantiles of recent scores whose labels nobody has looked at."""
    if len(recent) == 0:
        return GRID
    shares = np.linspace(1.0, 0.0, QUANTILES)
    found = np.quantile(np.asarray(recent, dtype=np.float64), shares, method="lower")
    return tuple(sorted({float(value) for value in found}, reverse=True))


def calibrate_threshold(
    scores: Sequence[float],
    correct: Sequence[bool],
    *,
    max_error: float,
    sure: float,
    grid: Sequence[float] = GRID,
) -> Threshold:
    """The lowest threshold of the grid, walked from the strictest on, at which the promise can be made.

    With a probability of at least `sure` over labels drawn like the traffic, at most the share `max_error`
    of the answers at or above it is wrong: an exact binomial test per threshold, stopped at the first
    that fails (fixed-sequence testing; Angelopoulos et al., "Learn then test", 2021). Scores lie in 0..1.
    `grid` descends and is chosen without the labels. The threshold never falls below the lowest score given.
    """
    given = np.asarray(scores, dtype=np.float64)
    wrong = ~np.asarray(correct, dtype=bool)
    fewest = fewest_labels(max_error, sure)
    order = np.argsort(-given, kind="stable")
    descending = given[order]
    errors_above = np.concatenate(([0], np.cumsum(wrong[order])))
    best: tuple[float, int, int] | None = None
    for candidate in grid:
        count = int(np.searchsorted(-descending, -candidate, side="right"))
        if count < START * fewest:
            continue
        errors = int(errors_above[count])
        if float(binom.cdf(errors, count, max_error)) > 1.0 - sure:
            break
        best = (max(candidate, float(descending[-1])), count, errors)
    needed = labels_needed(max_error, sure)
    if best is None:
        return Threshold(
            threshold=None,
            labels=len(given),
            automatic=0,
            errors=0,
            upper_bound=1.0,
            coverage=0.0,
            needed=needed,
        )
    threshold, count, errors = best
    return Threshold(
        threshold=threshold,
        labels=len(given),
        automatic=count,
        errors=errors,
        upper_bound=float(beta.ppf(sure, errors + 1, count - errors)) if errors < count else 1.0,
        coverage=count / len(given),
        needed=needed,
    )


def calibrate_slices(
    labels: Sequence[Label], *, max_error: float, sure: float, grid: Sequence[float] = GRID
) -> dict[str, Threshold]:
    """One threshold per group, all promises together as sure as stated: each takes a share of the doubt.

    Without a label there is one group without a name.
    """
    groups = sorted({label.group for label in labels}) or [""]
    each = 1.0 - (1.0 - sure) / len(groups)
    found: dict[str, Threshold] = {}
    for group in groups:
        members = [label for label in labels if label.group == group]
        found[group] = calibrate_threshold(
            [label.score for label in members],
            [label.correct for label in members],
            max_error=max_error,
            sure=each,
            grid=grid,
        )
    return found
