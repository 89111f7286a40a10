"""Inline dispatch: the process that admitted a run advances it, and picks up what others left."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from remit.errors import NotFound
from remit.event import Admitted, CaseOpened, SetAside, Taken, UnknownKind
from remit.log import Appender, Log, RunState, new_id
from remit.loop import Plan, Shown, Wake, World, drive, earlier_runs, is_idle
from remit.store import Collision, Row, Statement

MOST_AT_ONCE = 100


class Inline:
    """Admits, takes and drives runs in this process; holds their leases while it does."""

    def __init__(self, log: Log, world: World, worker: str) -> None:
        self.log = log
        self.world = world
        self.worker = worker
        self.active: dict[str, tuple[Wake, asyncio.Task[RunState] | None]] = {}
        self._heartbeat: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to renew the leases of the runs that this process advances."""
        self._heartbeat = asyncio.get_running_loop().create_task(self._renew())

    async def stop(self) -> None:
        """Stops renewing; a run that is still under way is taken over after its lease."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._heartbeat

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.world.lease_s / 3)
            statements = [
                Statement("renew_leases", {"wake": wake.id, "lease_s": self.world.lease_s})
                for wake, _ in self.active.values()
            ]
            if statements:
                await self.log.store.execute(*statements)

    def admit(self, plan: Plan, run_id: str, admitted: Admitted) -> Wake:
        """A new run and its first wake; durable with the first commit."""
        state = RunState(run_id)
        appender = self.log.start(state)
        appender.add(admitted)
        return self._wake(plan, state, appender)

    def take(self, plan: Plan, run_id: str) -> Wake | None:
        """A wake for a run that can go on; None if it waits, has ended or is being advanced."""
        state = self.log.fold(run_id)
        if is_idle(plan.contract, state) or run_id in self.active:
            return None
        return self._wake(plan, state, self.log.appender(state))

    def _wake(self, plan: Plan, state: RunState, appender: Appender) -> Wake:
        wake_id = new_id(self.world.clock(), self.world.random_bytes)
        wakes = state.wakes
        appender.add(Taken(wake=wake_id, worker=self.worker))
        earlier = earlier_runs(self.log, state)
        wake = Wake(
            id=wake_id,
            plan=plan,
            world=self.world,
            log=self.log,
            earlier=earlier,
            state=state,
            appender=appender,
            shown=Shown(earlier),
        )
        if wakes >= self.world.poison_after:
            _set_aside(wake, wakes)
        return wake

    async def drive(self, wake: Wake) -> RunState:
        """Advances the wake's run as far as it goes; its lease is let go however this ends."""
        run_id = wake.state.run_id
        if run_id in self.active:
            return wake.state
        self.active[run_id] = (wake, asyncio.current_task())
        self.log.store.company = len(self.active)
        try:
            # Runs that begin at the same moment get to know of each other, so that they share commits.
            await asyncio.sleep(0)
            return await drive(wake)
        finally:
            del self.active[run_id]
            self.log.store.company = len(self.active)
            if wake.state.state == "runnable":
                self._let_go(wake)

    def _let_go(self, wake: Wake) -> None:
        values = {"run_id": wake.state.run_id, "wake": wake.id}
        with contextlib.suppress(Exception):
            self.log.store.execute_now(Statement("release_lease", values))

    def interrupt(self, run_id: str) -> None:
        """Breaks into what a run of this process awaits, where that is safe."""
        wake, task = self.active.get(run_id, (None, None))
        if wake is not None and task is not None and wake.interruptible:
            wake.interrupted = True
            task.cancel()

    async def sweep(self, plan_of: Callable[[Row], Plan | None]) -> list[RunState]:
        """Advances every runnable run that no live lease protects, oldest first."""
        advanced: list[RunState] = []
        while wakes := self._next_wakes(plan_of):
            advanced.extend(await self._drive_all(wakes))
        return advanced

    def _next_wakes(self, plan_of: Callable[[Row], Plan | None]) -> list[Wake]:
        """Wakes for the oldest runs that this process can advance; it passes over all others."""
        after: tuple[float, str] = (0.0, "")
        while True:
            page = {"most": MOST_AT_ONCE, "after": after[0], "after_run": after[1]}
            rows = self.log.store.rows("runnable_runs", page)
            wakes = [wake for row in rows if (wake := self._wake_of(row, plan_of)) is not None]
            if wakes or len(rows) < MOST_AT_ONCE:
                return wakes
            after = (rows[-1]["admitted_at"], rows[-1]["run_id"])

    def _wake_of(self, row: Row, plan_of: Callable[[Row], Plan | None]) -> Wake | None:
        plan = plan_of(row)
        if plan is None:
            return None
        try:
            return self.take(plan, row["run_id"])
        except (UnknownKind, NotFound, ValueError):
            # Newer code wrote it, or a body is gone or damaged: it is left to a worker that can read it.
            return None

    async def _drive_all(self, wakes: Sequence[Wake]) -> list[RunState]:
        drives = (self._drive_quietly(wake) for wake in wakes)
        results = await asyncio.gather(*drives, return_exceptions=True)
        # One run's error is raised when the others have got as far as they can.
        states: list[RunState] = []
        errors: list[BaseException] = []
        for result in results:
            if isinstance(result, BaseException):
                errors.append(result)
            elif result is not None and result.state != "runnable":
                states.append(result)
        if errors:
            raise errors[0]
        return states

    async def _drive_quietly(self, wake: Wake) -> RunState | None:
        with contextlib.suppress(Collision, NotFound):
            return await self.drive(wake)
        return None


def _set_aside(wake: Wake, wakes: int) -> None:
    reason = f"{wakes} wakes took this run and none made progress"
    wake.add(SetAside(wakes=wakes, reason=reason))
    queue = wake.plan.contract.handover
    if queue is not None:
        wake.add(
            CaseOpened(
                case=wake.new_id(),
                queue=queue,
                trigger="poisoned",
                question="This run stops its worker again and again. Should it be tried once more?",
                why=reason,
                deadline=None,
                otherwise="none",
            )
        )
