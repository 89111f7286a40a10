"""Is anything lost or done twice under many workers and every fault at once? Three workers on Postgres.

`python chaos.py [--faults 300] [--runs 3000] [--seed 1]`; `--store sqlite` for two workers on a file,
`--dispatch dbos` for wakes through DBOS.
The faults: `kill -9`; SIGSTOP of a live worker and SIGCONT when its leases are gone; Postgres restarted or
crashed; all connections cut; a worker replaced by one of an older version of the code.
"""

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Literal

import psycopg
import records
from chaos_check import gathered, steps_twice, take_overs
from chaos_worker import LEASE_S
from crash_check import check, unknown_keys
from report import Figures, last_line
from servers import Postgres, postgres

HERE = Path(__file__).parent
OLDER = "b2a82eb"
Fault = Literal["kill", "stop", "restart", "crash", "cut", "older"]
WEIGHTS: dict[str, dict[Fault, int]] = {
    "postgres": {"kill": 40, "stop": 25, "cut": 15, "older": 12, "restart": 5, "crash": 3},
    "sqlite": {"kill": 55, "stop": 30, "older": 15},
}
WORKERS = {"postgres": 3, "sqlite": 2}
GAP_S = (0.4, 2.0)
STOPPED_S = (0.3 * LEASE_S, 3 * LEASE_S)
DRAIN_S = 240.0
GAVE_UP = "cannot be reached"
OLDER_GAVE_UP = "OperationalError"
"""The same of a worker of the older version, which did not wait for it while DBOS started."""
TARGETS = {
    "faults": ">= 300",
    "runs": ">= 3000",
    "runs_lost": "== 0",
    "irreversible_twice": "== 0",
    "keyed_with_another_key": "== 0",
    "ambiguous_not_unknown": "== 0",
    "answered_without_effect": "== 0",
    "steps_recorded_twice": "== 0",
    "chain_whole": "== 1",
    "median_take_over_in_leases": "<= 2",
}


@dataclass(slots=True)
class Desk:
    """The processes of one chaos run, and what was done to them."""

    folder: Path
    address: str
    server: Postgres | None
    older: Path
    seed: int
    dispatch: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    stopped: dict[int, float] = field(default_factory=dict[int, float])
    """Workers that are stopped, and when they go on."""
    deaths: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    """Processes that were killed or stopped, and when."""
    spawned: int = 0
    logs: dict[int, int] = field(default_factory=dict[int, int])
    """Which log a process writes."""
    gave_up: int = 0

    def spawn(self, *extra: str, older: bool = False) -> subprocess.Popen[bytes]:
        """A new worker process, of this version or the older one."""
        self.spawned += 1
        environment = dict(os.environ)
        if older:
            environment["PYTHONPATH"] = str(self.older)
        command = [sys.executable, str(HERE / "chaos_worker.py"), self.address, str(self.folder)]
        extra = ("--dispatch", self.dispatch, *extra)
        with (self.folder / f"worker-{self.spawned}.log").open("wb") as log:
            worker = subprocess.Popen(
                [*command, f"{self.seed} {self.spawned}", *extra], env=environment, stdout=log, stderr=log
            )
        self.logs[worker.pid] = self.spawned
        return worker

    def replace(self, number: int, *, older: bool = False) -> None:
        """Kills the worker of that place and puts a new one there."""
        worker = self.workers[number]
        if worker.poll() is None:
            self.deaths.append((worker.pid, time.time()))
            worker.kill()
        worker.wait()
        self.stopped.pop(worker.pid, None)
        self.workers[number] = self.spawn(older=older)

    def supervise(self) -> None:
        """Starts anew a worker that gave up on a database that went away while it started."""
        for number, worker in enumerate(self.workers):
            if worker.poll() is None:
                continue
            said = self.log_of(worker).read_text()
            older = str(self.older) in said and OLDER_GAVE_UP in said
            if GAVE_UP not in said and not older:
                raise RuntimeError(f"a worker ended by itself: {said[-3000:]}")
            self.gave_up += 1
            self.replace(number)

    def log_of(self, worker: subprocess.Popen[bytes]) -> Path:
        """What a worker has said."""
        return self.folder / f"worker-{self.logs[worker.pid]}.log"

    def go_on(self, *, at_once: bool = False) -> None:
        """Lets stopped workers go on whose time has come."""
        for pid, until in list(self.stopped.items()):
            if at_once or time.monotonic() >= until:
                os.kill(pid, signal.SIGCONT)
                del self.stopped[pid]


def inflict(desk: Desk, fault: Fault, dice: random.Random) -> None:
    """One fault on one place."""
    number = dice.randrange(len(desk.workers))
    pid = desk.workers[number].pid
    match fault:
        case "kill":
            desk.replace(number)
        case "older":
            desk.replace(number, older=True)
        case "stop":
            if pid not in desk.stopped:
                desk.stopped[pid] = time.monotonic() + dice.uniform(*STOPPED_S)
                desk.deaths.append((pid, time.time()))
                os.kill(pid, signal.SIGSTOP)
        case "restart" | "crash" if desk.server is not None:
            desk.server.restart(crash=fault == "crash")
        case "cut" if desk.server is not None:
            desk.server.cut_connections(desk.address)
        case _:
            raise AssertionError("a file has no server")


def storm(desk: Desk, kind: str, faults: int, runs: int) -> Counter[str]:
    """All faults, at random moments, while a caller admits runs; then everything is left to drain."""
    dice = random.Random(desk.seed)
    weights = WEIGHTS[kind]
    pace = runs / (faults * sum(GAP_S) / 2)
    caller = _caller(desk, runs, pace)
    desk.workers = [desk.spawn() for _ in range(WORKERS[kind])]
    done: Counter[str] = Counter()
    _wait_for_work(desk)
    while done.total() < faults:
        time.sleep(dice.uniform(*GAP_S))
        desk.go_on()
        fault = dice.choices(list(weights), list(weights.values()))[0]
        inflict(desk, fault, dice)
        done[fault] += 1
        desk.supervise()
        if done.total() % 20 == 0:
            print(f"{done.total()} of {faults} faults", file=sys.stderr, flush=True)
    desk.go_on(at_once=True)
    if caller.wait(DRAIN_S) != 0:
        raise RuntimeError(f"the caller ended early: {(desk.folder / 'caller.log').read_text()[-3000:]}")
    _drain(desk)
    return done


def _wait_for_work(desk: Desk) -> None:
    """The first fault comes when the first run has ended, so that no fault strikes a process that starts."""
    until = time.monotonic() + DRAIN_S
    while time.monotonic() < until:
        with contextlib.suppress(psycopg.Error, sqlite3.Error):
            if records.column(desk.address, "select count(*) from run where state = 'ended'") != [0]:
                return
        time.sleep(0.1)
    said = "".join(desk.log_of(worker).read_text()[-1000:] for worker in desk.workers)
    raise RuntimeError(f"no run ended: {said}")


def _caller(desk: Desk, runs: int, pace: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(HERE / "chaos_caller.py"), desk.address, str(desk.folder)]
    with (desk.folder / "caller.log").open("ab") as log:
        return subprocess.Popen([*command, str(runs), f"{pace:.3f}"], stdout=log, stderr=log)


def _drain(desk: Desk) -> None:
    last = desk.spawn("--drain")
    try:
        last.wait(DRAIN_S)
    finally:
        for worker in [*desk.workers, last]:
            worker.kill()
            worker.wait()


@contextmanager
def prepared(kind: str, folder: Path, seed: int, dispatch: str) -> Iterator[Desk]:
    """An empty log, and the source of the older version beside it."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres(folder)) if kind == "postgres" else None
        address = str(folder / "remit.db") if server is None else server.database("chaos")
        older = folder / "older"
        older.mkdir()
        archive = subprocess.run(
            ["git", "archive", OLDER, "src"], cwd=HERE.parent, check=True, capture_output=True
        )
        subprocess.run(["tar", "-x", "-C", str(older)], input=archive.stdout, check=True)
        yield Desk(
            folder=folder, address=address, server=server, older=older / "src", seed=seed, dispatch=dispatch
        )


def figures(desk: Desk, done: Counter[str]) -> Figures:
    """What the records say, as numbers and the first complaints of each kind."""
    evidence = gathered(desk.address, desk.folder)
    complaints: dict[str, Any] = asdict(check(evidence))
    complaints["steps_recorded_twice"] = steps_twice(evidence)
    for name, sentences in complaints.items():
        for sentence in sentences[:5]:
            print(f"{name}: {sentence}", file=sys.stderr)
    found = take_overs(records.events(desk.address), desk.deaths)
    outcomes = Counter(run.outcome or run.state for run in evidence.log.values())
    return {
        "faults": done.total(),
        **{f"faults_{name}": count for name, count in sorted(done.items())},
        "workers_started_anew_by_a_supervisor": desk.gave_up,
        "runs": len(evidence.log),
        "runs_acknowledged": len(evidence.acknowledged),
        "runs_that_changed_hands": sum(len(run.bodies("taken")) > 1 for run in evidence.log.values()),
        **{f"runs_{word}": count for word, count in sorted(outcomes.items())},
        "effects_unknown": len(unknown_keys(evidence)),
        **{name: len(sentences) for name, sentences in complaints.items() if name != "chain"},
        "chain_whole": int(not evidence.chain_breaks),
        "take_overs": len(found),
        "median_take_over_in_leases": round(median(found) / LEASE_S, 2) if found else 999.0,
        "slowest_take_over_in_leases": round(max(found) / LEASE_S, 2) if found else 999.0,
    }


def main() -> None:
    """Break everything, drain, check, print the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--dispatch", choices=("inline", "dbos"), default="inline")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="remit-chaos-") as name:
        started = time.monotonic()
        with prepared(options.store, Path(name), options.seed, options.dispatch) as desk:
            done = storm(desk, options.store, options.faults, options.runs)
            summary = figures(desk, done)
    print(
        f"{options.store}, {options.dispatch}, {WORKERS[options.store]} workers, lease {LEASE_S:g} s, "
        f"seed {options.seed}, {time.monotonic() - started:.0f} s; the older worker runs commit {OLDER}"
    )
    print(last_line(f"chaos-{options.store}-{options.dispatch}", summary, TARGETS))


if __name__ == "__main__":
    main()
