"""A worker: it takes what can go on, sweeps what nobody looks after, and says how it is."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from remit.app.engines import limited
from remit.app.orphans import Orphans
from remit.app.runtime import Runtime
from remit.app.schedules import CATCH_UP_S, due
from remit.dispatch import Limited
from remit.errors import RemitError, TryLater
from remit.store import Statement

FULL_S = 0.02
"""How soon a full worker looks whether it has room again; the store is not asked."""
TIDY_EVERY_S = 60.0
DEAD_AFTER_LEASES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How much a worker takes and how often it looks; times in seconds."""

    concurrency: int = 20
    look_every_s: float = 0.2
    sweep_every_s: float = 1.0
    release_wait_s: float = 900.0
    """How long a run waits for a worker that can load its release, before a person is asked."""


class Worker:
    """Advances every run that can go on, of the agents that its runtime knows; within `async with` of it."""

    def __init__(
        self,
        runtime: Runtime,
        work: Work,
        *,
        said: Callable[[str], None] = lambda _: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.runtime = runtime
        self.work = work
        self.orphans = Orphans(runtime.log, runtime.releases, runtime.changes, work.release_wait_s)
        self.swept_at: float | None = None
        """When the last sweep went through, on this process's own clock."""
        self.draining = False
        self._said = said
        self._monotonic = monotonic
        self._tidied_at = float("-inf")
        self._looked_until = runtime.log.clock() - CATCH_UP_S
        self.trouble = ""
        """What the last look ran into, where it did."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Works until `stopping` is set; then takes nothing more."""
        runtime = self.runtime
        runtime.announcing.concurrency = self.work.concurrency
        await runtime.dispatch.start(self.work.concurrency)
        await runtime.announcing.announce()
        loop = asyncio.get_running_loop()
        telling = loop.create_task(runtime.notifier().run())
        tasks = [loop.create_task(self._take()), loop.create_task(self._sweep()), telling]
        told = loop.create_task(stopping.wait())
        try:
            await asyncio.wait({*tasks, told}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.draining = True
            for task in (*tasks, told):
                task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def drain(self, seconds: float) -> int:
        """Waits so long for the wakes under way, then lets their runs go; how many it let go."""
        self.draining = True
        await self.runtime.announcing.withdraw()
        active = self.runtime.wakes.active
        tasks = {task for _, task in active.values() if task is not None}
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        left = {task for _, task in active.values() if task is not None}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)

    def bounds(self) -> Sequence[Limited]:
        """The bounds of the agents here whose runs are counted."""
        found = (limited(remit) for remit in self.runtime.releases.remits.values())
        return [each for each in found if each is not None]

    async def _take(self) -> None:
        while True:
            room = self.work.concurrency - len(self.runtime.wakes.active)
            room -= self.runtime.dispatch.waiting_here()
            if room <= 0:
                await asyncio.sleep(FULL_S)
                continue
            taken = 0
            with self._noting():
                taken = await self._claim(room)
            await asyncio.sleep(FULL_S if taken else self.work.look_every_s)

    async def _claim(self, room: int) -> int:
        look = self.runtime.changes.look
        if not await asyncio.to_thread(look, "runnable_now", {}):
            return 0
        taken = await self.runtime.dispatch.wake_next(room)
        for bound in self.bounds():
            if taken < room:
                taken += await self.runtime.dispatch.wake_limited(room - taken, bound)
        return taken

    async def _sweep(self) -> None:
        while True:
            with self._noting():
                self.runtime.expire()
                self.runtime.experts.look()
                await self._submit_due()
                await self.orphans.look()
                await self.runtime.announcing.announce()
                if self._monotonic() - self._tidied_at > TIDY_EVERY_S:
                    await self._tidy()
                    self._tidied_at = self._monotonic()
                self.swept_at = self._monotonic()
            await asyncio.sleep(self.work.sweep_every_s)

    async def _submit_due(self) -> None:
        runtime, now = self.runtime, self.runtime.log.clock()
        for one in due(runtime.releases.remits.values(), self._looked_until, now):
            with contextlib.suppress(TryLater):
                await runtime.submit(one.remit, one.value, tenant=one.tenant, idempotency_key=one.key)
        self._looked_until = now

    async def _tidy(self) -> None:
        """Dead workers hold nothing back; those silent for long are forgotten."""
        runtime = self.runtime
        lease_s = runtime.wakes.world.lease_s
        silent = {"silent_s": DEAD_AFTER_LEASES * lease_s}
        rows = await asyncio.to_thread(runtime.changes.look, "dead_workers", silent)
        await runtime.dispatch.tidy([row["worker"] for row in rows])
        forgotten = {"silent_s": 2 * self.work.release_wait_s + DEAD_AFTER_LEASES * lease_s}
        await asyncio.to_thread(
            runtime.changes.carry_out,
            Statement("forget_abilities", forgotten),
            Statement("forget_workers", forgotten),
        )

    @contextlib.contextmanager
    def _noting(self) -> Generator[None]:
        """Trouble with the store is said once, and passes; the work is taken up again."""
        try:
            yield
            self.trouble = ""
        except RemitError as error:
            if str(error) != self.trouble:
                self._said(str(error))
            self.trouble = str(error)
