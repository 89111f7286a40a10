"""Is this tool worth calling now? A count of failures in a row, shared by all runs."""

from dataclasses import dataclass, replace

BELIEVED_S = 0.1
"""How long a tool that was seen without failures is not looked up again in the same process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """What is remembered of a tool; times are seconds since the epoch."""

    failures: int = 0
    opened_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The tool may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The tool rests; a call counts as `tool_unavailable` without being made."""

    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen:
    """The rest is over: one call may try. Store `probing` before it, so that only one does."""


def admit(breaker: Breaker, now: float, threshold: int, rest_s: float) -> Closed | Open | HalfOpen:
    """Whether a call may be made at `now`.

    A threshold that was raised since closes the breaker; a clock that was set back cannot make the
    rest longer than `rest_s`.
    """
    if breaker.opened_at is None or breaker.failures < threshold:
        return Closed()
    until = min(breaker.opened_at, now) + rest_s
    return HalfOpen() if now >= until else Open(until=until)


def probing(breaker: Breaker, now: float) -> Breaker:
    """The state while one call tries the tool again: open to every other call."""
    return replace(breaker, opened_at=now)


def after(breaker: Breaker, success: bool, now: float, threshold: int) -> Breaker:
    """The state after one call: a success forgets every failure, the last failure too many opens."""
    if success:
        return Breaker()
    failures = breaker.failures + 1
    return Breaker(failures=failures, opened_at=now if failures >= threshold else None)


class SeenHealthy:
    """The tools whose breakers this process saw without failures a moment ago.

    Another process's failure is noticed at most `BELIEVED_S` late, and this one's own at once.
    """

    def __init__(self) -> None:
        self._seen_at: dict[str, float] = {}

    def believed(self, name: str, now: float) -> bool:
        """Whether the row need not be read at `now`."""
        return 0 <= now - self._seen_at.get(name, float("-inf")) < BELIEVED_S

    def seen(self, name: str, now: float) -> None:
        """The row was read at `now`, and has no failures."""
        self._seen_at[name] = now

    def forget(self, name: str) -> None:
        """The tool has failed here."""
        self._seen_at.pop(name, None)
