"""One process of the soak: admits, decides, cancels and sweeps, at a steady pace, until told to stop.

`python soak_worker.py ADDRESS SEED RUNS_PER_S`; it stops on SIGTERM, when what is under way is done.
"""

import asyncio
import contextlib
import itertools
import random
import signal
import sys
from pathlib import Path

from remit import Remit, Runtime, Waiting
from remit.errors import RemitError
from remit.event import Call, ModelSaid, Said
from remit.model import Reply, Request
from remit.testing import ScriptedModel

DESK = Path(__file__).parent / "soak-desk"
AT_ONCE = 200
SWEEP_EVERY_S = 0.25
KINDS = ("plain", "broken", "legal", "pay", "approve", "reject", "default", "cancel", "talk", "later")
CALLS = {
    "plain": ("find", "note"),
    "broken": ("find",),
    "pay": ("find", "small"),
    "approve": ("find", "large"),
    "reject": ("large",),
    "default": ("large",),
    "cancel": ("large",),
    "talk": ("find",),
    "later": ("find", "note"),
}


def scripted(request: Request) -> Reply:
    """A pure function of what the model is shown."""
    order = [message.text for message in request.messages if isinstance(message, Said)][-1].split()[-1]
    last = max(number for number, message in enumerate(request.messages) if isinstance(message, Said))
    turn = sum(isinstance(message, ModelSaid) for message in request.messages[last:])
    calls = CALLS[order.partition("-")[0]]
    if turn >= len(calls):
        return Reply(text="All is done.", reported_model="scripted")
    return Reply(text="", calls=(_call(turn, calls[turn], order),), reported_model="scripted")


def _call(turn: int, what: str, order: str) -> Call:
    if what in ("small", "large"):
        arguments = {"order": order, "amount_eur": 12.0 if what == "small" else 24.0}
        return Call(id=f"c{turn}", tool="pay", arguments=arguments)
    return Call(id=f"c{turn}", tool=what, arguments={"order": order})


class Soak:
    """The load of one process."""

    def __init__(self, runtime: Runtime, desk: Remit, seed: str) -> None:
        self.runtime = runtime
        self.desk = desk
        self.seed = seed
        self.dice = random.Random(seed)
        self.numbers = itertools.count()
        self.done = 0

    async def one(self) -> None:
        """One run of a random kind, with what people do about it."""
        kind = self.dice.choice(KINDS)
        order = f"{kind}-{self.seed}-{next(self.numbers)}"
        text = f"I need legal advice about {order}" if kind == "legal" else f"Return the fee of order {order}"
        user = {"id": f"u-{order}", "order": order}
        if kind == "later":
            await self.runtime.submit(self.desk, text, user=user, tenant="t")
        elif kind == "talk":
            for _ in range(3):
                await self.runtime.handle(self.desk, text, user=user, tenant="t", conversation=order)
        else:
            outcome = await self.runtime.handle(self.desk, text, user=user, tenant="t")
            if isinstance(outcome, Waiting):
                await self._decide(kind, outcome)
        self.done += 1

    async def _decide(self, kind: str, waiting: Waiting) -> None:
        if kind == "approve":
            run_id = await self.runtime.decide(waiting.case, "approve", by="ann@example.com")
            await self.runtime.advance(run_id)
        elif kind == "reject":
            await self.runtime.decide(waiting.case, "reject", by="ann@example.com", reason="No.")
        elif kind == "cancel":
            row = self.runtime.log.store.row("case_row", {"case_id": waiting.case})
            assert row is not None
            await self.runtime.cancel(row["run_id"], by="ann@example.com", reason="Asked twice.")


async def soak(address: str, seed: str, runs_per_s: float) -> None:
    """Keep the pace until SIGTERM; then finish what is under way."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    desk = Remit.load(DESK)
    async with Runtime(address, model=ScriptedModel(scripted), lease_s=5.0) as runtime:
        runtime.register(desk)
        # The store's readers are opened as they are needed at once: here, before anything is measured.
        names = [{"run_id": "none"}] * 16
        await asyncio.gather(*(asyncio.to_thread(runtime.log.store.row, "run_row", name) for name in names))
        load = Soak(runtime, desk, seed)
        tasks: set[asyncio.Task[None]] = set()

        async def sweeping() -> None:
            while not stop.is_set():
                await runtime.sweep()
                await asyncio.sleep(SWEEP_EVERY_S)

        sweeper = asyncio.create_task(sweeping())
        while not stop.is_set():
            if runs_per_s and len(tasks) < AT_ONCE:
                task = asyncio.create_task(load.one())
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), random.expovariate(runs_per_s or 1.0))
        results = await asyncio.gather(*tasks, sweeper, return_exceptions=True)
        for error in (item for item in results if isinstance(item, RemitError)):
            print(f"{type(error).__name__}: {error}", flush=True)
    print(f"done {load.done}", flush=True)


if __name__ == "__main__":
    asyncio.run(soak(sys.argv[1], sys.argv[2], float(sys.argv[3])))
