"""Follow runs as they go: the log is read, memory only says when to look.

What this process appends is noticed at once. What another process appends is noticed by one look at the
heads of all followed runs, however many follow them.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager

from remit.log import Entry, Log
from remit.store import Row, heads_of

LOOK_EVERY_S = 0.25
AT_ONCE = 500
"""Heads that one look asks for."""


class Followers:
    """Everybody who follows a run in this process."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._bells: dict[str, set[asyncio.Event]] = {}
        self._heads: dict[str, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False

    @property
    def count(self) -> int:
        """How many follow something."""
        return sum(len(bells) for bells in self._bells.values())

    def told(self, entries: list[Entry]) -> None:
        """A subscriber of the log, called on any thread."""
        if self._loop is not None and self._bells and entries:
            self._loop.call_soon_threadsafe(self._ring, entries[0].run_id)

    def _ring(self, run_id: str) -> None:
        for bell in self._bells.get(run_id, ()):
            bell.set()

    async def look(self) -> None:
        """Notices what other processes append, until it is cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            followed = list(self._bells)
            for begin in range(0, len(followed), AT_ONCE):
                statement = heads_of(followed[begin : begin + AT_ONCE])
                for row in await asyncio.to_thread(self._log.store.select, *statement):
                    if self._heads.get(row["run_id"]) != row["head"]:
                        self._heads[row["run_id"]] = row["head"]
                        self._ring(row["run_id"])

    def close(self) -> None:
        """Ends every following; those who follow come back to where they were, here or elsewhere."""
        self._closing = True
        for run_id in self._bells:
            self._ring(run_id)

    @contextmanager
    def _bell(self, run_id: str) -> Generator[asyncio.Event]:
        bell = asyncio.Event()
        self._bells.setdefault(run_id, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[run_id]
            bells.discard(bell)
            if not bells:
                del self._bells[run_id]
                self._heads.pop(run_id, None)

    async def follow(
        self, run_id: str, after: int, *, heartbeat_s: float
    ) -> AsyncGenerator[list[Entry], None]:
        """A run's events after that number as they come, to its end; an empty list is a sign of life."""
        with self._bell(run_id) as bell:
            while not self._closing:
                bell.clear()
                entries = await asyncio.to_thread(self._log.read_from, run_id, after + 1)
                if entries:
                    after = entries[-1].seq
                    yield entries
                    if any(entry.kind == "ended" for entry in entries):
                        return
                    continue
                try:
                    await asyncio.wait_for(bell.wait(), heartbeat_s)
                except TimeoutError:
                    yield []

    async def until_idle(self, run_id: str, wait_s: float) -> None:
        """Returns when the run ends or waits for people, at the latest after so many seconds."""
        with self._bell(run_id) as bell:
            try:
                async with asyncio.timeout(wait_s):
                    while not self._closing:
                        bell.clear()
                        row = await asyncio.to_thread(self._log.store.row, "run_row", {"run_id": run_id})
                        if row is None or not (row["state"] == "runnable" or await self._with_expert(row)):
                            return
                        await bell.wait()
            except TimeoutError:
                return

    async def _with_expert(self, row: Row) -> bool:
        """Whether the run waits for another agent or model, not for people."""
        if row["state"] != "waiting":
            return False
        state = await asyncio.to_thread(self._log.fold, row["run_id"])
        holding = state.open_cases()
        return bool(holding) and all(case.with_expert for case in holding)
