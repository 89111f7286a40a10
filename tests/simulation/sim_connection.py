"""A process's connection to the simulated database: the store's port, on a network that misbehaves."""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

from sim_clock import Killed, Process
from sim_database import Database
from sim_faults import Faults

from remit.errors import StoreLocked
from remit.store import Append, Row, Statement, StoredEvent

NEWER = " of newer code"


class Connection:
    """What `remit.log.Log` and dispatch ask of a store; an old process does not know `unknown_kind`."""

    def __init__(
        self,
        database: Database,
        process: Process,
        faults: Faults,
        dice: Random,
        *,
        unknown_kind: str | None,
        crashes: bool,
    ) -> None:
        self.database = database
        self.process = process
        self.faults = faults
        self.dice = dice
        self.unknown_kind = unknown_kind
        self.crashes = crashes
        self.company = 0
        self.cut_off_at = 0.0
        self._last_rows: dict[str, list[Row]] = {}

    async def append(self, append: Append) -> None:
        await self._travel()
        self._commit(append)
        await self._travel()

    def append_now(self, append: Append) -> None:
        self._commit(append)

    async def execute(self, *statements: Statement) -> None:
        await self._travel()
        self.execute_now(*statements)

    def execute_now(self, *statements: Statement) -> None:
        self._reach()
        self.database.execute(statements)
        self._acknowledge()

    async def _travel(self) -> None:
        """Often no time at all, so that nobody comes between; else others run meanwhile."""
        if self.dice.random() < self.faults.latency:
            await asyncio.sleep(self.dice.random() * 0.5)

    def _commit(self, append: Append) -> None:
        self._reach()
        if self.crashes and self.faults.happens("crash_before_commit"):
            self.process.kill()
            raise Killed
        self.database.append(append)
        if self.crashes and self.faults.happens("crash_after_commit"):
            self.process.kill()
            raise Killed
        self._acknowledge()

    def _reach(self) -> None:
        if not self.process.alive:
            raise Killed
        if self.faults.happens("store_refuses"):
            self.cut_off_at = self.process.time()
            raise StoreLocked("The simulated database is held.", remedy="Wait.")

    def _acknowledge(self) -> None:
        if self.faults.happens("lost_acknowledgement"):
            raise StoreLocked("The simulated connection broke after the commit.", remedy="Wait.")

    def rows(self, query: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        if not self.process.alive:
            raise Killed
        last = self._last_rows.get(query)
        if last is not None and query in STALE and self.faults.happens("stale_rows"):
            return [dict(row) for row in last]
        rows = self.database.rows(query, values or {})
        if query in STALE:
            self._last_rows[query] = rows
        return rows

    def row(self, query: str, values: Mapping[str, Any]) -> Row | None:
        found = self.rows(query, values)
        return found[0] if found else None

    def events(self, run_id: str, from_seq: int = 0) -> list[StoredEvent]:
        if not self.process.alive:
            raise Killed
        before = 0
        if self.faults.happens("stale_events"):
            before = 1 + int(self.dice.random() * 3)
        stored = self.database.events(run_id, from_seq, before)
        if self.unknown_kind is None:
            return stored
        return [
            event._replace(kind=event.kind + NEWER) if event.kind == self.unknown_kind else event
            for event in stored
        ]


STALE = ("runnable_runs", "due_runs")
"""Lists that a worker may act on long after it read them."""
