"""From a raw score to the probability that the answer is right: two numbers, no library."""

import math
from dataclasses import dataclass

EDGE = 1e-6
"""Scores closer than this to 0 or 1 count as this close, so that every logit is finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """Platt scaling on the logit of the score: for display; the promise rests on the threshold alone."""

    slope: float
    """Never negative: a higher score never means a lower probability."""
    offset: float

    def probability(self, score: float) -> float:
        """How likely an answer with this score is right, between 0 and 1."""
        return sigmoid(self.slope * logit(score) + self.offset)


def logit(score: float) -> float:
    """The log odds of a score, finite for every score in 0..1."""
    kept = min(1.0 - EDGE, max(EDGE, score))
    return math.log(kept / (1.0 - kept))


def sigmoid(value: float) -> float:
    """The inverse of `logit`, without overflow."""
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    grown = math.exp(value)
    return grown / (1.0 + grown)
