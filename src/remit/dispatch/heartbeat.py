"""The heartbeat: a thread with a connection of its own keeps leases alive, whatever else is busy."""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from remit.dispatch.wakes import Wakes
from remit.errors import RemitError
from remit.store import Changes, Statement

NOTES = logging.getLogger("remit.dispatch")
STUCK_AFTER_LEASES = 20
"""Lease times that the event loop may stand still before its leases are no longer renewed."""


@dataclass(slots=True, kw_only=True)
class Announced:
    """What this process says of itself with every beat; empty until it works for others."""

    statements: Sequence[Statement] = ()


class Heartbeat:
    """Renews the leases of this process and notices what reached its runs from outside."""

    def __init__(self, wakes: Wakes, changes: Changes) -> None:
        self.wakes = wakes
        self.announced = Announced()
        self.beat_at = time.monotonic()
        self.loop_moved_at = time.monotonic()
        self._changes = changes
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begins to beat, three times in a lease."""
        if self._thread is None:
            self._loop = asyncio.get_running_loop()
            self._stopping.clear()
            self._thread = threading.Thread(target=self._beat, name="remit-heartbeat", daemon=True)
            self._thread.start()

    async def stop(self) -> None:
        """Stops renewing; a run that is still under way is taken over after its lease."""
        if self._thread is not None:
            self._stopping.set()
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    def _beat(self) -> None:
        lease_s = self.wakes.world.lease_s
        while not self._stopping.wait(lease_s / 3):
            self._ask_loop()
            if time.monotonic() - self.loop_moved_at > STUCK_AFTER_LEASES * lease_s:
                continue
            if not self.wakes.active and not self.announced.statements:
                continue
            try:
                self._renew()
                self.beat_at = time.monotonic()
            except RemitError as error:
                NOTES.warning("The leases of this process could not be renewed: %s", error)
        self._changes.close()

    def _ask_loop(self) -> None:
        """The event loop notes when it gets to it, so that a loop that stands still is seen."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop_moves)

    def _loop_moves(self) -> None:
        self.loop_moved_at = time.monotonic()

    def _renew(self) -> None:
        self._changes.carry_out(*renewals(self.wakes), *self.announced.statements)
        for wake, _ in list(self.wakes.active.values()):
            after = wake.durable_head
            values = {"wake": wake.id, "after": after}
            if after >= 0 and self._changes.look("cancelled_meanwhile", values) and self._loop is not None:
                self._loop.call_soon_threadsafe(self.wakes.interrupt, wake.state.run_id)


def renewals(wakes: Wakes) -> list[Statement]:
    """What keeps the leases of a process's wakes alive for another lease time."""
    active = list(wakes.active.values())
    return [
        Statement("renew_leases", {"wake": wake.id, "lease_s": wakes.world.lease_s}) for wake, _ in active
    ]
