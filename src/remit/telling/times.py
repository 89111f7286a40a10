"""Times and amounts as a person reads and writes them."""

from datetime import UTC, datetime

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment_of(text: str, now: float) -> float:
    """The moment that `90s`, `30m`, `2h`, `7d` ago or a date stands for; ValueError otherwise."""
    number, unit = text[:-1], text[-1:]
    if unit in _SECONDS and number.isascii() and number.isdigit():
        return now - int(number) * _SECONDS[unit]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither a stretch of time such as 2h or 7d nor a date such as 2026-11-23."
        ) from None
    return (moment if moment.tzinfo else moment.astimezone()).timestamp()


def clock_time(at: float) -> str:
    """A time to the second where the reader is, with its zone."""
    return f"{_local(at):%Y-%m-%d %H:%M:%S %Z}"


def short_time(at: float) -> str:
    """The same to the minute, for tables."""
    return f"{_local(at):%m-%d %H:%M}"


def iso_time(at: float | None) -> str | None:
    """A time for machines: ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds") if at is not None else None


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone()


def duration(seconds: float) -> str:
    """A stretch of time to two or three digits."""
    if 0 < seconds < 0.001:
        return "<1 ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} d"


def money(cost_usd: float) -> str:
    """An amount of dollars, with as many digits as say something."""
    if cost_usd == 0:
        return "$0"
    return f"${cost_usd:.2f}" if cost_usd >= 0.1 else f"${cost_usd:.2g}" if cost_usd >= 1e-4 else "<$0.0001"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 step`, `2 steps`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"
