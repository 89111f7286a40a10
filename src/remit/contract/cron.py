"""Times of the clock: five fields as in crontab(5), in UTC. Pure.

Source: POSIX.1-2017, crontab. As there, a day is due where either day field names it if both do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES = ("minute", "hour", "day of the month", "month", "day of the week")
_MOST_DAYS = 366 * 8
"""Further ahead than any date recurs: 29 February around a year such as 2100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """The values that each field allows; `any_day` and `any_weekday` say where a field was `*`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def on(self, day: datetime) -> bool:
        """Whether it is due at some time of that day."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday


def parse_cron(text: str) -> Cron:
    """The times that five fields name; ValueError says which field is wrong."""
    fields = text.split()
    if len(fields) != len(_RANGES):
        raise ValueError("five fields are needed: minute, hour, day, month, day of the week")
    minutes, hours, days, months, weekdays = (
        _values(field, *bounds, name) for field, bounds, name in zip(fields, _RANGES, _NAMES, strict=True)
    )
    return Cron(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        any_day=fields[2].startswith("*"),
        any_weekday=fields[4].startswith("*"),
    )


def _values(field: str, low: int, high: int, name: str) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        try:
            start = low if span == "*" else int(first)
            end = high if span == "*" or (step and not dash) else int(last or first)
            stride = int(step or 1)
        except ValueError:
            raise ValueError(f"{field!r} is no {name}") from None
        if not (low <= start <= end <= high and stride > 0):
            raise ValueError(f"{field!r} is no {name}: from {low} to {high}")
        found.update(range(start, end + 1, stride))
    return frozenset(found)


def due_times(cron: Cron, after: float, until: float) -> Iterator[float]:
    """Every due time later than `after` and not later than `until`, in order; seconds since the epoch."""
    first = datetime.fromtimestamp(after, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(_MOST_DAYS):
        day = first + timedelta(days=number)
        if day.timestamp() > until:
            return
        if not cron.on(day):
            continue
        for hour in sorted(cron.hours):
            for minute in sorted(cron.minutes):
                at = day.replace(hour=hour, minute=minute).timestamp()
                if after < at <= until:
                    yield at
