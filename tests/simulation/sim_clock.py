"""Simulated time and processes: a small asyncio loop for each process, all stepped by one seeded dice."""

import asyncio
import heapq
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any


class Killed(BaseException):
    """The process does not exist any more: nothing that it still does has any effect."""


class Scheduled:
    """A callback that a loop will run, unless it is cancelled."""

    __slots__ = ("arguments", "callback")

    def __init__(self, callback: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.callback: Callable[..., Any] | None = callback
        self.arguments = arguments

    def cancel(self) -> None:
        self.callback = None


class Process(asyncio.AbstractEventLoop):
    """One simulated process: asyncio's own tasks, futures and time-outs run on it, on simulated time."""

    def __init__(self, time_line: "TimeLine", name: str, skew_s: float = 0.0) -> None:
        self.time_line = time_line
        self.name = name
        self.skew_s = skew_s
        self.ready: deque[Scheduled] = deque()
        self.alive = True
        self.paused = False
        self.awake_since = time_line.now
        self.tasks: list[asyncio.Task[Any]] = []
        time_line.processes.append(self)

    def clock(self) -> float:
        """The wall clock that this process reads."""
        return self.time_line.now + self.skew_s

    def time(self) -> float:
        return self.time_line.now

    def call_soon(self, callback, *args, context=None):
        scheduled = Scheduled(callback, args)
        self.ready.append(scheduled)
        return scheduled

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.time_line.now + delay, callback, *args)

    def call_at(self, when, callback, *args, context=None):
        scheduled = Scheduled(callback, args)
        self.time_line.push(when, self, scheduled)
        return scheduled

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, Any], *, name=None, context=None) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=self, name=name or "task")
        self.tasks.append(task)
        return task

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A task that nobody awaits may fail: whoever started it looks at it."""

    def pause(self, for_s: float) -> None:
        """As after SIGSTOP: nothing of it runs until it wakes up, on the state that it had."""
        if not self.paused:
            self.paused = True
            self.time_line.after(for_s, self.wake_up)

    def wake_up(self) -> None:
        self.paused = False
        self.awake_since = self.time_line.now

    def kill(self) -> None:
        """As after SIGKILL; what it has asked others to do takes place all the same."""
        self.alive = False

    def bury(self) -> None:
        """Lets its coroutines go; what their `finally` blocks want of the world is refused."""
        for task in self.tasks:
            if not task.done():
                task._log_destroy_pending = False
                try:
                    task.get_coro().close()
                except (Killed, RuntimeError, Exception):
                    continue
        self.tasks.clear()
        self.ready.clear()


class TimeLine:
    """Simulated seconds: the only thing that decides who runs next."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.now = 1_800_000_000.0
        self.processes: list[Process] = []
        self.running: Process | None = None
        self.steps = 0
        self._pushed = 0
        self._timers: list[tuple[float, int, Process | None, Scheduled]] = []

    def push(self, when: float, process: Process | None, scheduled: Scheduled) -> None:
        self._pushed += 1
        heapq.heappush(self._timers, (when, self._pushed, process, scheduled))

    def after(self, delay_s: float, callback: Callable[..., Any], *arguments: Any) -> None:
        """Calls back at that time whatever becomes of the processes."""
        self.push(self.now + delay_s, None, Scheduled(callback, arguments))

    def run(self, finished: Callable[[], bool]) -> None:
        """Steps until `finished`, or until nothing is left to do."""
        processes = self.processes
        before = events._get_running_loop()
        try:
            while not finished():
                able = [process for process in processes if process.ready and not process.paused]
                if not able:
                    if not self._advance():
                        return
                    continue
                process = able[0] if len(able) == 1 else able[int(self.dice.random() * len(able))]
                self._step(process)
        finally:
            self.running = None
            events._set_running_loop(before)

    def _step(self, process: Process) -> None:
        scheduled = process.ready.popleft()
        if scheduled.callback is None:
            return
        self.steps += 1
        self.running = process
        events._set_running_loop(process)
        scheduled.callback(*scheduled.arguments)
        if not process.alive:
            self.processes.remove(process)
            process.bury()

    def _advance(self) -> bool:
        """Time goes on to the next timer; those of one moment are set off together."""
        timers = self._timers
        if not timers:
            return False
        when, _, process, scheduled = heapq.heappop(timers)
        self.now = max(self.now, when)
        if scheduled.callback is None:
            return True
        if process is None:
            self.running = None
            scheduled.callback(*scheduled.arguments)
        elif process.alive:
            process.ready.append(scheduled)
        return True

    def remove_dead(self) -> None:
        """Buries processes that were killed while they did nothing."""
        for process in [process for process in self.processes if not process.alive]:
            self.processes.remove(process)
            events._set_running_loop(process)
            process.bury()
        events._set_running_loop(self.running)
