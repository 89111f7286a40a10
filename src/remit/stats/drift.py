"""Do today's scores look like those that a promise was made on? A sign that needs no label."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import ks_2samp

FEWEST = 50
RARE = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far two samples of scores lie apart."""

    distance: float
    """The largest gap between their distributions, 0 to 1 (Kolmogorov and Smirnov)."""
    p_value: float
    shifted: bool
    """True where chance alone would show such a gap less than once in a thousand looks."""


def score_shift(before: Sequence[float], now: Sequence[float]) -> Shift | None:
    """The shift between two samples of scores; None below 50 of either. It ends no promise by itself."""
    if len(before) < FEWEST or len(now) < FEWEST:
        return None
    found = ks_2samp(before, now)
    p_value = float(found.pvalue)
    return Shift(distance=float(found.statistic), p_value=p_value, shifted=p_value < RARE)
