"""The alarm over audited answers: rarely false, soon right, and never forgotten."""

from statistics import mean, median

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from remit.stats import AuditMonitor

verdicts = st.lists(st.booleans(), max_size=200)


def run_length(rng: np.random.Generator, error: float, most: int, target: int) -> int:
    monitor = AuditMonitor(max_error=0.05, run_length=target)
    for wrong in rng.random(most) < error:
        monitor = monitor.after(bool(wrong))
        if monitor.alarm:
            return monitor.audits
    return most


@given(verdicts, verdicts)
def test_the_monitor_is_a_fold(first: list[bool], second: list[bool]) -> None:
    whole = AuditMonitor(max_error=0.05).after_all([*first, *second])
    assert whole == AuditMonitor(max_error=0.05).after_all(first).after_all(second)
    assert whole.audits == len(first) + len(second)
    assert whole.wrong == sum(first) + sum(second)
    assert all(value >= 0 for value in whole.statistics)


@given(verdicts)
def test_a_wrong_answer_never_lowers_the_evidence(before: list[bool]) -> None:
    monitor = AuditMonitor(max_error=0.05).after_all(before)
    assert monitor.after(True).value > monitor.after(False).value


def test_an_alarm_is_kept_with_the_audit_that_raised_it() -> None:
    monitor = AuditMonitor(max_error=0.05, run_length=100).after_all([True] * 20)
    assert monitor.alarm
    raised = monitor.alarm_at
    assert monitor.after_all([False] * 5000).alarm_at == raised
    assert not AuditMonitor(max_error=0.05).after_all([False] * 5000).alarm


def test_false_alarms_are_as_rare_as_the_run_length_says() -> None:
    rng = np.random.default_rng(3)
    lengths = [run_length(rng, 0.05, 6000, 500) for _ in range(60)]
    # Even at the very edge of the promise, and cut off at 6,000 audits.
    assert mean(lengths) >= 500


def test_a_broken_promise_is_found_within_few_audits() -> None:
    rng = np.random.default_rng(4)
    assert median(run_length(rng, 0.13, 2000, 5000) for _ in range(60)) <= 150
    assert median(run_length(rng, 0.30, 2000, 5000) for _ in range(60)) <= 30


def test_evidence_without_end_stays_a_number() -> None:
    monitor = AuditMonitor(max_error=0.05).after_all([True] * 1200)
    assert monitor.alarm
    assert monitor.after(False).value >= monitor.run_length
