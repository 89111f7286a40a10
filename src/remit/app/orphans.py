"""Runs whose release cannot be run here: left to a worker that can, and to a person if there is none."""

import asyncio
import logging

from remit.app.releases import Releases
from remit.dispatch import release_gone
from remit.errors import NotFound
from remit.event import UnknownKind
from remit.log import Log, new_id
from remit.release import thaw
from remit.store import Changes, Collision, Row

ALERTS = logging.getLogger("remit.alerts")
LOOK_EVERY_S = 5.0
MOST = 100


class Orphans:
    """What waits for a release that this process has not, and since when it has known."""

    def __init__(self, log: Log, releases: Releases, changes: Changes, release_wait_s: float) -> None:
        self.unserved: dict[tuple[str, str], int] = {}
        """Runs that no living worker can run, by agent and release."""
        self._log = log
        self._releases = releases
        self._changes = changes
        self._release_wait_s = release_wait_s
        self._noticed: dict[tuple[str, str], float] = {}
        self._looked_at = float("-inf")

    async def look(self) -> None:
        """Asks a person about runs whose release nobody has been able to load for so long."""
        now = self._log.clock()
        if now - self._looked_at < min(LOOK_EVERY_S, self._release_wait_s):
            return
        self._looked_at = now
        rows = await asyncio.to_thread(self._changes.look, "queued_releases", {})
        strange = [row for row in rows if self._releases.known(row) is None]
        keys = {(row["agent"], row["release_hash"]) for row in strange}
        self._noticed = {key: at for key, at in self._noticed.items() if key in keys}
        self.unserved = {}
        for row in strange:
            await self._look_at(row)

    async def _look_at(self, row: Row) -> None:
        key = (row["agent"], row["release_hash"])
        values = {"agent": row["agent"], "release_hash": row["release_hash"]}
        (seen,) = await asyncio.to_thread(self._changes.look, "last_seen_with", values)
        now = seen["now_at"]
        first = key not in self._noticed
        noticed = self._noticed.setdefault(key, now)
        if seen["living"]:
            self._noticed[key] = now
            return
        self.unserved[key] = row["runs"]
        if first:
            ALERTS.warning(
                "%d runs of %s wait for release %s, which no living worker has.", row["runs"], *key
            )
        silent_s = now - max(noticed, seen["seen_at"] or 0.0)
        if silent_s >= self._release_wait_s:
            values = {**values, "most": MOST}
            for run in await asyncio.to_thread(self._changes.look, "queued_runs_of", values):
                self._set_aside(run["run_id"], *key, silent_s)

    def _set_aside(self, run_id: str, agent: str, release: str, silent_s: float) -> None:
        try:
            appender = self._log.appender(self._log.fold(run_id))
        except (UnknownKind, NotFound, ValueError):
            return
        if appender.state.state != "runnable" or appender.state.release != release:
            return
        case = new_id(self._log.clock(), self._log.random_bytes)
        queue = self._queue(release)
        for event in release_gone(agent, release, run_id, queue=queue, case_id=case, silent_s=silent_s):
            appender.add(event)
        try:
            appender.flush_from_outside()
        except Collision:
            return

    def _queue(self, release: str) -> str | None:
        """The default queue of the remit that the run was admitted with, as the log kept it."""
        stored = self._log.store.row("release_row", {"hash": release})
        if stored is None:
            return None
        try:
            return thaw(stored["content"]).contract.handover
        except ValueError:
            # Written by newer code, whose remit this one cannot read.
            return None
