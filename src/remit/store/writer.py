"""Group commit: what several runs append at the same moment shares one transaction."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from remit.store.rows import Append, Statement

Unit = Append | tuple[Statement, ...]
"""What becomes durable as a whole or not at all."""
Outcome = Exception | None
"""None for a unit that is durable, else why it left no trace."""
Commit = Callable[[list[Unit]], list[Outcome]]
"""Carries out units in one transaction; what one of them raises undoes that one alone."""

CROWD = 8
"""Runs under way from which on a commit waits for those that are about to append."""
GATHER_S = 0.002
"""How long it waits: a moment costs a crowd less than many small commits, as in Postgres's own
`commit_delay` and `commit_siblings`."""


class CutOff(Exception):
    """The database went away while a unit was under way: it has to be tried again, off the event loop."""


class Writer:
    """The one writer of a store in this process; each unit is durable when its future is done.

    `hasty` is tried first on the thread of the event loop and gives CutOff rather than wait for a
    database that went away; `patient` waits. `company` is how many runs append at the moment: a lone
    one commits at once, without a hop.
    """

    def __init__(self, hasty: Commit, patient: Commit) -> None:
        self._hasty = hasty
        self._patient = patient
        self._pending: list[tuple[Unit, asyncio.Future[None]]] = []
        self._scheduled = False
        self._busy = False
        self._thread: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self.company = 2

    async def run(self, unit: Unit) -> None:
        """Returns once the unit is committed; raises what the unit or the commit raised."""
        if self.company == 1 and not self._busy and not self._pending:
            outcome = self._commit([unit], self._hasty)[0]
            if outcome is None:
                return
            if not isinstance(outcome, CutOff):
                raise outcome
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._pending.append((unit, future))
        if not self._scheduled and not self._busy:
            self._schedule(loop)
        # A caller that is cancelled must not tear its unit out of a group that is being committed.
        await asyncio.shield(future)

    def run_now(self, unit: Unit) -> None:
        """The same without an event loop, for commands that run alone."""
        (outcome,) = self._commit([unit], self._patient)
        if outcome is not None:
            raise outcome

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        self._scheduled = True
        if self.company < CROWD:
            loop.call_soon(self._flush, loop)
        else:
            loop.call_later(GATHER_S, self._flush, loop)

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        self._scheduled = False
        batch, self._pending = self._pending, []
        # A single commit on this thread is cheaper than a hop; of a group, others go on meanwhile.
        if len(batch) == 1:
            outcomes = self._commit([batch[0][0]], self._hasty)
            if not isinstance(outcomes[0], CutOff):
                self._settle(batch, outcomes)
                return
        self._busy = True
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="remit-log")
        units = [unit for unit, _ in batch]
        task = loop.run_in_executor(self._thread, self._commit, units, self._patient)
        task.add_done_callback(lambda done: self._landed(loop, batch, done))

    def _landed(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[tuple[Unit, asyncio.Future[None]]],
        done: "asyncio.Future[list[Outcome]]",
    ) -> None:
        self._busy = False
        self._settle(batch, done.result())
        if self._pending and not self._scheduled:
            self._schedule(loop)

    def _settle(self, batch: list[tuple[Unit, asyncio.Future[None]]], outcomes: list[Outcome]) -> None:
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if outcome is None:
                future.set_result(None)
            else:
                future.set_exception(outcome)

    def _commit(self, units: list[Unit], commit: Commit) -> list[Outcome]:
        with self._lock:
            return commit(units)

    def close(self) -> None:
        """Waits for the commit under way."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
