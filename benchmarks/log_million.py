"""Does a log of a million runs slow anything down? Steps, lists and scans, on SQLite and Postgres.

`python log_million.py [--runs 1000000] [--rounds 7] [--keep FOLDER]`

The eight-step run of the engines' benchmark takes turns on the full log and on an empty one, each in a
process of its own. Then every filter of `remit runs`, alone and in pairs, for values that are common, rare
and absent together; then what a worker asks in every sweep. With --keep the folder and its file stay for the
next time, and for console.py.
"""

import argparse
import os
import platform
import random
import time
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from statistics import median

from bulk_log import RUNS, full_logs
from contender import Contender
from report import last_line
from servers import cpu_s

from remit.store import (
    COLUMNS,
    Changes,
    Statement,
    Store,
    narrowest,
    open_changes,
    open_store,
    runs_statement,
)

WITHIN_MS, SCAN_MS, RATIO = 100, 50, 1.2
TARGETS = {
    f"{figure}_{on}": bound
    for on in ("sqlite", "postgres")
    for figure, bound in (
        ("step_cpu_ratio", f"<= {RATIO}"),
        ("step_wall_ratio", f"<= {RATIO}"),
        ("filter_p95_ms", f"< {WITHIN_MS}"),
        ("scan_p95_ms", f"< {SCAN_MS}"),
    )
}
RUNS_A_TURN = 40
PAIRS = (
    ("agent", "outcome"),
    ("agent", "mode"),
    ("agent", "state"),
    ("agent", "tenant"),
    ("agent", "user"),
    ("tenant", "outcome"),
    ("tenant", "state"),
    ("outcome", "mode"),
    ("release", "outcome"),
    ("release", "mode"),
    ("conversation", "agent"),
)
VALUES = 40
"""How many values of a filter are asked for."""
LEASE_S = 0.001
REPEATED = 60
MOST = 20


def steps(
    full_log: Path, empty_log: Path, opener: str, rounds: int, server_pid: int | None
) -> tuple[float, float]:
    """CPU and wall of a step on the full log as multiples of those on an empty one, medians of the rounds."""

    def server_s() -> float:
        return cpu_s(server_pid) if server_pid is not None else 0.0

    cpu: list[float] = []
    wall: list[float] = []
    with Contender(opener, empty_log) as empty, Contender(opener, full_log) as full:
        for number in range(rounds):
            took: list[tuple[float, float]] = []
            pair = (empty, full) if number % 2 else (full, empty)
            for each in pair:
                before = server_s()
                turn = each.turn(RUNS_A_TURN)
                of_server = (server_s() - before) / RUNS_A_TURN * 1000
                took.append((turn.cpu_ms + of_server, turn.wall_ms))
            (empty_cpu, empty_wall), (full_cpu, full_wall) = took if number % 2 else reversed(took)
            cpu.append(full_cpu / empty_cpu)
            wall.append(full_wall / empty_wall)
            print(
                f"  round {number + 1}: a run took {empty_cpu:.2f} ms of CPU and {empty_wall:.2f} ms on the"
                f" empty log, {full_cpu:.2f} and {full_wall:.2f} on the full one",
                flush=True,
            )
    return median(cpu), median(wall)


def values_of(store: Store, dice: random.Random) -> dict[str, list[str]]:
    """Values of each filter: common ones, rare ones, and one that nothing has."""
    found: dict[str, list[str]] = {}
    for name, column in COLUMNS.items():
        sample = store.select(
            f"select {column} as value, count(*) as n from run where {column} is not null"
            f" group by {column} order by n desc",
            {},
        )
        values = [row["value"] for row in sample]
        some = (
            values if len(values) <= VALUES else [*values[: VALUES // 2], *dice.sample(values, VALUES // 2)]
        )
        found[name] = [*some, "nothing-has-it"]
    return found


def filters(store: Store) -> dict[str, list[float]]:
    """Milliseconds of every search, by the names of its filters."""
    dice = random.Random(1)
    values = values_of(store, dice)
    now = time.time()
    took: dict[str, list[float]] = {}

    def asked(label: str, wanted: dict[str, str], since: float | None) -> None:
        begin = time.perf_counter()
        rows = store.select(
            *runs_statement(wanted, since=since, most=MOST, led_by=narrowest(store, wanted, since))
        )
        for row in rows:
            store.row("event_at", {"run_id": row["run_id"], "seq": 0})
        took.setdefault(label, []).append((time.perf_counter() - begin) * 1000)

    for since in (None, now - 86400.0, now - 7 * 86400.0):
        suffix = "" if since is None else ", since"
        for _ in range(VALUES):
            asked(f"none{suffix}", {}, since)
        for name, some in values.items():
            for value in some:
                asked(f"{name}{suffix}", {name: value}, since)
        for first, second in PAIRS:
            pairs = list(product(values[first], values[second]))
            for one, other in dice.sample(pairs, min(VALUES, len(pairs))):
                asked(f"{first} and {second}{suffix}", {first: one, second: other}, since)
    return took


def scans(store: Store, changes: Changes) -> dict[str, list[float]]:
    """Milliseconds of what every sweep and every worker asks."""
    able = [
        Statement("put_able", {"worker": "bench", "agent": name, "release_hash": "", "limited": 0})
        for name in [row["agent"] for row in store.rows("queued_by_agent")]
    ]
    changes.carry_out(
        Statement("put_worker", {"worker": "bench", "host": "here", "engine": "none", "concurrency": 1}),
        *able,
    )
    claim = {"claim": "bench", "worker": "bench", "lease_s": LEASE_S, "most": MOST}
    agent = store.rows("queued_by_agent")[0]["agent"]
    of_agent = {"agent": agent, "most": MOST}
    limited = {**claim, "agent": agent, "at_once": 10, "per_tenant": 5}
    asked: dict[str, Callable[[], object]] = {
        "runnable": lambda: store.rows("runnable_runs", {"after": 0.0, "after_run": "", "most": MOST}),
        "runnable now": lambda: changes.look("runnable_now", {}),
        "expired": lambda: store.rows("due_runs", {"most": MOST}),
        "oldest waiting": lambda: store.rows("oldest_waiting"),
        "states": lambda: changes.look("states", {}),
        "queued by agent": lambda: changes.look("queued_by_agent", {}),
        "queued releases": lambda: changes.look("queued_releases", {}),
        "queued of an agent": lambda: changes.look("queued_of_agent", of_agent),
        "claim": lambda: changes.carry_out(Statement("claim_runs", claim)),
        "claim, limited": lambda: changes.carry_out(Statement("claim_limited_runs", limited)),
        "open queues": lambda: store.rows("open_queues"),
    }
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(REPEATED):
        for name, ask in asked.items():
            begin = time.perf_counter()
            ask()
            took[name].append((time.perf_counter() - begin) * 1000)
    changes.carry_out(
        Statement("forget_abilities", {"silent_s": -1.0}), Statement("forget_workers", {"silent_s": -1.0})
    )
    return took


def p95(took: list[float]) -> float:
    """The value that one in twenty exceeds."""
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def print_table(title: str, took: dict[str, list[float]]) -> None:
    """One line for each name."""
    print(f"{title:<34}{'asked':>8}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}")
    for name, values in took.items():
        print(f"{name:<34}{len(values):>8}{median(values):>10.2f}{p95(values):>10.2f}{max(values):>10.2f}")


def main() -> None:
    """Measure, print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="keep the filled log in this folder")
    options = parser.parse_args()
    figures: dict[str, float | int | str | list[str]] = {"runs": options.runs}
    with full_logs(options.keep, options.runs) as logs:
        for on, place, pid in (
            ("sqlite", str(logs.source.path), None),
            ("postgres", logs.address, logs.server.pid),
        ):
            print(f"On {on}; load of the machine {os.getloadavg()[0]:.1f}", flush=True)
            with (
                closing(open_store(place, time.time)) as store,
                closing(open_changes(place, time.time)) as changes,
            ):
                listed, scanned = filters(store), scans(store, changes)
            print_table("remit runs by", listed)
            print_table("scan", scanned)
            cpu, wall = steps(logs.source.folder, logs.empty, f"engine_remit:on_{on}", options.rounds, pid)
            figures |= {
                f"step_cpu_ratio_{on}": round(cpu, 3),
                f"step_wall_ratio_{on}": round(wall, 3),
                f"filter_p95_ms_{on}": round(max(p95(values) for values in listed.values()), 2),
                f"slowest_filter_{on}": max(listed, key=lambda name: p95(listed[name])),
                f"scan_p95_ms_{on}": round(max(p95(values) for values in scanned.values()), 2),
                f"slowest_scan_{on}": max(scanned, key=lambda name: p95(scanned[name])),
            }
    figures |= {"load": round(os.getloadavg()[0], 1), "python": platform.python_version()}
    print(last_line("log_million", figures, TARGETS))


if __name__ == "__main__":
    main()
