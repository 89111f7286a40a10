"""A clock that stands still until it is told otherwise."""

START_S = 1_800_000_000.0


class FrozenClock:
    """Calling it gives the time in seconds since the epoch; only `advance` moves it."""

    def __init__(self, now_s: float = START_S) -> None:
        self._now_s = now_s

    def __call__(self) -> float:
        return self._now_s

    def now(self) -> float:
        """The time, as when called."""
        return self._now_s

    def advance(self, seconds: float) -> float:
        """Let that much time pass; gives the new time. ValueError if it would run backwards."""
        if seconds < 0:
            raise ValueError("a clock does not run backwards")
        self._now_s += seconds
        return self._now_s

    async def sleep(self, seconds: float) -> None:
        """Stands in for `asyncio.sleep`: returns at once, that much later."""
        self.advance(max(0.0, seconds))
