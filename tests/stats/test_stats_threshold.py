"""The threshold's promise, by property and by simulation against populations whose truth is known."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.stats import Label, calibrate_slices, calibrate_threshold, fewest_labels, sift

Scored = list[tuple[float, bool]]
scored = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=300)
bounds = st.sampled_from([(0.05, 0.90), (0.02, 0.95), (0.2, 0.8)])


def columns(labels: Sequence[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [score for score, _ in labels], [correct for _, correct in labels]


@pytest.mark.parametrize(
    ("max_error", "sure", "fewest"), [(0.05, 0.90, 45), (0.05, 0.95, 59), (0.02, 0.90, 114)]
)
def test_the_fewest_labels_are_those_of_a_sample_without_errors(
    max_error: float, sure: float, fewest: int
) -> None:
    assert fewest_labels(max_error, sure) == fewest
    assert (1 - max_error) ** fewest <= 1 - sure < (1 - max_error) ** (fewest - 1)


@given(scored, bounds)
def test_a_threshold_counts_what_lies_above_it(labels: Scored, bound: tuple[float, float]) -> None:
    max_error, sure = bound
    scores, correct = columns(labels)
    found = calibrate_threshold(scores, correct, max_error=max_error, sure=sure)
    assert found.labels == len(labels)
    if found.threshold is None:
        assert (found.automatic, found.upper_bound, found.coverage) == (0, 1.0, 0.0)
        return
    above = [right for score, right in labels if score >= found.threshold]
    assert found.automatic == len(above) >= 2 * fewest_labels(max_error, sure)
    assert found.errors == above.count(False)
    assert found.errors / found.automatic <= found.upper_bound <= max_error
    assert found.threshold >= min(scores)


@given(st.integers(0, 89))
def test_too_few_labels_certify_nothing(count: int) -> None:
    assert calibrate_threshold([0.99] * count, [True] * count, max_error=0.05, sure=0.90).threshold is None


@given(scored)
def test_one_more_error_at_the_top_never_loosens_the_threshold(labels: Scored) -> None:
    scores, correct = columns(labels)
    before = calibrate_threshold(scores, correct, max_error=0.2, sure=0.8).threshold
    flipped = [False if score >= 0.9 else right for score, right in labels]
    after = calibrate_threshold(scores, flipped, max_error=0.2, sure=0.8).threshold
    assert after is None or (before is not None and after >= before)


few_scores = st.lists(st.tuples(st.sampled_from([0.3, 0.31, 0.9, 0.95]), st.booleans()), max_size=300)


@given(few_scores, bounds)
def test_a_threshold_is_a_score_that_was_labelled(labels: Scored, bound: tuple[float, float]) -> None:
    scores, correct = columns(labels)
    found = calibrate_threshold(scores, correct, max_error=bound[0], sure=bound[1])
    assert found.threshold is None or found.threshold in scores


@given(st.floats(0.0, 0.8), st.floats(0.85, 1.0))
def test_what_lies_between_two_labelled_scores_is_not_let_out_for_the_higher_one(
    low: float, high: float
) -> None:
    scores, correct = [high] * 100 + [low] * 100, [True] * 100 + [False] * 100
    assert calibrate_threshold(scores, correct, max_error=0.05, sure=0.90).threshold == high


@pytest.mark.parametrize("seed", range(3))
def test_the_promise_holds_for_a_handful_of_scores_just_beyond_the_bound(seed: int) -> None:
    """Five values; from 0.7 on the true error is a hair above the bound, the hardest case."""
    rng, draws, broken = np.random.default_rng(seed), 400, 0
    values = np.array([0.95, 0.9, 0.8, 0.7, 0.3])
    wrong = np.array([0.01, 0.04, 0.05, 0.105, 0.4])
    for _ in range(draws):
        drawn = rng.integers(0, len(values), 600)
        correct = rng.random(600) >= wrong[drawn]
        found = calibrate_threshold(list(values[drawn]), list(correct), max_error=0.05, sure=0.90)
        broken += found.threshold is not None and found.threshold <= 0.7
    assert broken / draws <= 0.10 + 3 * math.sqrt(0.1 * 0.9 / draws)


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_the_promise_holds_where_the_error_jumps_over_the_bound(share: float) -> None:
    """Every score ranks alike within two parts; the better one is a hair worse than the bound."""
    rng, draws, broken = np.random.default_rng(5), 600, 0
    for _ in range(draws):
        scores = rng.random(400)
        correct = rng.random(400) >= np.where(scores >= 1 - share, 0.0501, 0.3)
        broken += (
            calibrate_threshold(list(scores), list(correct), max_error=0.05, sure=0.90).threshold is not None
        )
    assert broken / draws <= 0.10 + 3 * math.sqrt(0.1 * 0.9 / draws)


def population(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores spread evenly; an answer of score s is wrong with probability (1 - s) squared."""
    scores = rng.random(count)
    return scores, rng.random(count) >= (1 - scores) ** 2


def true_error(threshold: float) -> float:
    return (1 - threshold) ** 2 / 3


@pytest.mark.parametrize(("max_error", "sure"), [(0.05, 0.90), (0.05, 0.75)])
def test_the_promise_is_broken_no_more_often_than_stated(max_error: float, sure: float) -> None:
    rng, draws = np.random.default_rng(7), 400
    broken, covered = 0, 0.0
    for _ in range(draws):
        scores, correct = population(rng, 2000)
        found = calibrate_threshold(list(scores), list(correct), max_error=max_error, sure=sure)
        if found.threshold is not None:
            broken += true_error(found.threshold) > max_error
            covered += (1 - found.threshold) / draws
    doubt = 1 - sure
    assert broken / draws <= doubt + 3 * math.sqrt(doubt * sure / draws)
    assert covered >= 0.75 * math.sqrt(3 * max_error)


def test_a_threshold_that_merely_looks_right_breaks_the_promise_half_the_time() -> None:
    rng, broken = np.random.default_rng(7), 0
    for _ in range(300):
        scores, correct = population(rng, 600)
        order = np.argsort(-scores)
        rates = np.cumsum(~correct[order]) / np.arange(1, 601)
        passing = np.flatnonzero(rates <= 0.05)
        broken += true_error(scores[order][passing[-1]]) > 0.05
    assert broken / 300 > 0.35


def test_slices_share_the_doubt_and_stand_alone() -> None:
    good = [Label(score=0.9, correct=True, group="cards")] * 100
    bad = [Label(score=0.9, correct=index % 2 == 0, group="loans") for index in range(200)]
    few = [Label(score=0.9, correct=True, group="rare")] * 5
    found = calibrate_slices([*good, *bad, *few], max_error=0.05, sure=0.90)
    assert list(found) == ["cards", "loans", "rare"]
    assert found["loans"].threshold is found["rare"].threshold is None
    # Alone, 100 labels without an error would do; with three slices each needs more of them.
    assert found["cards"].threshold is None
    assert calibrate_slices(good, max_error=0.05, sure=0.90)["cards"].threshold == 0.9


def test_labels_that_cannot_be_used_are_left_out_and_said() -> None:
    given_labels = [
        Label(score=math.nan, correct=True),
        Label(score=1.5, correct=True),
        Label(score=-0.1, correct=False),
        Label(score=0.5, correct=True),
        Label(score=0.6, correct=False),
    ]
    sifted = sift(given_labels)
    assert [label.score for label in sifted.labels] == [0.5, 0.6]
    assert sifted.problems == (
        "1 label without a score (NaN): left out; such answers go to people.",
        "2 labels with a score outside 0..1: left out; such answers go to people.",
    )


def test_labels_of_one_class_keep_the_threshold_at_what_was_seen() -> None:
    right = [Label(score=0.7 + index / 1000, correct=True) for index in range(200)]
    assert "All 200 labels say right" in sift(right).problems[0]
    scores, correct = [label.score for label in right], [label.correct for label in right]
    assert calibrate_threshold(scores, correct, max_error=0.05, sure=0.90).threshold == 0.7
    wrong = [Label(score=label.score, correct=False) for label in right]
    assert sift(wrong).problems == ("All 200 labels say wrong: every answer goes to people.",)
    assert calibrate_threshold(scores, [False] * 200, max_error=0.05, sure=0.90).threshold is None
    assert sift([]).problems == ()
    assert calibrate_threshold([], [], max_error=0.05, sure=0.90).labels == 0
