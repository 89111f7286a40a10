"""One schedule: processes, people, tools and faults that follow from a seed, played over the real code."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any

from sim_agent import EFFECTS, RELEASE, STAGE, asked_for, plan
from sim_check import Check
from sim_clock import Killed, Process, TimeLine
from sim_connection import Connection
from sim_database import Database
from sim_faults import Faults

from remit.app.outside import cancel, decide, expire
from remit.dispatch import Wakes, renewals, sweep
from remit.errors import DecisionRefused, NotFound, StoreError
from remit.event import Admitted, Call, ToolSaid
from remit.log import Log, Redactor, RunState
from remit.loop import World as LoopWorld
from remit.model import ModelError, ModelErrorClass, Reply
from remit.store import Append, Row
from remit.tools import ToolContext, ToolFailure, ToolUnavailable

Clock = Callable[[], float]
LEASE_S = 30.0
SKEW_S = 5.0
"""Two clocks never differ by more: the bound that the loop is told."""
CALM_AT_S = 200.0
"""When faults stop and people begin to decide whatever is open."""
LOST_AT_S = 3000.0
"""When a run that has not ended is lost."""
FOREVER_S = 1000.0
"""Longer than any time-out."""
NEWER_KINDS = ("decided", "cancelled")
TOOLS = tuple(EFFECTS)


@dataclass(frozen=True, slots=True)
class Result:
    """What one schedule showed."""

    seed: int
    broken: list[str]
    happened: Counter[str]
    trace: list[str]


class Worker(Process):
    """A process that sweeps, and drives what it is given."""

    def __init__(
        self, world: "World", name: str, *, unknown_kind: str | None = None, crashes: bool = True
    ) -> None:
        super().__init__(world.time_line, name, skew_s=world.skew())
        self.world = world
        self.connection = Connection(
            world.database, self, world.faults, world.dice, unknown_kind=unknown_kind, crashes=crashes
        )
        self.log = Log(
            self.connection,
            clock=self.clock,
            random_bytes=world.random_bytes,
            redactor=NOTHING_SECRET,
        )
        loop_world = LoopWorld(
            clock=self.clock,
            random_bytes=world.random_bytes,
            random=world.dice.random,
            sleep=asyncio.sleep,
            lease_s=LEASE_S,
            clock_skew_s=SKEW_S,
            commit_every_s=world.commit_every_s,
        )
        self.wakes = Wakes(self.log, loop_world, name, lambda row: world.plan)

    def wake_of(self, run_id: str) -> str | None:
        """The wake by which this process advances the run."""
        found = self.wakes.active.get(run_id)
        return found[0].id if found is not None else None


NOTHING_SECRET = Redactor({})


class World:
    """Everything that one schedule is made of."""

    def __init__(
        self, seed: int, *, traced: bool = False, database: Callable[[Clock], Database] = Database
    ) -> None:
        self.seed = seed
        self.dice = dice = Random(seed)
        self.random_bytes = dice.randbytes
        self.time_line = TimeLine(dice)
        self.begun = self.time_line.now
        self.database = database(self.now)
        self.check = Check(self.database, self.now)
        self.faults = Faults(dice)
        self.skewed = dice.random() < 0.4
        self.commit_every_s = dice.choice((0.0, 0.25))
        self.plan = plan(dice.choice(("deny", "approve")))
        self.acknowledged: list[str] = []
        self.expected = 0
        self.scripts: dict[str, list[list[Call]]] = {}
        self.insisted: Counter[str] = Counter()
        self.accepted: dict[str, str] = {}
        self.traced = traced
        self.trace: list[str] = []
        self.workers: list[Worker] = []
        self.database.listeners.append(self._taken_from_the_living)
        self.pending = 0
        self.done = False

    def now(self) -> float:
        return self.time_line.now

    def skew(self) -> float:
        return (self.dice.random() - 0.5) * SKEW_S if self.skewed else 0.0

    def say(self, sentence: str) -> None:
        if self.traced:
            running = self.time_line.running
            self.trace.append(
                f"{self.now() - self.begun:9.3f} {running.name if running else '-':8} {sentence}"
            )

    def play(self) -> Result:
        """The schedule from its seed to its end."""
        STAGE.world = self
        if self.traced:
            self.database.listeners.append(self._trace_commit)
        self._set_up()
        self.time_line.run(lambda: self.done)
        self.check.at_the_end(self.acknowledged)
        for process in list(self.time_line.processes):
            process.kill()
        self.time_line.remove_dead()
        STAGE.world = None
        happened = self.check.happened + self.faults.happened
        return Result(self.seed, self.check.broken, happened, self.trace)

    def _taken_from_the_living(self, append: Append, before: Row | None) -> None:
        """A process that runs and reaches the database keeps the leases of what it advances."""
        if before is None or before["lease_wake"] is None or append.events[0].kind != "taken":
            return
        for worker in self.workers:
            holds = (
                not worker.paused and worker.alive and worker.wake_of(append.run_id) == before["lease_wake"]
            )
            if holds and self.now() - max(worker.awake_since, worker.connection.cut_off_at) > LEASE_S:
                self.check.fail(f"{append.run_id}: taken from {worker.name}, which advances it")

    def _trace_commit(self, append: Any, before: Row | None) -> None:
        for event in append.events:
            self.say(f"{append.run_id} {event.seq:3} {event.kind} {event.data.decode()[:160]}")

    def _set_up(self) -> None:
        dice = self.dice
        for number in range(dice.choice((1, 2, 2, 2, 3))):
            self._start_worker(number)
        self.desk = Worker(self, "people", crashes=False)
        for number in range(dice.choice((1, 1, 1, 2))):
            self._plan_run(f"run{number}")
        for name in ("ann", "bob")[: dice.choice((1, 2))]:
            self.desk.create_task(self._observed(self._person, name))
        self._plan_pauses_and_kills()
        self.time_line.after(CALM_AT_S, self._calm_down)
        self.time_line.after(LOST_AT_S, self._finish)
        self.time_line.after(8.0, self._look)

    def _plan_run(self, run_id: str) -> None:
        dice = self.dice
        self.expected += 1
        turns = dice.choice((1, 1, 1, 2))
        self.scripts[run_id] = [
            [
                asked_for(dice.choice(TOOLS), f"o{1 + int(dice.random() * 2)}", number)
                for number in range(dice.choice((1, 1, 1, 2)))
            ]
            for _ in range(turns)
        ]
        self.time_line.after(dice.random() * 5, self._admit, run_id)
        if dice.random() < 0.2:
            self.time_line.after(dice.random() * 60, self._cancel, run_id)

    def _plan_pauses_and_kills(self) -> None:
        dice = self.dice
        for _ in range(dice.choice((0, 0, 1, 2))):
            self.time_line.after(dice.random() * 30, self._pause, 5 + dice.random() * 80)
        for _ in range(dice.choice((0, 0, 1, 2))):
            self.time_line.after(dice.random() * 30, self._kill)

    def _start_worker(self, number: int) -> None:
        old = number > 0 and self.faults.on and self.dice.random() < 0.25
        worker = Worker(self, f"worker{number}", unknown_kind=self.dice.choice(NEWER_KINDS) if old else None)
        self.workers.append(worker)
        if old:
            self.check.happened["old code"] += 1
        worker.create_task(self._beat(worker))
        worker.create_task(self._work(worker))

    def _living(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.alive]

    async def _work(self, worker: Worker) -> None:
        """What `remit worker` does: apply defaults, sweep, wait a little."""
        while True:
            try:
                if worker.connection.unknown_kind is None:
                    expire(worker.log)
                await sweep(worker.wakes)
            except StoreError as error:
                self.say(f"sweep stopped: {error}")
            except Exception as error:
                self.check.fail(f"{worker.name}: the sweep raised {error!r}")
                raise
            await asyncio.sleep(5 + self.dice.random() * 15)

    def _admit(self, run_id: str) -> None:
        living = self._living()
        if living and self.dice.random() < 0.6:
            worker = self.dice.choice(living)
            worker.create_task(self._handle(worker, run_id))
        else:
            self.desk.create_task(self._submit(run_id))

    def _admitted(self, run_id: str) -> Admitted:
        return Admitted(
            agent="desk", release=RELEASE, input=run_id, input_from="principal", user={"id": "caller"}
        )

    async def _beat(self, worker: Worker) -> None:
        """What the heartbeat of a process does."""
        while True:
            await asyncio.sleep(LEASE_S / 3)
            statements = renewals(worker.wakes)
            if statements:
                with contextlib.suppress(StoreError):
                    await worker.connection.execute(*statements)

    async def _handle(self, worker: Worker, run_id: str) -> None:
        """What `Runtime.handle` does."""
        try:
            named = self.dice.random() < 0.5
            wake = worker.wakes.admit(self.plan, run_id, self._admitted(run_id), named=named)
            state = await worker.wakes.drive(wake)
            if state.outcome is not None and self.database.runs[run_id]["state"] != "ended":
                self.check.fail(f"{run_id}: its outcome was given before it was durable")
            self.acknowledged.append(run_id)
        except (StoreError, NotFound) as error:
            self.say(f"handling stopped: {error}")
        except Exception as error:
            self.check.fail(f"{worker.name}: handling raised {error!r}")

    async def _submit(self, run_id: str) -> None:
        """What `Runtime.submit` does."""
        appender = self.desk.log.start(RunState(run_id))
        appender.add(self._admitted(run_id))
        try:
            await appender.flush()
        except StoreError:
            return
        self.acknowledged.append(run_id)

    def _pause(self, for_s: float) -> None:
        living = self._living()
        if living and self.faults.on:
            worker = self.dice.choice(living)
            self.check.happened["pause"] += 1
            if worker.wakes.active and for_s > LEASE_S:
                self.check.happened["split brain"] += 1
            self.say(f"{worker.name} pauses for {for_s:.1f} s")
            worker.pause(for_s)

    def _kill(self) -> None:
        living = self._living()
        if living and self.faults.on:
            self._killed(self.dice.choice(living))
            self.time_line.remove_dead()

    def _killed(self, worker: Worker) -> None:
        self.check.happened["kill"] += 1
        self.say(f"{worker.name} is killed")
        worker.kill()

    def _look(self) -> None:
        """Starts dead workers again, and sees whether all is over."""
        for number, worker in enumerate(self.workers):
            if not worker.alive and worker in self.workers:
                self.workers.remove(worker)
                self._start_worker(number)
                break
        over = (
            self.now() - self.begun > 6
            and not self.pending
            and all(row["state"] == "ended" for row in self.database.runs.values())
            and not any(worker.paused or worker.wakes.active for worker in self.workers)
        )
        if over or self.check.broken:
            self._finish()
        else:
            self.time_line.after(5 + self.dice.random() * 10, self._look)

    def _finish(self) -> None:
        self.done = True

    def _calm_down(self) -> None:
        self.faults.on = False
        if all(worker.connection.unknown_kind is not None for worker in self._living()):
            self._start_worker(0)

    def _cancel(self, run_id: str) -> None:
        living = self._living()
        worker = self.dice.choice(living) if living and self.dice.random() < 0.5 else self.desk
        worker.create_task(self._observed(self._cancel_at, worker, run_id))

    async def _observed(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        """What people and callers do; what it raises is a fault of the code under test."""
        try:
            await work(*arguments)
        except Exception as error:
            self.check.fail(f"{self._running().name}: {error!r}")

    async def _cancel_at(self, worker: Worker, run_id: str) -> None:
        try:
            cancel(worker.log, run_id, by="ann", reason="no longer wanted")
            worker.wakes.interrupt(run_id)
        except (StoreError, NotFound, DecisionRefused) as error:
            self.say(f"not cancelled: {error}")
            return
        if not self.check.runs[run_id].cancelled:
            self.check.fail(f"{run_id}: the cancellation was acknowledged and is lost")

    async def _person(self, name: str) -> None:
        """Looks, thinks, decides: sometimes too early, too late, twice, or on what was true before."""
        dice = self.dice
        while True:
            await asyncio.sleep(5 + dice.random() * 40)
            waiting = [row for row in self.database.cases.values() if row["state"] == "open"]
            waiting = [row for row in waiting if not self._handed_over(row)]
            if not waiting:
                continue
            row = dice.choice(waiting)
            opened = self.check.runs[row["run_id"]].cases[row["case_id"]]
            if opened["trigger"] == "effect_unknown" and self.desk.clock() < opened["opens_at"]:
                if dice.random() < 0.3:
                    await self._decide(name, opened, "happened", opened["seen"], early=True)
                continue
            decision, seen = self._judgement(opened), opened["seen"]
            if self.faults.on and dice.random() < 0.5:
                await asyncio.sleep(dice.random() * 60)
            await self._decide(name, opened, decision, seen)
            if dice.random() < 0.2:
                await self._decide(name, opened, decision, seen)

    def _handed_over(self, row: Row) -> bool:
        record = self.check.runs[row["run_id"]]
        return record.cases[row["case_id"]]["trigger"] == "handover"

    def _judgement(self, opened: dict[str, Any]) -> str:
        match opened["trigger"]:
            case "effect_unknown":
                call = self.check.keys[opened["key"]]
                return "happened" if call.executed else "not_happened"
            case "poisoned":
                return self.dice.choice(("approve", "approve", "reject"))
            case _:
                return self.dice.choice(("approve", "approve", "reject", "edit", "answer"))

    async def _decide(
        self, name: str, opened: dict[str, Any], decision: str, seen: int, early: bool = False
    ) -> None:
        case = opened["case"]
        try:
            decide(
                self.desk.log,
                case,
                decision,
                by=name,
                reason="It is so.",
                arguments={"order": "o3"} if decision == "edit" else None,
                answer="Done by hand." if decision == "answer" else None,
                seen_seq=seen,
            )
        except (DecisionRefused, StoreError, NotFound) as error:
            self.check.happened["decision refused"] += 1
            self.say(f"{name}'s {decision} is refused: {error}")
            return
        if early:
            self.check.fail(f"case {case} was decided before it opened")
        if case in self.accepted and case not in self.check.reopened:
            self.check.fail(f"case {case} was decided by {self.accepted[case]} and again by {name}")
        self.accepted[case] = name
        self.check.happened["decided"] += 1

    async def model_answers(self, run_id: str, turn: int, failed: list[ToolSaid]) -> Reply:
        """The next turn of the run's script; a call that failed may be asked for again."""
        dice = self.dice
        if self.faults.happens("model_fails"):
            if dice.random() < 0.5:
                raise ModelError(ModelErrorClass.OVERLOADED, "busy")
            await asyncio.sleep(FOREVER_S)
        await asyncio.sleep(dice.random() * 3)
        insisted = self.insisted[run_id]
        if len(failed) > insisted and insisted < 2 and dice.random() < 0.6:
            self.insisted[run_id] += 1
            self.check.happened["asked again"] += 1
            calls = [asked_for(failed[-1].tool, "o1", 0)]
        else:
            script, index = self.scripts[run_id], turn - insisted
            calls = script[index] if 0 <= index < len(script) else []
        if not calls:
            return Reply(text="Done.", reported_model="scripted", finish="stop")
        return Reply(text="", calls=tuple(calls), reported_model="scripted", finish="tool_calls")

    async def call_tool(self, name: str, arguments: dict[str, Any], context: ToolContext) -> Any:
        """A tool in its process: on the way to the bank, there, and back, everything may go wrong."""
        faults, dice = self.faults, self.dice
        process = self._running()
        paused = faults.happens("paused_before_sending")
        if paused:
            process.pause(5 + dice.random() * 150)
            await asyncio.sleep(0)
        wake = process.wake_of(context.run_id)
        limit = self.check.sending(name, context.key, context.run_id, wake, process.clock(), paused)
        limit -= process.skew_s
        self.say(f"sends {name} {arguments['order']} {context.key}")
        await self._send(name, context.key, arguments["order"], limit)
        await self._reply()
        return {"order": arguments["order"]}

    async def _send(self, name: str, key: str, order: str, limit: float) -> None:
        """The request: refused, lost, late, or carried out, perhaps as the last that the process does."""
        faults, dice = self.faults, self.dice
        if faults.happens("tool_refuses"):
            raise ToolFailure("not today")
        if faults.happens("tool_unreachable"):
            raise ToolUnavailable("nobody there")
        if faults.happens("request_lost"):
            await asyncio.sleep(FOREVER_S)
        if faults.happens("request_late"):
            self.pending += 1
            self.time_line.after(dice.random() * 12, self._arrive, name, key, order, limit)
            await asyncio.sleep(FOREVER_S)
        if dice.random() < 0.5:
            await asyncio.sleep(dice.random() * 2)
        if faults.happens("crash_in_call"):
            if dice.random() < 0.5:
                self._execute(name, key, order, limit)
            self._killed(self._running())
            raise Killed
        self._execute(name, key, order, limit)

    async def _reply(self) -> None:
        if self.faults.happens("reply_lost"):
            if self.dice.random() < 0.5:
                raise ConnectionError("reset")
            await asyncio.sleep(FOREVER_S)
        if self.dice.random() < 0.5:
            await asyncio.sleep(self.dice.random() * 2)

    def _arrive(self, name: str, key: str, order: str, limit: float) -> None:
        self.pending -= 1
        self._execute(name, key, order, limit)

    def _execute(self, name: str, key: str, order: str, limit: float) -> None:
        if EFFECTS[name] != "read":
            self.say(f"the bank does {name} {order} {key}")
            self.check.executed(name, key, order, self.now() > limit)

    async def query_tool(self, name: str, arguments: dict[str, Any], context: ToolContext) -> Any:
        """The tool's own query: what the bank knows of the key."""
        if self.faults.happens("query_fails"):
            raise ConnectionError("no answer")
        await asyncio.sleep(self.dice.random() * 2)
        call = self.check.keys.get(context.key)
        return {"order": arguments["order"]} if call is not None and call.executed else None

    def _running(self) -> Worker:
        running = self.time_line.running
        assert isinstance(running, Worker)
        return running


def play(seed: int, *, traced: bool = False) -> Result:
    """One schedule; the same seed plays the same."""
    return World(seed, traced=traced).play()
