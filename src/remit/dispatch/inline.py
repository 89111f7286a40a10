"""Inline dispatch: the process that claims a run advances it."""

import asyncio
from collections.abc import Sequence

from remit.dispatch.port import Limited, claim_limited, claim_named, claim_next
from remit.dispatch.wakes import NOTES, Wakes
from remit.log import new_id
from remit.store import Changes, Row, Statement


class Inline:
    """Each claimed run is a task of this process's event loop."""

    name = "inline"

    def __init__(self, wakes: Wakes, changes: Changes) -> None:
        self._wakes = wakes
        self._changes = changes
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, concurrency: int) -> None:
        """Nothing has to be made ready."""

    async def wake(self, run_id: str) -> None:
        """Advances the run in a task of its own, unless a live lease protects it."""
        await self._advance(claim_named([run_id], self._claim_id(), self._wakes.world.lease_s))

    async def wake_next(self, most: int) -> int:
        """Claims and begins the next runs; how many."""
        world = self._wakes.world
        return await self._advance(claim_next(self._wakes.worker, self._claim_id(), world.lease_s, most))

    async def wake_limited(self, most: int, limited: Limited) -> int:
        """The same for one agent, whose runs under way are bounded."""
        world = self._wakes.world
        claim = self._claim_id()
        return await self._advance(claim_limited(self._wakes.worker, claim, world.lease_s, most, limited))

    def waiting_here(self) -> int:
        """Tasks that have not come to their wake yet."""
        return max(0, len(self._tasks) - len(self._wakes.active))

    async def tidy(self, dead: Sequence[str]) -> None:
        """Leases run out by themselves; there is nothing else to take back."""

    async def stop(self) -> None:
        """Claims that were not begun are given up with their tasks."""

    def _claim_id(self) -> str:
        return new_id(self._wakes.world.clock(), self._wakes.world.random_bytes)

    async def _advance(self, statements: Sequence[Statement]) -> int:
        rows: list[Row] = await asyncio.to_thread(self._changes.carry_out, *statements)
        for row in rows:
            task = asyncio.get_running_loop().create_task(self._one(row["run_id"], row["wake"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(rows)

    async def _one(self, run_id: str, wake_id: str) -> None:
        try:
            await self._wakes.advance(run_id, wake_id)
        except Exception:
            NOTES.exception("A wake of run %s broke off; the run is taken up again after its lease.", run_id)
