"""A worker process for the tests.

`python worker_child.py STORE FOLDER LEASE_S DRAIN_S DISPATCH MODEL_S`
"""

import asyncio
import signal
import sys
from pathlib import Path

from desk_world import desk
from remit import Runtime
from remit.app import Work, Worker
from remit.model import Reply
from remit.testing import ScriptedModel


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def main(
    store: str, folder: str, lease_s: float, drain_s: float, dispatch: str, model_s: float
) -> None:
    """Works until SIGTERM, and says in one word what it does."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)

    class Slow(ScriptedModel):
        async def ask(self, request: object) -> Reply:
            say("asked")
            await asyncio.sleep(model_s)
            return Reply(text="Done.")

    ask = {"when": "always", "deadline": "1h", "otherwise": "deny"}
    remit = desk(Path(folder), "pay", rules={"pay": {"ask": ask}}, handover="people")
    named = {"lease_s": lease_s, "dispatch": dispatch}
    async with Runtime(store, model=Slow([]), **named) as running:
        running.register(remit)
        worker = Worker(running, Work(concurrency=20, sweep_every_s=0.5))
        say("ready")
        await worker.run(stopping)
        say("left", await worker.drain(drain_s))


if __name__ == "__main__":
    store, folder, lease_s, drain_s, dispatch, model_s = sys.argv[1:]
    asyncio.run(main(store, folder, float(lease_s), float(drain_s), dispatch, float(model_s)))
