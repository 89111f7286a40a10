from hypothesis import given
from hypothesis import strategies as st

from remit.model.port import ModelErrorClass
from remit.model.retry import LONGEST_WAIT_S, MAY_PASS, GiveUp, NextModel, Retry, next_try

errors = st.sampled_from(ModelErrorClass)
shares = st.floats(0, 1)
waits = st.none() | st.floats(0, 1e6)


@given(errors, st.integers(1, 100), st.integers(1, 10), waits, shares)
def test_only_what_may_pass_is_tried_again_and_never_too_often(
    error: ModelErrorClass, attempt: int, tries: int, retry_after_s: float | None, share: float
) -> None:
    verdict = next_try(error, attempt, tries, retry_after_s, lambda: share)
    if isinstance(verdict, Retry):
        assert error in MAY_PASS
        assert attempt < tries
        assert 0 < verdict.wait_s <= LONGEST_WAIT_S
        assert verdict.wait_s >= (retry_after_s or 0)
    else:
        assert verdict.reason
    assert isinstance(verdict, GiveUp) == (error is ModelErrorClass.CONTEXT_WINDOW)


@given(st.sampled_from(sorted(MAY_PASS)), st.integers(1, 9), shares)
def test_what_may_pass_is_tried_again_while_tries_are_left(
    error: ModelErrorClass, attempt: int, share: float
) -> None:
    assert isinstance(next_try(error, attempt, 10, None, lambda: share), Retry)


def test_waits_grow() -> None:
    waits = [next_try(ModelErrorClass.OVERLOADED, attempt, 10, None, lambda: 0.0) for attempt in range(1, 6)]
    assert [wait.wait_s for wait in waits if isinstance(wait, Retry)] == [0.25, 0.5, 1.0, 2.0, 4.0]


def test_a_provider_that_asks_for_a_long_wait_is_left() -> None:
    assert isinstance(next_try(ModelErrorClass.RATE_LIMITED, 1, 3, 3600, lambda: 0.5), NextModel)
