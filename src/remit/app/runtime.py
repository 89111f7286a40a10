"""The runtime: admits inputs, advances runs, takes decisions; everything it knows is in the log."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from remit.app.outside import Decision, cancel, decide, expire, rate
from remit.app.plans import models_of, plan_of, plan_of_release
from remit.app.remit import Remit
from remit.app.report import outcome_of
from remit.app.secrets import secret_values
from remit.contract import Contract
from remit.dispatch import Inline
from remit.errors import NotFound
from remit.event import Admitted, Rated
from remit.intake import storable
from remit.log import Log, RandomBytes, Redactor, RunState, Subscriber, new_id
from remit.loop import Plan, World
from remit.model import Model, close_model
from remit.outcome import Outcome, Waiting
from remit.store import Collision, Row, Statement, open_store


class Runtime:
    """One process's hold on one log.

    `model` answers in place of every model that a remit names. What a model or a read gave within
    `commit_every_s` seconds of the last commit rides with the next one; an effect is never begun, and an
    outcome never given, before everything is durable. 0 commits before every model call.
    Used as an async context manager, it keeps the leases of the runs that it advances alive.
    """

    def __init__(
        self,
        store: str | Path = "remit.db",
        *,
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
        self._world = World(
            clock=clock,
            random_bytes=random_bytes,
            random=random_share,
            sleep=sleep,
            lease_s=lease_s,
            commit_every_s=commit_every_s,
        )
        self._environment = environment
        self._model = model
        self._remits: dict[str, Remit] = {}
        self._models: dict[str, Sequence[Model]] = {}
        self._plans: dict[str, Plan] = {}
        self._secrets: dict[str, str] = {}
        worker = f"{os.uname().nodename}-{os.getpid()}-{random_bytes(4).hex()}"
        self.dispatch = Inline(self.log, self._world, worker)

    async def __aenter__(self) -> Self:
        self.dispatch.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.dispatch.stop()
        await self._let_go_of_others()
        self.close()

    async def _let_go_of_others(self) -> None:
        """Closes the servers of tools, and the models that were opened here."""
        for remit in self._remits.values():
            for tool in remit.tools.values():
                if tool.close is not None:
                    await tool.close()
        for model in (model for models in self._models.values() for model in models):
            await close_model(model)

    def close(self) -> None:
        """Lets the log go."""
        self.log.store.close()

    def register(self, remit: Remit) -> Plan:
        """Makes a remit known, so that its runs can be advanced here; the plan of its release."""
        plan = self._plans.get(remit.release.hash)
        if plan is not None and self._remits.get(remit.name) is remit:
            return plan
        self._remits[remit.name] = remit
        self._secrets.update(secret_values(remit.contract, self._environment))
        self.log.redactor = Redactor(self._secrets)
        plan = plan_of(remit, self._opened(remit.contract))
        self._plans[remit.release.hash] = plan
        content = self.log.redactor(remit.release.content)
        values = {
            "hash": remit.release.hash,
            "agent": remit.name,
            "content": content,
            "created_at": self._now(),
        }
        self.log.store.execute_now(Statement("put_release", values))
        return plan

    def _opened(self, contract: Contract) -> Sequence[Model]:
        if self._model is not None:
            return [self._model]
        key = contract.model.model_dump_json()
        if key not in self._models:
            self._models[key] = models_of(contract, self._environment)
        return self._models[key]

    def _now(self) -> float:
        return self._world.clock()

    def _admitted(
        self,
        remit: Remit,
        value: Any,
        user: dict[str, Any] | None,
        tenant: str,
        conversation: str | None,
        idempotency_key: str | None,
    ) -> Admitted:
        kept, unreadable = storable(value)
        attested, doubtful = storable(user)
        return Admitted(
            agent=remit.name,
            release=remit.release.hash,
            input=kept,
            unreadable=unreadable or doubtful.replace("input", "user"),
            input_from=remit.contract.input.speaker,
            user=attested,
            tenant=storable(tenant)[0],
            conversation=storable(conversation)[0],
            idempotency_key=storable(idempotency_key)[0],
        )

    async def handle(
        self,
        remit: Remit,
        value: Any,
        *,
        user: dict[str, Any] | None = None,
        tenant: str = "",
        conversation: str | None = None,
        idempotency_key: str | None = None,
    ) -> Outcome | Waiting:
        """One input to its outcome, or to the case that it waits for; never raises for a known failure.

        `user` is what the caller vouches for: `id` and whatever the remit's `is: user.X` names.
        The same `idempotency_key` gives the first run's outcome. StoreError if the log fails.
        """
        _, outcome = await self.handle_run(
            remit,
            value,
            user=user,
            tenant=tenant,
            conversation=conversation,
            idempotency_key=idempotency_key,
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
        run_id: str | None = None,
    ) -> tuple[str, Outcome | Waiting]:
        """The same with the id of the run: `run_id`, unless an earlier run has the idempotency key."""
        plan = self.register(remit)
        admitted = self._admitted(remit, value, user, tenant, conversation, idempotency_key)
        earlier = self._already(admitted)
        if earlier is not None:
            return earlier, await self.advance(earlier)
        run_id = run_id or self.new_run_id()
        wake = self.dispatch.admit(plan, run_id, admitted)
        try:
            state = await self.dispatch.drive(wake)
        except NotFound:
            # Only a run of the same idempotency key, admitted at the same moment, can be in the way.
            earlier = self._already(admitted)
            if earlier is None:
                raise
            return earlier, await self.advance(earlier)
        return run_id, outcome_of(state)

    def new_run_id(self) -> str:
        """An id that no run has."""
        return new_id(self._now(), self._world.random_bytes)

    def _already(self, admitted: Admitted) -> str | None:
        if admitted.idempotency_key is None:
            return None
        values = {
            "tenant": admitted.tenant,
            "agent": admitted.agent,
            "idempotency_key": admitted.idempotency_key,
        }
        row = self.log.store.row("run_by_idempotency_key", values)
        return row["run_id"] if row is not None else None

    async def submit(
        self,
        remit: Remit,
        value: Any,
        *,
        user: dict[str, Any] | None = None,
        tenant: str = "",
        conversation: str | None = None,
        idempotency_key: str | None = None,
    ) -> str:
        """The id of a run that is durably admitted and that any process may advance."""
        self.register(remit)
        admitted = self._admitted(remit, value, user, tenant, conversation, idempotency_key)
        earlier = self._already(admitted)
        if earlier is not None:
            return earlier
        run_id = self.new_run_id()
        state = RunState(run_id)
        appender = self.log.start(state)
        appender.add(admitted)
        try:
            await appender.flush()
        except Collision:
            earlier = self._already(admitted)
            if earlier is None:
                raise
            return earlier
        return run_id

    async def advance(self, run_id: str) -> Outcome | Waiting:
        """Takes the run as far as it goes; waits for a wake of another worker that is under way."""
        while True:
            state = self.log.fold(run_id)
            if state.state != "runnable":
                return outcome_of(state)
            wake = self.dispatch.take(self._plan(self._row(run_id)), run_id)
            if wake is not None and self._free(run_id):
                state = await self.dispatch.drive(wake)
                if state.state != "runnable":
                    return outcome_of(state)
            await self._world.sleep(0.05)

    def _free(self, run_id: str) -> bool:
        return self._row(run_id)["lease_until"] < self._now()

    def _row(self, run_id: str) -> Row:
        row = self.log.store.row("run_row", {"run_id": run_id})
        if row is None:
            raise NotFound(f"There is no run {run_id} in this log.", remedy="`remit runs` lists them.")
        return row

    def _plan(self, row: Row) -> Plan:
        plan = self._known_plan(row)
        if plan is None:
            raise NotFound(
                f"The release {row['release_hash']} of agent {row['agent']} cannot be loaded here.",
                remedy="Register the agent whose tools that release used.",
            )
        return plan

    def _known_plan(self, row: Row) -> Plan | None:
        """The plan of the release that a run was admitted with, from memory or from the log."""
        found = self._plans.get(row["release_hash"])
        remit = self._remits.get(row["agent"])
        if found is not None or remit is None:
            return found
        stored = self.log.store.row("release_row", {"hash": row["release_hash"]})
        if stored is None:
            return None
        plan = plan_of_release(remit, stored["hash"], stored["content"], self._opened)
        if plan is not None:
            self._plans[stored["hash"]] = plan
        return plan

    async def sweep(self) -> list[Outcome | Waiting]:
        """Applies due defaults, then advances every runnable run of a registered agent without a lease."""
        self.expire()
        return [outcome_of(state) for state in await self.dispatch.sweep(self._sweepable)]

    def _sweepable(self, row: Row) -> Plan | None:
        return self._known_plan(self._row(row["run_id"]))

    def expire(self) -> list[str]:
        """Applies the default of every case whose deadline has passed; the cases."""
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
        self.dispatch.interrupt(run_id)

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
