"""Curves, scaling and shifts of scores."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import remit.stats
from remit.errors import RemitError
from remit.stats import Scaling, fit_scaling, reliability, risk_coverage, score_shift

scored = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200)


@given(scored)
def test_reliability_counts_every_label_once(labels: list[tuple[float, bool]]) -> None:
    found = reliability([score for score, _ in labels], [right for _, right in labels])
    assert sum(each.count for each in found.bins) == len(labels)
    assert 0 <= found.error <= 1
    lows = [each.low for each in found.bins]
    assert lows == sorted(lows)


def test_scores_that_are_the_truth_have_no_calibration_error() -> None:
    scores = [0.2] * 100 + [0.8] * 100
    correct = [index < 20 for index in range(100)] + [index < 80 for index in range(100)]
    assert reliability(scores, correct, bins=2).error == pytest.approx(0)
    assert reliability(scores, [True] * 200, bins=2).error == pytest.approx(0.5)


@given(scored)
def test_coverage_grows_to_the_whole_and_risk_is_what_was_wrong(labels: list[tuple[float, bool]]) -> None:
    scores, correct = [score for score, _ in labels], [right for _, right in labels]
    points = risk_coverage(scores, correct)
    assert len(points) <= 50
    coverages = [point.coverage for point in points]
    assert coverages == sorted(set(coverages))
    for point in points:
        above = [right for score, right in labels if score >= point.threshold]
        assert point.coverage == pytest.approx(len(above) / len(labels))
        assert point.risk == pytest.approx(above.count(False) / len(above))
    assert not points or points[-1].coverage == 1.0


@given(scored, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_is_never_less_probable(
    labels: list[tuple[float, bool]], one: float, other: float
) -> None:
    scaling = fit_scaling([score for score, _ in labels], [right for _, right in labels])
    low, high = sorted((one, other))
    assert 0 <= scaling.probability(low) <= scaling.probability(high) <= 1


def test_scaling_recovers_how_often_answers_are_right() -> None:
    rng = np.random.default_rng(1)
    scores = rng.uniform(0.02, 0.98, 4000)
    truth = Scaling(slope=0.5, offset=1.0)
    correct = [rng.random() < truth.probability(score) for score in scores]
    found = fit_scaling(list(scores), correct)
    for score in (0.1, 0.5, 0.9):
        assert found.probability(score) == pytest.approx(truth.probability(score), abs=0.04)


def test_scores_that_rank_backwards_or_not_at_all_give_the_base_rate() -> None:
    backwards = fit_scaling([0.1] * 50 + [0.9] * 50, [True] * 50 + [False] * 50)
    assert backwards.slope == 0
    assert backwards.probability(0.9) == pytest.approx(0.5)
    assert fit_scaling([], []).probability(0.7) == 0.5
    assert fit_scaling([0.5] * 98, [True] * 98).probability(0.5) == pytest.approx(0.99)


def test_a_shift_of_scores_is_noticed_and_chance_is_not() -> None:
    rng = np.random.default_rng(2)
    before, same, lower = rng.beta(8, 2, 400), rng.beta(8, 2, 400), rng.beta(4, 2, 400)
    found, chance = score_shift(list(before), list(lower)), score_shift(list(before), list(same))
    assert found is not None
    assert found.shifted
    assert chance is not None
    assert not chance.shifted
    assert score_shift([0.5] * 49, [0.5] * 100) is None


def test_the_door_costs_neither_numpy_nor_scipy() -> None:
    code = (
        "import sys, remit.stats as s; s.AuditMonitor(max_error=0.05).after(True); "
        "s.Scaling(slope=1.0, offset=0.0).probability(0.5); "
        "assert not {'numpy', 'scipy'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("remit.stats.drift", "scipy.stats"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delitem(vars(remit.stats), "score_shift", raising=False)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(RemitError, match=r"remit\[confidence\]"):
        _ = remit.stats.score_shift


def test_the_door_has_no_other_names() -> None:
    assert not hasattr(remit.stats, "nothing")
