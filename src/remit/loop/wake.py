"""One wake: one attempt of one worker to advance one run, and what it shares with its parts."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import from_json

from remit.errors import StoreError
from remit.event import (
    Done,
    EffectUnknown,
    Event,
    Late,
    ModelAnswered,
    ModelFailed,
    ToolFailed,
    encode,
)
from remit.log import Appender, Log, RunState, new_id
from remit.loop.known import Known
from remit.loop.messages import Shown
from remit.loop.plan import Plan, World
from remit.store import Collision, OnceTaken

HELD = (ModelAnswered, ModelFailed, Done, ToolFailed, EffectUnknown)
"""Results: after a collision they are appended again, while decisions are made anew."""


class Superseded(Exception):
    """Another wake advances this run now."""


@dataclass(slots=True, kw_only=True)
class Wake:
    """A wake's identity, its run as it stands, and the one appender."""

    id: str
    plan: Plan
    world: World
    log: Log
    earlier: Sequence[RunState]
    state: RunState
    appender: Appender
    shown: Shown
    validated: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Arguments by key, as the tool's own check returned them."""
    known: Known = field(default_factory=Known)
    """What has been made ready for judging."""
    committed_at: float = float("-inf")
    interruptible: bool = False
    """True while a cancellation may break into what is awaited."""
    interrupted: bool = False

    @property
    def durable_head(self) -> int:
        """The last seq that this wake knows to be in the log."""
        return self.appender.base

    @property
    def due(self) -> bool:
        """Whether the last commit is so long ago that what came since should not be lost."""
        return self.world.clock() - self.committed_at >= self.world.commit_every_s

    def add(self, event: Event) -> int:
        """Appends an event to the state now and to the log with the next flush."""
        return self.appender.add(event)

    def new_id(self) -> str:
        """An id for a case or the like."""
        return new_id(self.world.clock(), self.world.random_bytes)

    async def flush(self) -> bool:
        """Makes everything so far durable; False if the run had to be folded anew, Superseded if it is
        no longer this wake's."""
        try:
            await self.appender.flush(wake=self.id, lease_s=self.world.lease_s)
        except (Collision, OnceTaken):
            await self.fold_again()
            return False
        self.committed_at = self.world.clock()
        return True

    async def flush_aside(self) -> None:
        """The same beside what the wake awaits; whatever stands in the way is met by the next `flush`."""
        with suppress(Collision, OnceTaken, StoreError):
            await self.appender.flush(wake=self.id, lease_s=self.world.lease_s)
            self.committed_at = self.world.clock()

    async def flush_if_due(self) -> bool:
        """`flush`, unless the last commit is so recent that only what is soon made again could be lost."""
        return await self.flush() if self.due else True

    def resume_after_interruption(self) -> bool:
        """True if what was cancelled was only the wait, so that the run's own cancellation can be read."""
        if not self.interrupted:
            return False
        self.interrupted = False
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        return True

    async def release(self) -> None:
        """Makes everything durable and lets the lease go; folds anew as `flush` does."""
        while not await self.flush():
            pass

    async def fold_again(self) -> None:
        """Reads what others appended; results held here are appended again, decisions made anew."""
        await self.appender.settled()
        questions = self.appender.unflushed_questions()
        held = [event for event in self.appender.unflushed if isinstance(event, HELD)]
        # On less than this wake wrote itself, what it holds would be lost: it stops, as if it had crashed.
        state = self.log.fold(self.state.run_id, at_least=self.durable_head)
        appender = self.log.appender(state)
        if state.wake != self.id:
            await self._leave_late(held)
            raise Superseded(state.run_id)
        self.state, self.appender, self.shown = state, appender, Shown(self.earlier)
        for event in held:
            if not self._still_wanted(event):
                continue
            if isinstance(event, ModelAnswered | ModelFailed) and event.asked_seq in questions:
                event = replace(event, asked_seq=appender.add(questions[event.asked_seq]))
            appender.add(event)

    def _still_wanted(self, event: Event) -> bool:
        if isinstance(event, Done | ToolFailed | EffectUnknown):
            call = self.state.calls.get(event.key)
            return call is not None and call.result is None
        return self.state.outcome is None

    async def _leave_late(self, held: Sequence[Event]) -> None:
        """What this wake holds is evidence still: it is appended beside the run's course."""
        for event in held:
            append_outside(self.log, self.state.run_id, _late(self.id, event))


def _late(wake: str, event: Event) -> Late:
    return Late(wake=wake, what=event.kind, body=from_json(encode(event)))


def append_outside(log: Log, run_id: str, *events: Event) -> None:
    """Appends at the next free seq, whoever advances the run, however often others are first."""
    while True:
        appender = log.appender(log.fold(run_id))
        for event in events:
            appender.add(event)
        try:
            appender.flush_from_outside()
        except Collision:
            continue
        return
