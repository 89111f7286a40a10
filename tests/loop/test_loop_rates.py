"""No minute sees more than a rate allows, however the calls come."""

from hypothesis import given
from hypothesis import strategies as st

from remit.loop.rates import pace


@given(
    per_minute=st.integers(1, 2000),
    gaps=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=300),
)
def test_any_minute_holds_at_most_the_declared_number_of_calls(per_minute, gaps):
    bound = pace(per_minute)
    now, full_at, made = 0.0, float("-inf"), []
    for gap in gaps:
        now += gap
        if full_at <= now + bound.ahead_s:
            full_at = max(full_at, now) + bound.unit_s
            made.append(now)
    for start in made:
        assert sum(start <= at < start + 59.999 for at in made) <= per_minute


@given(per_minute=st.integers(1, 2000))
def test_a_steady_caller_gets_at_least_five_sixths_of_a_rate(per_minute):
    assert 60 / pace(per_minute).unit_s >= per_minute * 5 / 6 - 1e-9
