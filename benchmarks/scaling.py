"""What do more worker processes add? The eight-step run on Postgres, drained by 1, 2 and 4 of them.

`python scaling.py [--runs 600]`; once with a model that answers at once, so that the CPU is the limit, and
once with one that takes 100 ms, so that waiting is.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import records
from engine_remit import DESK
from engine_run import INPUT
from report import last_line
from servers import Postgres, cpu_s, postgres

from remit import Remit, Runtime

PROCESSES = (1, 2, 4)
MODELS_S = {"instant": 0.0, "100_ms": 0.1}
TARGETS = {"scale_2_of_100_ms": ">= 1.5"}
UNFINISHED = "select count(*) from run where state = 'runnable'"


async def admit(address: str, runs: int) -> None:
    """The runs that the workers find."""
    desk = Remit.load(DESK)
    async with Runtime(address) as runtime:
        for _ in range(0, runs, 50):
            await asyncio.gather(
                *(runtime.submit(desk, INPUT, user={"id": "u1"}, tenant="t") for _ in range(50))
            )


def drained(server: Postgres, processes: int, model_s: float, runs: int) -> tuple[float, float]:
    """Runs a second, and the server's CPU milliseconds a run, of that many processes on an empty log."""
    address = server.database(f"scaling_{processes}_{round(model_s * 1000)}")
    asyncio.run(admit(address, runs))
    command = [sys.executable, str(Path(__file__).parent / "scaling_worker.py"), address, str(model_s)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    before, begun = cpu_s(server.pid), time.monotonic()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    while records.column(address, UNFINISHED) != [0]:
        time.sleep(0.05)
    took, used = time.monotonic() - begun, cpu_s(server.pid) - before
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.wait(60)
    return runs / took, used / runs * 1000


def main() -> None:
    """Measure, print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=600)
    options = parser.parse_args()
    figures: dict[str, float | int | str | list[str]] = {}
    print(f"{'model':<12}{'workers':>8}{'runs/s':>10}{'x':>8}{'server CPU ms a run':>22}", flush=True)
    with TemporaryDirectory(prefix="remit-scaling-") as name, postgres(Path(name)) as server:
        for model, seconds in MODELS_S.items():
            first = 0.0
            for processes in PROCESSES:
                runs_per_s, server_ms = drained(server, processes, seconds, options.runs)
                first = first or runs_per_s
                scale = runs_per_s / first
                print(
                    f"{model:<12}{processes:>8}{runs_per_s:>10.1f}{scale:>8.2f}{server_ms:>22.2f}", flush=True
                )
                figures[f"runs_per_s_{processes}_of_{model}"] = round(runs_per_s, 1)
                figures[f"scale_{processes}_of_{model}"] = round(scale, 2)
    print(f"{os.cpu_count()} cores, which the workers, Postgres and this script share")
    print(last_line("scaling", figures, TARGETS))


if __name__ == "__main__":
    main()
