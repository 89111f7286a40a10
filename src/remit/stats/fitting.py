"""Fit a scaling to labelled answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from remit.stats.scaling import Scaling, logit

Numbers = NDArray[np.float64]
STEPS = 100
STILL = 1e-9
RIDGE = 1e-6


def fit_scaling(scores: Sequence[float], correct: Sequence[bool]) -> Scaling:
    """The scaling of greatest likelihood, with Platt's smoothed targets; flat where the scores rank nothing.

    Without a label it is flat at one half. Source: Platt, "Probabilistic outputs for SVMs", 1999.
    """
    x = np.array([logit(score) for score in scores], dtype=np.float64)
    right = int(sum(correct))
    wrong = len(correct) - right
    high, low = (right + 1.0) / (right + 2.0), 1.0 / (wrong + 2.0)
    target = np.where(np.asarray(correct, dtype=bool), high, low)
    base = float(np.log((right + 1.0) / (wrong + 1.0)))
    if len(x) == 0 or float(np.ptp(x)) == 0.0:
        return Scaling(slope=0.0, offset=base)
    slope, offset = _newton(x, target, base)
    return Scaling(slope=slope, offset=offset) if slope > 0 else Scaling(slope=0.0, offset=base)


def _newton(
    x: Numbers,
    target: Numbers,
    base: float,
) -> tuple[float, float]:
    design = np.column_stack((x, np.ones_like(x)))
    weights = np.array([0.0, base])
    loss = _loss(design, weights, target)
    for _ in range(STEPS):
        fitted = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -35.0, 35.0)))
        gradient = design.T @ (fitted - target)
        curvature = (design.T * (fitted * (1.0 - fitted))) @ design + RIDGE * np.eye(2)
        step: Numbers = np.linalg.solve(curvature, gradient).astype(np.float64)
        share = 1.0
        while share > STILL and _loss(design, weights - share * step, target) > loss:
            share /= 2.0
        weights = weights - share * step
        now = _loss(design, weights, target)
        if abs(loss - now) < STILL:
            break
        loss = now
    return float(weights[0]), float(weights[1])


def _loss(
    design: Numbers,
    weights: Numbers,
    target: Numbers,
) -> float:
    value = design @ weights
    return float(np.sum(np.logaddexp(0.0, value) - target * value))
