"""The server that is measured: one agent, a model that answers at once, and orders on stdin.

Each line of stdin is an order, each answer a line of JSON: `runs N` does N runs in this process and gives
their milliseconds, `hold` and `go` stop and release the model, `memory` gives the resident bytes, `cpu`
the milliseconds of CPU so far.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from own_remit import DESK, scripted
from the_run import INPUT

from remit import Answered, Remit, Runtime
from remit.api import api, listening, serve
from remit.app import KeyWish, Limits, Role, Service, issue_key
from remit.model import Reply, Request

USER = {"id": "u1"}


class HeldModel:
    """Answers as the script says, as long as nobody holds it."""

    name = "scripted:held"
    context_tokens = None

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.free.set()

    async def ask(self, request: Request) -> Reply:
        """The script's answer, once it is free."""
        await self.free.wait()
        return scripted(request)


def resident() -> int:
    """The resident memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


async def in_process(runtime: Runtime, desk: Remit, runs: int) -> list[float]:
    """Milliseconds of each run, one after the other."""
    took: list[float] = []
    for _ in range(runs):
        begin = time.perf_counter()
        outcome = await runtime.handle(desk, INPUT, user=USER, tenant="t")
        took.append((time.perf_counter() - begin) * 1000)
        if not isinstance(outcome, Answered):
            raise RuntimeError(f"the run ended otherwise: {outcome}")
    return took


async def obey(runtime: Runtime, desk: Remit, model: HeldModel, stop: asyncio.Event) -> None:
    """Does what stdin says, until it ends."""
    while order := (await asyncio.to_thread(sys.stdin.readline)).split():
        answer: Any = True
        match order:
            case ["runs", count]:
                answer = await in_process(runtime, desk, int(count))
            case ["hold"]:
                model.free.clear()
            case ["go"]:
                model.free.set()
            case ["cpu"]:
                answer = time.process_time() * 1000
            case ["memory"]:
                answer = resident()
            case _:
                raise RuntimeError(f"no such order: {order}")
        print(json.dumps(answer), flush=True)
    stop.set()


async def main(folder: Path) -> None:
    """Serves until stdin ends."""
    desk, model, stop = Remit.load(DESK), HeldModel(), asyncio.Event()
    async with Runtime(folder / "remit.db", model=model) as runtime:
        limits = Limits(requests_per_minute=1e9)
        service = Service(runtime, [desk], loopback=True, limits=limits)
        key = issue_key(runtime.log, KeyWish(name="bench", role=Role.CALLER), by="bench")
        listener = listening("127.0.0.1", 0)
        port = listener.getsockname()[1]
        orders = asyncio.get_running_loop().create_task(obey(runtime, desk, model, stop))
        hello = json.dumps({"port": port, "key": key.secret, "agent": desk.name})
        await serve(
            api(service), service, listener, drain_s=5, told=lambda: print(hello, flush=True), stop=stop
        )
        listener.close()
        await orders


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
