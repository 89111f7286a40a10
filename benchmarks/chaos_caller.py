"""The caller of the chaos run: admits every order, and asks again with the same key when the store is away.

`python chaos_caller.py ADDRESS FOLDER RUNS RUNS_PER_S`
"""

import asyncio
import sys
import time
from pathlib import Path

import crash_bank
from crash_child import ACKNOWLEDGED, DESK

from remit import Remit, Runtime
from remit.errors import StoreError


async def admit(address: str, folder: Path, runs: int, runs_per_s: float) -> None:
    """Each order is acknowledged once; the pace leaves room for the faults."""
    desk = Remit.load(DESK)
    async with Runtime(address) as runtime:
        begun = time.monotonic()
        for number in range(runs):
            order = f"0-{number}"
            user = {"id": f"customer-{order}", "order": order}
            run_id = await _admitted(runtime, desk, order, user)
            crash_bank.append(folder / ACKNOWLEDGED, {"order": order, "run_id": run_id})
            await asyncio.sleep(max(0.0, begun + number / runs_per_s - time.monotonic()))


async def _admitted(runtime: Runtime, desk: Remit, order: str, user: dict[str, str]) -> str:
    while True:
        try:
            return await runtime.submit(
                desk, f"Return the fee of order {order}", user=user, tenant="t", idempotency_key=order
            )
        except StoreError as error:
            print(f"caller, order {order}: {error}", flush=True)
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(admit(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
