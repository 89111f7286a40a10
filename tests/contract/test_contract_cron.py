"""Due times are those of the five fields, each once, in order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import due_times, parse_cron

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def due(text, days=7, start=MONDAY):
    found = due_times(parse_cron(text), start.timestamp(), (start + timedelta(days=days)).timestamp())
    return [datetime.fromtimestamp(at, UTC) for at in found]


def test_days_hours_steps_and_ranges():
    assert [at.isoweekday() for at in due("0 7 * * 1-5")] == [1, 2, 3, 4, 5]
    assert [at.minute for at in due("*/20 3 2 3 *")] == [0, 20, 40]
    assert [at.day for at in due("0 12 1,15 * *", days=31)] == [15, 1]
    assert due("0 0 * * 0") == due("0 0 * * 7")
    assert [at.day for at in due("30 6 4 * 1", days=7)] == [2, 4]
    assert due("0 0 30 2 *", days=400) == []
    assert [at.date() for at in due("0 0 29 2 *", days=366 * 4)] == [datetime(2028, 2, 29, tzinfo=UTC).date()]


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "x * * * *"],
)
def test_a_field_that_names_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"needed|is no"):
        parse_cron(text)


@given(st.integers(0, 59), st.integers(0, 23), st.integers(0, 10_000), st.integers(1, 5000))
def test_no_due_time_is_lost_or_doubled_between_two_looks(minute, hour, offset, gap):
    cron = parse_cron(f"{minute} {hour} * * *")
    start, middle = MONDAY.timestamp() + offset * 60.0, MONDAY.timestamp() + (offset + gap) * 60.0
    end = middle + 86_400
    whole = list(due_times(cron, start, end))
    assert whole == [*due_times(cron, start, middle), *due_times(cron, middle, end)]
    assert whole == sorted(set(whole))
