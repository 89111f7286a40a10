"""Where blocking tools run: threads that a hanging tool can hold without holding anybody else."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from remit.tools.port import ToolUnavailable

MOST_THREADS = 128


class Threads:
    """Threads that are reused, started when needed and never waited for at exit.

    asyncio's own executor is joined when the process ends, so one hanging tool would keep it alive.
    """

    def __init__(self, most: int = MOST_THREADS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[Callable[[], None]]] = []
        self._started = 0
        self._abandoned = 0

    @property
    def abandoned(self) -> int:
        """How many threads are still held by a call that nobody waits for any more."""
        return self._abandoned

    async def run(self, function: Callable[[], Any]) -> Any:
        """The function's result, computed in a thread with the caller's context variables.

        If this is cancelled, the thread is abandoned and counted until the function returns.
        Raises ToolUnavailable where every thread is held.
        """
        job = _Job(self, function)
        self._worker().put(job.run)
        try:
            result, error = await job.outcome
        except asyncio.CancelledError:
            with self._lock:
                if not job.finished:
                    job.abandoned = True
                    self._abandoned += 1
            raise
        if error is not None:
            raise error
        return result

    def _worker(self) -> "SimpleQueue[Callable[[], None]]":
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._started >= self._most:
                raise ToolUnavailable(
                    f"all {self._most} threads for blocking tools are held, {self._abandoned} by hung calls"
                )
            self._started += 1
        queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._work, args=(queue,), name="remit-tool", daemon=True).start()
        return queue

    def _work(self, queue: "SimpleQueue[Callable[[], None]]") -> None:
        while True:
            queue.get()()
            with self._lock:
                self._idle.append(queue)

    def finish(self, job: "_Job") -> None:
        """Called in the thread when the function has returned."""
        with self._lock:
            job.finished = True
            self._abandoned -= job.abandoned


class _Job:
    """One call of one function, on its way to a thread and back."""

    def __init__(self, threads: Threads, function: Callable[[], Any]) -> None:
        self._threads = threads
        self._function = function
        self._context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[tuple[Any, BaseException | None]] = self._loop.create_future()
        self.finished = False
        self.abandoned = False

    def run(self) -> None:
        """Run the function in this thread and hand back what became of it."""
        result: tuple[Any, BaseException | None]
        try:
            result = (self._context.run(self._function), None)
        except BaseException as error:
            result = (None, error)
        self._threads.finish(self)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._deliver, result)

    def _deliver(self, result: tuple[Any, BaseException | None]) -> None:
        if not self.outcome.done():
            self.outcome.set_result(result)


THREADS = Threads()
"""Shared by every tool of the process."""
