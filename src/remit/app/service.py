"""The agents of one process at the service of its doors: API and console ask here and hold nothing."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remit.app.access import Identity
from remit.app.deciding import DecisionWish, Taken, take_decision
from remit.app.following import Followers
from remit.app.handing_over import hand_over
from remit.app.outside import cancel, rate
from remit.app.presenting import Presented, identify
from remit.app.rate_limit import Bucket, take
from remit.app.remit import Remit
from remit.app.reviewing import Reviewing
from remit.app.runtime import Runtime
from remit.app.seeing import case_seen, run_seen
from remit.app.vouching import Provider
from remit.app.working import Work, Worker
from remit.errors import NotFound, RemitError, StoreError, TryLater
from remit.event import Rated
from remit.log import Entry, Log
from remit.outcome import Outcome, Waiting

NOTES = logging.getLogger("remit.service")
MOST_BUCKETS = 10_000
AGAIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a door bears before it says no."""

    body_bytes: int = 1_000_000
    requests_per_minute: float = 600.0
    """For each key."""
    streams: int = 1000
    wait_s: float = 300.0
    """The longest that a request may wait for its run."""
    heartbeat_s: float = 15.0
    """How often an idle stream shows that it lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A run that somebody asks for."""

    agent: str
    value: Any
    user: dict[str, Any] | None = None
    tenant: str = ""
    conversation: str | None = None
    idempotency_key: str | None = None


class Service:
    """One runtime and its agents, behind any number of doors; `start` and `stop` bound its life.

    With `advances` it advances runs in this process; without, workers elsewhere do.
    `loopback` is whether it is reached from this machine alone.
    """

    def __init__(
        self,
        runtime: Runtime,
        remits: Sequence[Remit],
        *,
        loopback: bool,
        advances: bool = True,
        limits: Limits | None = None,
        provider: Provider | None = None,
        public_url: str = "",
        monotonic: Callable[[], float] = time.monotonic,
        look_every_s: float = 1.0,
    ) -> None:
        self.runtime = runtime
        self.agents: Mapping[str, Remit] = {remit.name: remit for remit in remits}
        self.loopback = loopback
        self.advances = advances
        self.limits = limits or Limits()
        self.provider = provider
        """Who signs people in, beside keys."""
        self.public_url = public_url
        """The address under which people reach this; empty where it is the one that it listens on."""
        self.followers = Followers(runtime.log)
        self.stopping = False
        self._monotonic = monotonic
        often = Work(look_every_s=min(look_every_s, Work().look_every_s), sweep_every_s=look_every_s)
        self._worker = Worker(runtime, often) if advances else None
        self._stop_working = asyncio.Event()
        self._unregistered = ""
        self._buckets: dict[str, Bucket] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._looking: list[asyncio.Task[None]] = []
        self._working: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._registered = asyncio.Event()

    @property
    def trouble(self) -> str:
        """What the last look for work ran into, where it did."""
        return self._unregistered or (self._worker.trouble if self._worker is not None else "")

    @property
    def log(self) -> Log:
        """The one log."""
        return self.runtime.log

    async def start(self) -> None:
        """Begins to look for work and for news; within `async with runtime`."""
        self.log.subscribers.append(self.followers.told)
        loop = self._loop = asyncio.get_running_loop()
        self._looking = [loop.create_task(self.followers.look()), loop.create_task(self._register())]
        if self._worker is not None:
            self._working = loop.create_task(self._work(self._worker))

    def close_doors(self) -> None:
        """Takes nothing new on and lets those who follow go; what is under way goes on."""
        self.stopping = True
        self.followers.close()

    async def stop(self, drain_s: float) -> int:
        """Waits so many seconds for the runs under way; how many are left to another worker."""
        self.close_doors()
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)
        left = 0
        if self._worker is not None and self._working is not None:
            self._stop_working.set()
            await self._working
            left = await self._worker.drain(drain_s)
        rest = [task for task in self._tasks if not task.done()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        return left

    async def _register(self) -> None:
        """Opens the models, which imports what speaks to their providers: no page waits for that."""
        for remit in self.agents.values():
            try:
                await asyncio.to_thread(self.runtime.register, remit)
            except RemitError as error:
                self._unregistered = str(error)
        self._registered.set()

    async def _work(self, worker: Worker) -> None:
        """Works like any worker, on what others left as well, until this stops."""
        waiting = asyncio.ensure_future(self._stop_working.wait())
        registered = asyncio.ensure_future(self._registered.wait())
        await asyncio.wait({waiting, registered}, return_when=asyncio.FIRST_COMPLETED)
        while not self._stop_working.is_set():
            try:
                await worker.run(self._stop_working)
            except Exception as error:
                # The doors stay open: what was asked for goes on, and the rest is looked for again.
                NOTES.exception("The worker of this server broke off and begins anew.")
                worker.trouble = str(error)
                await asyncio.wait({waiting}, timeout=AGAIN_S)
        waiting.cancel()
        registered.cancel()

    def _spawn(self, work: Any) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    @property
    def under_way(self) -> int:
        """Runs that this process advances at the moment."""
        return len(self.runtime.wakes.active)

    def identify(self, presented: Presented) -> Identity:
        """Who sends this; AccessRefused says why nobody is recognised."""
        return identify(self.log, presented, loopback=self.loopback)

    def delay_s(self, identity: Identity) -> float:
        """How many seconds that identity has to wait before its next request; 0 where it may go on."""
        return 0.0 if identity.local else self.delay_of(identity.key_id or f"person {identity.name}")

    def delay_of(self, name: str) -> float:
        """The same for anybody who is counted under that name."""
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.clear()
        bucket, wait_s = take(
            self._buckets.get(name), per_minute=self.limits.requests_per_minute, now=self._monotonic()
        )
        self._buckets[name] = bucket
        return wait_s

    def agent(self, identity: Identity, name: str) -> Remit:
        """The agent of that name; NotFound also where it is none of theirs."""
        remit = self.agents.get(name)
        if remit is None or not identity.sees(agent=name):
            raise NotFound(f"There is no agent {name} here.", remedy="`GET /v1/agents` lists them.")
        return remit

    async def admit(self, identity: Identity, wanted: Wanted) -> str:
        """The id of a run that is durably admitted and goes on by itself; TryLater while this stops."""
        self._refuse_when_stopping()
        remit = self.agent(identity, wanted.agent)
        await self._registered.wait()
        run_id = await self.runtime.submit(remit, wanted.value, **_named(wanted))
        if self.advances and run_id not in self.runtime.wakes.active:
            self._spawn(self._advance(run_id))
        return run_id

    async def _advance(self, run_id: str) -> None:
        with contextlib.suppress(NotFound, StoreError, ValueError):
            # What cannot go on here now is found by the next look for work.
            await self.runtime.advance(run_id)

    async def handle(
        self, identity: Identity, wanted: Wanted, wait_s: float
    ) -> tuple[str, Outcome | Waiting | None]:
        """A run and what became of it within so many seconds; None while it is still under way."""
        self._refuse_when_stopping()
        remit = self.agent(identity, wanted.agent)
        if not self.advances or wait_s <= 0:
            run_id = await self.admit(identity, wanted)
            await self.followers.until_idle(run_id, wait_s)
            return run_id, self.runtime.outcome(run_id)
        await self._registered.wait()
        run_id = self.runtime.new_run_id()
        task = self._spawn(self.runtime.handle_run(remit, wanted.value, run_id=run_id, **_named(wanted)))
        done, _ = await asyncio.wait({task}, timeout=wait_s)
        if done:
            return task.result()
        # The run goes on without this request; which one it is, the log says.
        known = await self.admit(identity, wanted) if wanted.idempotency_key else run_id
        if self.log.store.row("run_row", {"run_id": known}) is None:
            task.cancel()
            raise TryLater("The log takes nothing on at the moment.", remedy="Try again.", retry_after_s=5.0)
        return known, None

    def _refuse_when_stopping(self) -> None:
        if self.stopping:
            raise TryLater("This server is stopping.", remedy="Try again: another one answers.")

    def follow(self, run_id: str, after: int) -> AsyncGenerator[list[Entry], None]:
        """A run's events as they come; TryLater where too many follow already."""
        self._refuse_when_stopping()
        if self.followers.count >= self.limits.streams:
            raise TryLater("Too many streams are open.", remedy="Ask for the run instead.", retry_after_s=5.0)
        return self.followers.follow(run_id, after, heartbeat_s=self.limits.heartbeat_s)

    def decide(self, identity: Identity, case_id: str, wish: DecisionWish) -> Taken:
        """Takes a decision, on any thread; the run goes on at once where this process advances runs."""
        taken = take_decision(self.log, self.agents, identity, case_id, wish)
        if not taken.repeated:
            self._go_on(taken.run_id)
        return taken

    def reviewing(self, identity: Identity, case_id: str) -> Reviewing:
        """What may be done with a case beside deciding it; NotFound where it is none of theirs."""
        case_seen(self.log, identity, case_id)
        return self.runtime.cases

    def cancel(self, identity: Identity, run_id: str, reason: str) -> None:
        """Stops a run, on any thread; DecisionRefused if it has ended."""
        run_seen(self.log, identity, run_id)
        cancel(self.log, run_id, by=identity.name, reason=reason)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.runtime.wakes.interrupt, run_id)
        self._go_on(run_id)

    def hand_over(self, identity: Identity, run_id: str, reason: str, queue: str | None) -> None:
        """Has a person take a run over, on any thread; DecisionRefused if it is a person's already."""
        run_seen(self.log, identity, run_id)
        hand_over(self.log, run_id, by=identity.name, reason=reason, queue=queue)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.runtime.wakes.interrupt, run_id)
        self._go_on(run_id)

    def judge(self, run_id: str, rated: Rated) -> None:
        """Records somebody's word on a run, on any thread; NotFound if there is no such run."""
        rate(self.log, run_id, rated)

    def _go_on(self, run_id: str) -> None:
        if self.advances and not self.stopping and self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: self._spawn(self._advance(run_id)))


def _named(wanted: Wanted) -> dict[str, Any]:
    return {
        "user": wanted.user,
        "tenant": wanted.tenant,
        "conversation": wanted.conversation,
        "idempotency_key": wanted.idempotency_key,
    }
