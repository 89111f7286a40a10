"""Group commit: what several runs append at the same moment shares one transaction."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from remit.store.connection import translated

Unit = Callable[[sqlite3.Connection], Any]
"""Work inside a savepoint of its own; what it raises undoes this unit alone."""


class Writer:
    """The one writer of a file in this process; each unit is durable when its future is done.

    `company` is how many runs append at the moment: a lone one commits at once, without a hop.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._pending: list[tuple[Unit, asyncio.Future[Any]]] = []
        self._scheduled = False
        self._busy = False
        self._thread: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self.company = 2

    async def run(self, unit: Unit) -> Any:
        """The unit's result once it is committed; raises what the unit or the commit raised."""
        if self.company == 1 and not self._busy and not self._pending:
            return self.run_now(unit)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._pending.append((unit, future))
        if not self._scheduled and not self._busy:
            self._scheduled = True
            loop.call_soon(self._flush, loop)
        # A caller that is cancelled must not tear its unit out of a group that is being committed.
        return await asyncio.shield(future)

    def run_now(self, unit: Unit) -> Any:
        """The same without an event loop, for commands that run alone."""
        (outcome,) = self._commit([unit])
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        self._scheduled = False
        batch, self._pending = self._pending, []
        # A single commit on this thread is cheaper than a hop; of a group, others go on meanwhile.
        if len(batch) == 1:
            self._settle(batch, self._commit([batch[0][0]]))
            return
        self._busy = True
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="remit-log")
        task = loop.run_in_executor(self._thread, self._commit, [unit for unit, _ in batch])
        task.add_done_callback(lambda done: self._landed(loop, batch, done))

    def _landed(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[tuple[Unit, asyncio.Future[Any]]],
        done: "asyncio.Future[list[Any]]",
    ) -> None:
        self._busy = False
        self._settle(batch, done.result())
        if self._pending and not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._flush, loop)

    def _settle(self, batch: list[tuple[Unit, asyncio.Future[Any]]], outcomes: list[Any]) -> None:
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _commit(self, units: list[Unit]) -> list[Any]:
        """Each unit's result or exception; if the commit itself fails, that for all of them."""
        with self._lock:
            return self._commit_locked(units)

    def _commit_locked(self, units: list[Unit]) -> list[Any]:
        connection = self._connection
        try:
            with translated(self._path):
                connection.execute("begin immediate")
                outcomes = [self._one(connection, unit, alone=len(units) == 1) for unit in units]
                connection.execute("commit")
        except Exception as error:
            if connection.in_transaction:
                connection.execute("rollback")
            return [error] * len(units)
        return outcomes

    def _one(self, connection: sqlite3.Connection, unit: Unit, *, alone: bool) -> Any:
        if alone:
            return unit(connection)
        connection.execute("savepoint unit")
        try:
            result = unit(connection)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            connection.execute("rollback to unit")
            result = error
        connection.execute("release unit")
        return result

    def close(self) -> None:
        """Waits for the commit under way."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
