"""Working hours: how long until so much working time has passed? Pure; times in seconds since the epoch."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENTRY = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")
_MINUTES = 24 * 60
MOST_DAYS = 3660
"""Further ahead than any deadline that a person waits for: there it ends whatever the hours are."""
FORM = "`Mon-Fri 09:00-17:00`, several of them with commas between"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of one weekday in minutes after midnight; one that ends beyond 24 h ends the day after."""

    weekday: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When somebody works, by the clock of one time zone."""

    spans: tuple[Span, ...]
    zone: ZoneInfo


@lru_cache(maxsize=256)
def parse_hours(text: str, time_zone: str = "UTC") -> Hours:
    """The hours that a text such as `Mon-Fri 09:00-17:00, Sat 10:00-12:00` names; ValueError says why not."""
    spans: list[Span] = []
    for entry in text.split(","):
        match = _ENTRY.fullmatch(" ".join(entry.casefold().split()))
        if match is None:
            raise ValueError(f"{entry.strip()!r} are no hours; write {FORM}")
        begin = _minute(match[3], match[4], last=_MINUTES - 1)
        end = _minute(match[5], match[6], last=_MINUTES)
        if begin == end:
            raise ValueError(f"{entry.strip()!r} ends when it begins; the whole day is 00:00-24:00")
        spans += [
            Span(weekday=day, begin=begin, end=end if end > begin else end + _MINUTES)
            for day in _weekdays(match[1], match[2] or match[1])
        ]
    return Hours(spans=tuple(spans), zone=_zone(time_zone))


def _minute(hour: str, minute: str, *, last: int) -> int:
    total = int(hour) * 60 + int(minute)
    if total > last or int(minute) > 59:
        raise ValueError(f"{hour}:{minute} is no time of day")
    return total


def _weekdays(first: str, last: str) -> list[int]:
    for day in (first, last):
        if day not in _DAYS:
            raise ValueError(f"{day.title()!r} is no day; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    begin, end = _DAYS.index(first), _DAYS.index(last)
    return [(begin + number) % 7 for number in range((end - begin) % 7 + 1)]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"{name!r} is no time zone; write one such as Europe/Vienna") from None


def working_deadline(hours: Hours | None, start: float, duration_s: float) -> float:
    """When `duration_s` seconds of working time have passed since `start`; without hours, all time counts."""
    if hours is None:
        return start + duration_s
    left = duration_s
    for begin, end in _stretches(hours, start):
        worked = end - max(begin, start)
        if worked >= left:
            return max(begin, start) + left
        left -= worked
    return start + MOST_DAYS * 86_400.0


def working_seconds(hours: Hours | None, start: float, end: float) -> float:
    """How many seconds between two times are working time."""
    if hours is None:
        return end - start
    total = 0.0
    for begin, until in _stretches(hours, start):
        if begin >= end:
            break
        total += min(until, end) - max(begin, start)
    return total


def _stretches(hours: Hours, start: float) -> Iterator[tuple[float, float]]:
    """Stretches of working time that end after `start`, in order, none overlapping another."""
    pending: tuple[float, float] | None = None
    for begin, end in _spans_from(hours, start):
        if end <= begin or end <= start:
            continue
        if pending is not None and begin <= pending[1]:
            pending = (pending[0], max(pending[1], end))
            continue
        if pending is not None:
            yield pending
        pending = (begin, end)
    if pending is not None:
        yield pending


def _spans_from(hours: Hours, start: float) -> Iterator[tuple[float, float]]:
    # The night before may reach into this day.
    first = datetime.fromtimestamp(start, hours.zone).date() - timedelta(days=2)
    for number in range(MOST_DAYS):
        day = first + timedelta(days=number)
        found = [
            (_moment(day, span.begin, hours.zone), _moment(day, span.end, hours.zone))
            for span in hours.spans
            if span.weekday == day.weekday()
        ]
        yield from sorted(found)


def _moment(day: date, minute: int, zone: ZoneInfo) -> float:
    """A time of the wall clock; one that the clock skips is as much later as the clock is put forward."""
    days, minute = divmod(minute, _MINUTES)
    local = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return local.astimezone(UTC).timestamp()
