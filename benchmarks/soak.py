"""Does anything grow? Thirty minutes of mixed load on two processes; memory, file handles and leases.

`python soak.py [--minutes 30] [--runs-per-s 10] [--store postgres]`
"""

import argparse
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
import records
from report import Figures, last_line
from servers import postgres

HERE = Path(__file__).parent
PROCESSES = 2
SAMPLE_EVERY_S = 5.0
DRAIN_S = 60.0
TARGETS = {
    "minutes": ">= 30",
    "memory_growth": "<= 1.05",
    "file_handle_growth": "<= 0",
    "leases_leaked": "== 0",
    "runs_left_behind": "== 0",
    "processes_that_failed": "== 0",
}
LEAKED = (
    "select run_id from run where lease_wake is not null and (state <> 'runnable' or lease_until > {now})"
)
LEFT = "select run_id from run where state in ('runnable', 'set_aside')"
STATES = "select coalesce(outcome, state), count(*) from run group by 1 order by 1"


@dataclass(slots=True)
class Samples:
    """One process over time."""

    memory_mb: list[float] = field(default_factory=list[float])
    handles: list[int] = field(default_factory=list[int])

    def growth(self) -> float:
        """Median memory of the last fifth as a multiple of that of the second fifth; the first warms up."""
        fifth = max(1, len(self.memory_mb) // 5)
        return median(self.memory_mb[-fifth:]) / median(self.memory_mb[fifth : 2 * fifth])

    def more_handles(self) -> float:
        """File handles, likewise, as a difference."""
        fifth = max(1, len(self.handles) // 5)
        return median(self.handles[-fifth:]) - median(self.handles[fifth : 2 * fifth])


def watch(processes: list[subprocess.Popen[str]], minutes: float) -> list[Samples]:
    """Samples of every process until the time is over."""
    found = [Samples() for _ in processes]
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < minutes * 60:
        time.sleep(SAMPLE_EVERY_S)
        for process, samples in zip(processes, found, strict=True):
            if process.poll() is None:
                one = psutil.Process(process.pid)
                samples.memory_mb.append(one.memory_info().rss / 1e6)
                samples.handles.append(one.num_fds())
        if len(found[0].memory_mb) % 12 == 0:
            shown = ", ".join(f"{one.memory_mb[-1]:.0f} MB {one.handles[-1]} handles" for one in found)
            print(f"{passed / 60:.0f} of {minutes:g} minutes: {shown}", file=sys.stderr, flush=True)
    return found


def run(folder: Path, kind: str, minutes: float, runs_per_s: float) -> Figures:
    """The load, its end, and what is left."""
    with ExitStack() as stack:
        address = (
            stack.enter_context(postgres(folder)).database("soak")
            if kind == "postgres"
            else str(folder / "remit.db")
        )
        command = [sys.executable, str(HERE / "soak_worker.py"), address]
        pace = str(runs_per_s / PROCESSES)
        processes = [
            subprocess.Popen([*command, str(number), pace], stdout=subprocess.PIPE, text=True)
            for number in range(PROCESSES)
        ]
        found = watch(processes, minutes)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        said = [process.communicate(timeout=120)[0] for process in processes]
        failed = [process.returncode for process in processes if process.returncode != 0]
        drain(command)
        print("\n".join(line for text in said for line in text.splitlines()[-3:]))
        print(", ".join(f"{count} {state}" for state, count in records.rows(address, STATES)))
        left = records.column(address, LEFT)
        leaked = records.column(address, LEAKED.format(now=time.time()))
    return {
        "minutes": round(minutes, 1),
        "runs": sum(int(text.split()[-1]) for text in said if text.split()),
        "memory_mb": round(max(one.memory_mb[-1] for one in found), 1),
        "memory_growth": round(max(one.growth() for one in found), 3),
        "file_handles": max(one.handles[-1] for one in found),
        "file_handle_growth": max(one.more_handles() for one in found),
        "leases_leaked": len(leaked),
        "runs_left_behind": len(left),
        "processes_that_failed": len(failed),
    }


def drain(command: list[str]) -> None:
    """A last process without load of its own takes what the others left runnable."""
    last = subprocess.Popen([*command, "last", "0"], stdout=subprocess.DEVNULL)
    until = time.monotonic() + DRAIN_S
    while records.column(command[-1], LEFT) and time.monotonic() < until:
        time.sleep(0.5)
    last.send_signal(signal.SIGTERM)
    last.wait(60)


def main() -> None:
    """Load, watch, print the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--runs-per-s", type=float, default=10.0)
    parser.add_argument("--store", choices=("postgres", "sqlite"), default="postgres")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="remit-soak-") as name:
        summary = run(Path(name), options.store, options.minutes, options.runs_per_s)
    print(last_line(f"soak-{options.store}", summary, TARGETS))


if __name__ == "__main__":
    main()
