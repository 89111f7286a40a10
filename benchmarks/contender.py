"""One contender in a process of its own, which runs when it is told to and says what it took.

The parent writes `{"runs": 40, "at_once": 1}` as one line; the child answers with one line that holds
the CPU and wall seconds. Only one child works at a time, so the contenders take turns on equal terms,
and each process has imported its own framework only.
"""

import asyncio
import gc
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

Run = Callable[[], Awaitable[str]]
"""One whole run, from the input to the text of the answer."""

Opener = Callable[[Path], AbstractAsyncContextManager[Run]]
"""Prepares a contender that keeps its files, if any, in that folder."""

WARM_UP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one turn took, per run."""

    cpu_ms: float
    wall_ms: float


class Contender:
    """The parent's side: a child process that waits for its turn; `opener` is `module:function`."""

    def __init__(self, opener: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._opener = opener
        self._process = subprocess.Popen(
            [sys.executable, __file__, opener, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def turn(self, runs: int, *, at_once: int = 1) -> Took:
        """Let the child do that many runs, and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"runs": runs, "at_once": at_once}) + "\n")
        self._process.stdin.flush()
        took = self._read()
        return Took(cpu_ms=took["cpu_s"] / runs * 1000, wall_ms=took["wall_s"] / runs * 1000)

    def _read(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._opener} ended early, with status {self._process.wait()}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")


async def _serve(opener: Opener, folder: Path) -> None:
    async with opener(folder) as run:
        for _ in range(WARM_UP):
            await run()
        print("{}", flush=True)
        for line in sys.stdin:
            print(json.dumps(await _measure(run, **json.loads(line))), flush=True)


async def _measure(run: Run, runs: int, at_once: int) -> dict[str, float]:
    left = iter(range(runs))

    async def work() -> None:
        for _ in left:
            await run()

    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}


if __name__ == "__main__":
    module, function = sys.argv[1].split(":")
    asyncio.run(_serve(getattr(importlib.import_module(module), function), Path(sys.argv[2])))
