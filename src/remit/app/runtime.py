"""The runtime: admits inputs, advances runs, takes decisions; everything it knows is in the log."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from remit.app.admitting import admission, already, let_in
from remit.app.announcing import Announcing
from remit.app.engines import DispatchName, dispatch_of, limited
from remit.app.experts import Experts
from remit.app.handing_over import hand_over
from remit.app.notifying import Notifier
from remit.app.outside import Decision, cancel, decide, expire, expire_run, rate
from remit.app.releases import Releases
from remit.app.remit import Remit
from remit.app.report import outcome_of
from remit.app.reviewing import Reviewing
from remit.dispatch import Heartbeat, Limited, Wakes, sweep
from remit.errors import NotFound
from remit.event import Admitted, Rated
from remit.log import Log, RandomBytes, Redactor, RunState, Subscriber, new_id
from remit.loop import Plan, World
from remit.model import Model
from remit.outcome import Outcome, Waiting
from remit.store import Collision, Row, SharedDatabase, open_changes, open_store

LOOK_AGAIN_S = 1.0
"""How often a caller looks for a run that another process advances."""


class Runtime:
    """One process's hold on one log.

    `model` answers in place of every model that a remit names. What a model or a read gave within
    `commit_every_s` seconds of the last commit rides with the next one; an effect is never begun, and an
    outcome never given, before everything is durable. A run that `handle` begins without an idempotency
    key is in the log so many seconds later at the latest. 0 commits before every model call.
    `dispatch` names what wakes its runs. Used as an async context manager, it keeps the leases of the
    runs that it advances alive.
    """

    def __init__(
        self,
        store: str | Path = "remit.db",
        *,
        dispatch: DispatchName = "inline",
        model: Model | None = None,
        clock: Callable[[], float] = time.time,
        random_bytes: RandomBytes = os.urandom,
        random_share: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        environment: Mapping[str, str] = os.environ,
        lease_s: float = 30.0,
        commit_every_s: float = 0.25,
        subscribers: Sequence[Subscriber] = (),
        wait_for_store_s: float = 30.0,
    ) -> None:
        self.log = Log(
            open_store(store, clock, wait_s=wait_for_store_s),
            clock=clock,
            random_bytes=random_bytes,
            redactor=Redactor({}),
        )
        self.log.subscribers.extend(subscribers)
        self.cases = Reviewing(self.log)
        self._environment = environment
        self._notifying = open_changes(store, clock, wait_s=wait_for_store_s)
        self.changes = open_changes(store, clock, wait_s=wait_for_store_s)
        self._world = World(
            clock=clock,
            random_bytes=random_bytes,
            random=random_share,
            sleep=sleep,
            lease_s=lease_s,
            commit_every_s=commit_every_s,
            changes=self.changes,
        )
        self.releases = Releases(self.log, environment, model)
        self.experts = Experts(self.log, self.releases.remits)
        worker = f"{os.uname().nodename}-{os.getpid()}-{random_bytes(4).hex()}"
        self.wakes = Wakes(self.log, self._world, worker, self.releases.known)
        self.heartbeat = Heartbeat(self.wakes, open_changes(store, clock, wait_s=wait_for_store_s))
        self.dispatch = dispatch_of(
            dispatch,
            self.wakes,
            changes=self.changes,
            pool=self.releases.pool,
            database=SharedDatabase(store, clock, wait_s=wait_for_store_s),
        )

        self.announcing = Announcing(self.wakes, self.releases, self.dispatch, self.heartbeat, self.changes)

    async def __aenter__(self) -> Self:
        self.heartbeat.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.dispatch.stop()
        await self.announcing.withdraw()
        await self.heartbeat.stop()
        await self.releases.close()
        self.close()

    def close(self) -> None:
        """Lets the log go."""
        self.changes.close()
        self._notifying.close()
        self.log.store.close()

    def notifier(self) -> Notifier:
        """What tells people of the cases of the agents that are registered here."""
        return Notifier(self.log, self._notifying, self.releases.remits, self._environment)

    def register(self, remit: Remit) -> Plan:
        """Makes a remit known, so that its runs can be advanced here; the plan of its release."""
        return self.releases.register(remit)

    def _now(self) -> float:
        return self._world.clock()

    async def handle(
        self,
        remit: Remit,
        value: Any,
        *,
        user: dict[str, Any] | None = None,
        tenant: str = "",
        conversation: str | None = None,
        idempotency_key: str | None = None,
        priority: int = 0,
        deadline: float | None = None,
    ) -> Outcome | Waiting:
        """One input to its outcome, or to the case that it waits for; never raises for a known failure.

        `user` is what the caller vouches for: `id` and whatever the remit's `is: user.X` names. The same
        `idempotency_key` gives the first run's outcome. A greater `priority` goes first where runs wait;
        `deadline`, in seconds since the epoch, stops the run. TryLater if too many runs wait already;
        StoreError if the log fails.
        """
        _, outcome = await self.handle_run(
            remit,
            value,
            user=user,
            tenant=tenant,
            conversation=conversation,
            idempotency_key=idempotency_key,
            priority=priority,
            deadline=deadline,
        )
        return outcome

    async def handle_run(
        self,
        remit: Remit,
        value: Any,
        *,
        user: dict[str, Any] | None = None,
        tenant: str = "",
        conversation: str | None = None,
        idempotency_key: str | None = None,
        priority: int = 0,
        deadline: float | None = None,
        run_id: str | None = None,
    ) -> tuple[str, Outcome | Waiting]:
        """The same with the id of the run: `run_id`, unless an earlier run has the idempotency key."""
        plan = self.register(remit)
        admitted = admission(
            remit,
            value,
            user=user,
            tenant=tenant,
            conversation=conversation,
            idempotency_key=idempotency_key,
            priority=priority,
            deadline=deadline,
        )
        earlier = already(self.log, admitted)
        if earlier is not None:
            return earlier, await self.advance(earlier)
        let_in(self.log, remit)
        named = run_id is not None or idempotency_key is not None
        run_id = run_id or self.new_run_id()
        bounds = limited(remit)
        if self.dispatch.name != "inline" or bounds is not None:
            return await self._admit_and_wait(run_id, admitted, bounds)
        wake = self.wakes.admit(plan, run_id, admitted, named=named)
        try:
            state = await self.wakes.drive(wake)
        except NotFound:
            # Only a run of the same idempotency key, admitted at the same moment, can be in the way.
            earlier = already(self.log, admitted)
            if earlier is None:
                raise
            return earlier, await self.advance(earlier)
        return run_id, outcome_of(state) if _settled(state) else await self.advance(run_id)

    def new_run_id(self) -> str:
        """An id that no run has."""
        return new_id(self._now(), self._world.random_bytes)

    async def submit(
        self,
        remit: Remit,
        value: Any,
        *,
        user: dict[str, Any] | None = None,
        tenant: str = "",
        conversation: str | None = None,
        idempotency_key: str | None = None,
        priority: int = 0,
        deadline: float | None = None,
    ) -> str:
        """The id of a run that is durably admitted and that any process may advance; as `handle`."""
        self.register(remit)
        admitted = admission(
            remit,
            value,
            user=user,
            tenant=tenant,
            conversation=conversation,
            idempotency_key=idempotency_key,
            priority=priority,
            deadline=deadline,
        )
        earlier = already(self.log, admitted)
        if earlier is not None:
            return earlier
        let_in(self.log, remit)
        return await self._admit(self.new_run_id(), admitted)

    async def _admit_and_wait(
        self, run_id: str, admitted: Admitted, bounds: Limited | None
    ) -> tuple[str, Outcome | Waiting]:
        admitted_as = await self._admit(run_id, admitted)
        if admitted_as == run_id:
            # What was admitted just now is known to be runnable, and its plan to be here.
            left = await self._have_advanced(run_id, bounds)
            if left is not None and left.state == "ended":
                return run_id, outcome_of(left)
        return admitted_as, await self.advance(admitted_as)

    async def _admit(self, run_id: str, admitted: Admitted) -> str:
        appender = self.log.start(RunState(run_id))
        appender.add(admitted)
        try:
            await appender.flush()
        except Collision:
            earlier = already(self.log, admitted)
            if earlier is None:
                raise
            return earlier
        return run_id

    async def advance(self, run_id: str) -> Outcome | Waiting:
        """Takes the run as far as it goes; waits for a wake of another worker that is under way."""
        while True:
            row = self._row(run_id)
            if row["state"] != "runnable":
                if row["state"] == "waiting" and expire_run(self.log, run_id):
                    continue
                if row["state"] == "waiting" and await self._consulted(run_id):
                    continue
                return outcome_of(self.log.fold(run_id))
            plan = self.releases.needed(row)
            bounds = limited(self.releases.remits.get(plan.contract.agent))
            if self.dispatch.name != "inline" or bounds is not None:
                left = await self._have_advanced(run_id, bounds)
                if left is not None and left.state == "ended":
                    return outcome_of(left)
                continue
            wake = self.wakes.take(plan, run_id)
            if wake is not None and self._free(run_id):
                state = await self.wakes.drive(wake)
                if _settled(state):
                    return outcome_of(state)
            await self._world.sleep(0.05)

    async def _consulted(self, run_id: str) -> bool:
        """Has the case that an agent or model is to decide decided; False if people have to wait for it."""
        found = self.experts.waiting(run_id)
        if found is None:
            return self.log.fold(run_id).state == "runnable"
        case, expert_run = found
        try:
            await self.advance(expert_run)
        except NotFound:
            # Its agent is not here: a worker that has it goes on.
            return False
        return self.experts.see_to(run_id, case)

    async def _have_advanced(self, run_id: str, bounds: Limited | None) -> RunState | None:
        """Has the engine advance this run or, where runs are bounded, those whose turn it is; the run as
        a wake of this process left it."""
        await self.announcing.announce()
        wake = self.dispatch.wake(run_id) if bounds is None else self.dispatch.wake_limited(1, bounds)
        return await self.wakes.ended_after(wake, run_id, LOOK_AGAIN_S)

    def _free(self, run_id: str) -> bool:
        return self._row(run_id)["lease_until"] < self._now()

    def _row(self, run_id: str) -> Row:
        row = self.log.store.row("run_row", {"run_id": run_id})
        if row is None:
            raise NotFound(f"There is no run {run_id} in this log.", remedy="`remit runs` lists them.")
        return row

    async def sweep(self) -> list[Outcome | Waiting]:
        """Applies due defaults, advances every runnable run of a registered agent without a lease, and makes
        one attempt at every notification that is due."""
        found: list[Outcome | Waiting] = []
        more = True
        while more:
            self.expire()
            self.experts.look()
            found += [outcome_of(state) for state in await sweep(self.wakes)]
            # What an agent or a model decided just now lets other runs go on.
            more = self.experts.look() > 0
        await self.notifier().tell_all()
        return found

    def expire(self) -> list[str]:
        """Applies the default of every case whose deadline has passed, and every decision that can no
        longer be taken back; the cases."""
        return expire(self.log)

    async def decide(
        self,
        case: str,
        decision: Decision,
        *,
        by: str,
        reason: str = "",
        arguments: dict[str, Any] | None = None,
        answer: Any = None,
        seen_seq: int | None = None,
    ) -> str:
        """Takes a person's decision and makes the run runnable; its run id. DecisionRefused otherwise."""
        return decide(
            self.log,
            case,
            decision,
            by=by,
            reason=reason,
            arguments=arguments,
            answer=answer,
            seen_seq=seen_seq,
        )

    async def cancel(self, run_id: str, *, by: str, reason: str = "") -> None:
        """Stops a run: nothing new is intended after this. DecisionRefused if it has ended."""
        cancel(self.log, run_id, by=by, reason=reason)
        self.wakes.interrupt(run_id)

    async def hand_over(self, run_id: str, *, by: str, reason: str = "", queue: str | None = None) -> None:
        """Has a person take the run over: it ends as `Escalated`, with a case; nothing new is intended.

        A run that has ended gets a case all the same. DecisionRefused if it is a person's already.
        """
        hand_over(self.log, run_id, by=by, reason=reason, queue=queue)
        self.wakes.interrupt(run_id)

    async def rate(
        self,
        run_id: str,
        rating: Literal["good", "bad"] | None,
        *,
        by: str,
        comment: str = "",
        correction: Any = None,
        source: Literal["staff", "end_user"] = "staff",
    ) -> None:
        """Records somebody's judgement of a run; NotFound if there is no such run."""
        judged = Rated(rating=rating, by=by, comment=comment, correction=correction, source=source)
        rate(self.log, run_id, judged)

    def outcome(self, run_id: str) -> Outcome | Waiting | None:
        """How the run ended or what it waits for; None while it is under way."""
        state = self.log.fold(run_id)
        return None if state.state == "runnable" else outcome_of(state)


def _settled(state: RunState) -> bool:
    """Whether the run has ended, is set aside or waits for people, not for another agent."""
    return state.state != "runnable" and not any(case.with_expert for case in state.cases.values())
