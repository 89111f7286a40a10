"""What a process says of itself in the store, so that others know who can run what."""

import asyncio
import os

from remit.app.engines import limited
from remit.app.releases import Releases
from remit.dispatch import Announced, Dispatch, Heartbeat, Wakes
from remit.store import Changes, Statement

STOPPED = 0
"""The concurrency of a process that takes nothing more."""


class Announcing:
    """The worker's row and those of the releases that it can run; renewed with every heartbeat."""

    def __init__(
        self, wakes: Wakes, releases: Releases, dispatch: Dispatch, heartbeat: Heartbeat, changes: Changes
    ) -> None:
        self.concurrency = 1
        self._wakes = wakes
        self._releases = releases
        self._dispatch = dispatch
        self._heartbeat = heartbeat
        self._changes = changes
        self._said: list[tuple[str, str]] = []

    async def announce(self) -> None:
        """Makes sure that the store knows this process and everything that it can run by now."""
        abilities = self._releases.abilities()
        if abilities == self._said:
            return
        self._said = abilities
        statements = (self._worker(self.concurrency), *(self._able(*each) for each in abilities))
        await asyncio.to_thread(self._changes.carry_out, *statements)
        self._heartbeat.announced = Announced(statements=(self._worker(self.concurrency),))

    async def withdraw(self) -> None:
        """Says that this process takes nothing more; what it was able to run stays known for a while."""
        self._heartbeat.announced = Announced()
        if self._said:
            await asyncio.to_thread(self._changes.carry_out, self._worker(STOPPED))
            self._said = []

    def _worker(self, concurrency: int) -> Statement:
        values = {
            "worker": self._wakes.worker,
            "host": os.uname().nodename,
            "engine": self._dispatch.name,
            "concurrency": concurrency,
        }
        return Statement("put_worker", values)

    def _able(self, agent: str, release: str) -> Statement:
        bounded = limited(self._releases.remits.get(agent)) is not None
        values = {
            "worker": self._wakes.worker,
            "agent": agent,
            "release_hash": release,
            "limited": int(bounded),
        }
        return Statement("put_able", values)
