"""One worker of the scaling benchmark: ready, then working from the first line on its input to SIGTERM.

`python scaling_worker.py ADDRESS MODEL_S`; each answer of the model takes `MODEL_S` seconds.
"""

import asyncio
import signal
import sys

from engine_remit import DESK, scripted

from remit import Remit, Runtime
from remit.app import Work, Worker
from remit.model import Reply, Request
from remit.testing import ScriptedModel


class Slow(ScriptedModel):
    """A model that takes its time, as a provider does."""

    seconds = 0.0

    async def ask(self, request: Request) -> Reply:
        """The scripted answer, later."""
        await asyncio.sleep(self.seconds)
        return await super().ask(request)


async def work(address: str, model_s: float) -> None:
    """Says that it is ready, waits for the word, works until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    model = Slow(scripted)
    model.seconds = model_s
    async with Runtime(address, model=model, commit_every_s=0) as runtime:
        runtime.register(Remit.load(DESK))
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await Worker(runtime, Work(concurrency=25, look_every_s=0.05)).run(stopping)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], float(sys.argv[2])))
