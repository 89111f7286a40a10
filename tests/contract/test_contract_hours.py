"""Working hours: what counts for a deadline, over weekends and when the clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import parse_hours, parse_text, working_deadline, working_seconds

OFFICE = parse_hours("Mon-Fri 09:00-17:00", "Europe/Vienna")
VIENNA = ZoneInfo("Europe/Vienna")
HOUR = 3600.0
SMALLEST = "remit: 1\nagent: a\npurpose: p\nmodel: local:m\ndoes: [d]\n"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA).timestamp()


def local(moment):
    return datetime.fromtimestamp(moment, VIENNA).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20T10:00", 4, "Fri 14:00"),
        ("2026-11-20T15:00", 4, "Mon 11:00"),
        ("2026-11-21T12:00", 4, "Mon 13:00"),
        ("2026-11-23T03:00", 8, "Mon 17:00"),
        ("2026-11-23T17:00", 1, "Tue 10:00"),
        ("2026-11-23T09:00", 40, "Fri 17:00"),
        # The clocks go forward on 29 March and back on 25 October: office hours do not notice.
        ("2026-03-27T16:00", 2, "Mon 10:00"),
        ("2026-10-23T16:00", 2, "Mon 10:00"),
    ],
)
def test_an_office_deadline(start, hours, end):
    assert local(working_deadline(OFFICE, at(start), hours * HOUR)) == end


def test_a_night_shift_is_an_hour_shorter_when_the_clocks_go_forward():
    nights = parse_hours("Sat 22:00-06:00", "Europe/Vienna")
    begin = at("2026-03-28T22:00")
    assert working_seconds(nights, begin, begin + 24 * HOUR) == 7 * HOUR
    back = at("2026-10-24T22:00")
    assert working_seconds(nights, back, back + 24 * HOUR) == 9 * HOUR
    assert local(working_deadline(nights, begin, 7 * HOUR)) == "Sun 06:00"


def test_the_whole_week_is_all_time():
    always = parse_hours("Mon-Sun 00:00-24:00", "America/New_York")
    start = at("2026-03-01T12:00")
    assert working_deadline(always, start, 1000 * HOUR) == start + 1000 * HOUR


def test_without_hours_all_time_counts():
    assert working_deadline(None, 5.0, 7.0) == 12.0
    assert working_seconds(None, 5.0, 12.0) == 7.0


MOMENTS = st.floats(1_577_836_800, 2_051_222_400).map(lambda moment: round(moment, 3))
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TIMES = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda t: f"{t[0]:02}:{t[1]:02}")
ENTRIES = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS), TIMES, TIMES).filter(lambda e: e[2] != e[3])
HOURS = st.builds(
    parse_hours,
    st.lists(ENTRIES.map(lambda e: f"{e[0]}-{e[1]} {e[2]}-{e[3]}"), min_size=1, max_size=3).map(", ".join),
    st.sampled_from(["UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)


@given(HOURS, MOMENTS, st.floats(1, 200_000))
def test_exactly_so_much_working_time_passes_until_the_deadline(hours, start, duration_s):
    end = working_deadline(hours, start, duration_s)
    assert end >= start + duration_s - 1e-3
    assert working_seconds(hours, start, end) == pytest.approx(duration_s, abs=1e-3)
    assert working_seconds(hours, start, end - 0.01) < duration_s


@given(HOURS, MOMENTS, st.floats(1, 100_000), st.floats(0, 100_000))
def test_more_time_or_a_later_start_never_ends_earlier(hours, start, duration_s, more_s):
    end = working_deadline(hours, start, duration_s)
    assert working_deadline(hours, start, duration_s + more_s) >= end
    assert working_deadline(hours, start + more_s, duration_s) >= end


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        ("always", "write `Mon-Fri"),
        ("Mon-Fri 9-17", "write `Mon-Fri"),
        ("Mon-Xyz 09:00-17:00", "'Xyz' is no day"),
        ("Mon 09:00-09:00", "ends when it begins"),
        ("Mon 24:00-25:00", "24:00 is no time of day"),
        ("Mon 09:61-10:00", "09:61 is no time of day"),
        ("", "write `Mon-Fri"),
    ],
)
def test_what_are_no_hours(hours, why):
    with pytest.raises(ValueError, match=why):
        parse_hours(hours)


@pytest.mark.parametrize("zone", ["Europe/Wien", "../etc/passwd", "", "/etc/localtime"])
def test_what_is_no_time_zone(zone):
    with pytest.raises(ValueError, match="no time zone"):
        parse_hours("Mon 09:00-10:00", zone)


def test_an_ask_without_a_deadline_has_that_of_its_queue():
    text = SMALLEST + (
        "queues: {q: {deadline: 1h, otherwise: approve}}\nhandover: q\n"
        "tools: {f: {python: 'm:f', ask: always}, g: {python: 'm:g', ask: {when: always, deadline: 4h}}}\n"
    )
    contract = parse_text(text, "remit.yaml").contract
    asks = [contract.tools[name].ask for name in "fg"]
    assert [(ask.deadline, ask.otherwise) for ask in asks] == [(3600.0, "approve"), (14_400.0, "approve")]
