"""Wakes in this process: runs are taken, driven and let go; the log decides who was first."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from remit.dispatch.setting_aside import poisoned
from remit.errors import NotFound
from remit.event import Admitted, Moved, Taken, UnknownKind
from remit.log import Appender, Log, RunState, new_id
from remit.loop import Plan, Shown, Wake, World, drive, earlier_runs, is_idle
from remit.store import Collision, Row, Statement

NOTES = logging.getLogger("remit.dispatch")
UNREADABLE_S = 1.0
"""How long a run that cannot be read here is left to other workers before anyone takes it again."""
LAPSED = "-lapsed"
"""How the id of a wake ends when an earlier lease of the run had run out."""
PlanOf = Callable[[Row], Plan | None]


class Wakes:
    """Admits, takes and drives runs in this process; `plan_of` finds the plan of a run's row."""

    def __init__(self, log: Log, world: World, worker: str, plan_of: PlanOf) -> None:
        self.log = log
        self.world = world
        self.worker = worker
        self.plan_of = plan_of
        self.active: dict[str, tuple[Wake, asyncio.Task[RunState] | None]] = {}
        self.handed_back = 0
        self.taken = 0
        self.ended = 0
        self.lapsed = 0
        self._ends: dict[str, asyncio.Future[RunState | None]] = {}
        self._commits: set[asyncio.Task[None]] = set()
        """Held here, because the loop does not."""

    def admit(self, plan: Plan, run_id: str, admitted: Admitted, *, named: bool) -> Wake:
        """A new run and its first wake; durable with the first commit.

        A run that nobody can ask for by a name before it ends is not committed before there is something
        to lose: an effect, its end, or `commit_every_s` seconds.
        """
        state = RunState(run_id)
        appender = self.log.start(state)
        appender.add(admitted)
        wake = self._wake(plan, state, appender)
        if not named:
            wake.committed_at = self.world.clock()
        return wake

    def take(self, plan: Plan, run_id: str, wake_id: str | None = None) -> Wake | None:
        """A wake for a run that can go on; None if it waits, has ended or is being advanced.

        `wake_id` is the wake that the run is leased to, where it was claimed.
        """
        state = self.log.fold(run_id)
        rests = state.postponed_until is not None
        if (not rests and is_idle(plan.contract, state)) or run_id in self.active:
            return None
        return self._wake(plan, state, self.log.appender(state), wake_id)

    def _wake(self, plan: Plan, state: RunState, appender: Appender, wake_id: str | None = None) -> Wake:
        wake_id = wake_id or new_id(self.world.clock(), self.world.random_bytes)
        wakes = state.wakes
        appender.add(Taken(wake=wake_id, worker=self.worker))
        if state.release != plan.release:
            appender.add(Moved(release=plan.release, reason="a person let it go on with the current release"))
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
        self.taken += 1
        if wakes >= self.world.poison_after:
            for event in poisoned(plan.contract, state.run_id, case_id=wake.new_id(), wakes=wakes):
                wake.add(event)
        return wake

    async def drive(self, wake: Wake) -> RunState:
        """Advances the wake's run as far as it goes; its lease is let go however this ends."""
        run_id = wake.state.run_id
        if run_id in self.active:
            return wake.state
        self.active[run_id] = (wake, asyncio.current_task())
        self._count_company()
        left: RunState | None = None
        timer = self._commit_soon(wake) if wake.durable_head < 0 and not wake.due else None
        try:
            # Runs that begin at the same moment get to know of each other, so that they share commits.
            await asyncio.sleep(0)
            left = await drive(wake)
            return left
        except asyncio.CancelledError:
            # Who waits no longer does not take the run back, unless it was told that there is none.
            if timer is not None and wake.durable_head < 0:
                with contextlib.suppress(Exception):
                    wake.appender.flush_from_outside()
            raise
        finally:
            if timer is not None:
                timer.cancel()
            del self.active[run_id]
            self._count_company()
            self.ended += wake.state.state == "ended"
            if wake.state.state == "runnable":
                self._let_go(wake)
            self._tell(run_id, left)

    def _count_company(self) -> None:
        """Those that are waited for here append soon, if they do not now."""
        self.log.store.company = max(len(self.active), len(self._ends))

    def _commit_soon(self, wake: Wake) -> asyncio.TimerHandle:
        def commit() -> None:
            task = asyncio.ensure_future(wake.flush_aside())
            self._commits.add(task)
            task.add_done_callback(self._commits.discard)

        return asyncio.get_running_loop().call_later(self.world.commit_every_s, commit)

    def _let_go(self, wake: Wake) -> None:
        values = {"run_id": wake.state.run_id, "wake": wake.id}
        with contextlib.suppress(Exception):
            self.log.store.execute_now(Statement("release_lease", values))

    async def advance(self, run_id: str, wake_id: str) -> None:
        """The wake that a run was claimed for; what cannot be read here is handed back."""
        row = self.log.store.row("run_row", {"run_id": run_id})
        if row is None or row["state"] != "runnable" or row["lease_wake"] not in (None, wake_id):
            return
        self.lapsed += wake_id.endswith(LAPSED)
        try:
            plan = self.plan_of(row)
            wake = self.take(plan, run_id, wake_id) if plan is not None else None
        except (UnknownKind, NotFound, ValueError) as error:
            # Newer code wrote it, or a body is gone or damaged: it is left to a worker that can read it.
            NOTES.warning("Run %s cannot be read here and is handed back: %s", run_id, error)
            self.handed_back += 1
            await self._give_back(run_id, wake_id, UNREADABLE_S)
            return
        if wake is None:
            await self._give_back(run_id, wake_id, UNREADABLE_S if plan is None else 0.0)
            return
        with contextlib.suppress(Collision, NotFound):
            await self.drive(wake)

    async def _give_back(self, run_id: str, wake_id: str, rest_s: float) -> None:
        values = {"run_id": run_id, "wake": wake_id, "rest_s": rest_s}
        await self.log.store.execute(Statement("give_back_run", values))

    def interrupt(self, run_id: str) -> None:
        """Breaks into what a run of this process awaits, where that is safe."""
        wake, task = self.active.get(run_id, (None, None))
        if wake is not None and task is not None and wake.interruptible:
            wake.interrupted = True
            task.cancel()

    async def ended_after(self, woken: Awaitable[object], run_id: str, seconds: float) -> RunState | None:
        """Has the run woken and waits, at most so long, for a wake of it to end here: the run as that wake
        left it, durably, or None."""
        ending = self._ends.setdefault(run_id, asyncio.get_running_loop().create_future())
        self._count_company()
        try:
            await woken
            await asyncio.wait([ending], timeout=seconds)
        finally:
            if not ending.done():
                self._ends.pop(run_id, None)
                self._count_company()
        return ending.result() if ending.done() else None

    def _tell(self, run_id: str, left: RunState | None) -> None:
        ending = self._ends.pop(run_id, None)
        if ending is not None:
            self._count_company()
            ending.set_result(left)
