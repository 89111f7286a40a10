"""From which score on may an agent answer alone? A threshold with a finite-sample promise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr
from scipy.stats import beta

from remit.stats.labels import START, Label, fewest_labels, labels_needed

LATEST_START = 6.0
"""The walk begins at the latest where this many times the fewest labels lie above."""


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


def calibrate_threshold(
    scores: Sequence[float], correct: Sequence[bool], *, max_error: float, sure: float
) -> Threshold:
    """The lowest score that was labelled at which the promise can be made; never a score between two.

    With a probability of at least `sure` over labels drawn like the traffic, at most the share `max_error`
    of the answers at or above it is wrong. The labels are walked from the highest score down, an exact
    binomial test at each score that occurs, and the first that fails ends the walk: whoever passes the score
    at which the true error begins to exceed the bound has passed the test there (fixed-sequence testing;
    Angelopoulos et al., "Learn then test", 2021). Scores lie in 0..1.
    """
    given = np.asarray(scores, dtype=np.float64)
    wrong = ~np.asarray(correct, dtype=bool)
    order = np.argsort(-given, kind="stable")
    descending, errors_above = given[order], np.cumsum(wrong[order])
    # How many labels lie at or above each score that occurs.
    counts = np.flatnonzero(np.append(descending[1:] != descending[:-1], len(given) > 0)) + 1
    start = _start(len(given), max_error, sure)
    best: tuple[float, int, int] | None = None
    for count in (int(each) for each in counts if each >= start):
        errors = int(errors_above[count - 1])
        if float(bdtr(errors, count, max_error)) > 1.0 - sure:
            break
        best = (float(descending[count - 1]), count, errors)
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


def _start(labels: int, max_error: float, sure: float) -> float:
    """Labels above the score where the walk begins: a third, as too few of them fail a test by mere chance.

    It looks at the number of labels only, never at what they say.
    """
    fewest = fewest_labels(max_error, sure)
    return min(max(labels / 3.0, START * fewest), LATEST_START * fewest)


def calibrate_slices(labels: Sequence[Label], *, max_error: float, sure: float) -> dict[str, Threshold]:
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
        )
    return found
