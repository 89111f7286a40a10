"""What does a durable run cost? Remit against LangGraph's SQLite saver, and against bare inserts.

`python durable.py [--rounds 5] [--runs 40] [--at-once 50]`
"""

import argparse
import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from contender import Contender
from report import last_line, table

OWN = "remit"
PEERS = {
    "langgraph, saver as it comes": "peer_langchain:durable",
    "langgraph, WAL and FULL by hand": "peer_langchain:durable_full",
}
BARE = {"bare inserts, 9 commits": "bare_sqlite:one_by_one", "bare inserts, grouped": "bare_sqlite:grouped"}
BARE_ONE, BARE_GROUPED = BARE
OPENERS = {OWN: "own_remit:durable_each_step", **PEERS, **BARE}
PACKAGES = ("remit", "langgraph", "langgraph-checkpoint-sqlite")
TARGETS = {"wall_ratio_at_1": "<= 0.25", "throughput_ratio_at_50": ">= 10"}
Walls = dict[str, list[float]]


@contextmanager
def contenders(folder: Path) -> Iterator[dict[str, Contender]]:
    """Every contender, ready; the bare ones insert as many bytes as Remit stored per run."""
    with ExitStack() as stack:
        own = stack.enter_context(Contender(OPENERS[OWN], folder))
        per_run = stored_per_run(folder / "remit.db")
        (folder / "bytes.json").write_text(json.dumps(per_run))
        others = {
            name: stack.enter_context(Contender(opener, folder))
            for name, opener in OPENERS.items()
            if name != OWN
        }
        yield {OWN: own, **others}


def stored_per_run(log: Path) -> dict[str, float]:
    """Events and body bytes of one run, read from Remit's file itself."""
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as connection:
        runs, events = connection.execute("select count(distinct run_id), count(*) from event").fetchone()
        (size,) = connection.execute("select sum(length(data)) from body").fetchone()
    return {"events_per_run": events / runs, "bytes_per_run": size / runs}


def measure(ready: dict[str, Contender], rounds: int, runs: dict[str, int], at_once: int) -> Walls:
    """Wall milliseconds per run of every contender named in `runs`, in every round."""
    walls: Walls = {name: [] for name in runs}
    for _ in range(rounds):
        for name, count in runs.items():
            walls[name].append(ready[name].turn(count, at_once=at_once).wall_ms)
    return walls


def ratios(walls: Walls) -> list[float]:
    """Per round, Remit's wall time as a part of the better LangGraph's."""
    better = [min(round_) for round_ in zip(*(walls[name] for name in PEERS), strict=True)]
    return [own / peer for own, peer in zip(walls[OWN], better, strict=True)]


def between(walls: Walls, bare: str) -> float:
    """The median over rounds of Remit's wall time as a multiple of the bare inserts'."""
    return median(own / floor for own, floor in zip(walls[OWN], walls[bare], strict=True))


def settings(folder: Path) -> dict[str, str]:
    """Journal mode and synchronous setting that the savers' own connections work with."""
    return {path.stem: path.read_text() for path in sorted(folder.glob("langgraph*.pragma"))}


def main() -> None:
    """Measure, print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=40, help="runs per contender and round, one at a time")
    parser.add_argument("--at-once", type=int, default=50)
    options = parser.parse_args()
    alone = dict.fromkeys((OWN, *PEERS, BARE_ONE), options.runs)
    crowd = {OWN: 1000, **dict.fromkeys(PEERS, 150), BARE_GROUPED: 1000}
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        folder = Path(name)
        with contenders(folder) as ready:
            at_1 = measure(ready, options.rounds, alone, 1)
            at_many = measure(ready, options.rounds, crowd, options.at_once)
        per_run = stored_per_run(folder / "remit.db")
        used = settings(folder)
    print(
        "4 model calls, 3 tool calls, tool results of 2000 characters; each step committed before the next."
    )
    print(", ".join(f"{package} {version(package)}" for package in PACKAGES))
    print("; ".join(f"{saver}: {setting}" for saver, setting in used.items()))
    print("remit stores {events_per_run:.1f} events, {bytes_per_run:.0f} body bytes a run".format(**per_run))
    print(table("wall ms per run, one at a time", at_1, OWN))
    print(table(f"wall ms per run, {options.at_once} at once", at_many, OWN))
    figures = summary(at_1, at_many, per_run["events_per_run"])
    print(last_line("durable", figures, TARGETS))


def summary(at_1: Walls, at_many: Walls, events_per_run: float) -> dict[str, float]:
    """The figures of the last line."""
    runs_per_s = 1000 / median(at_many[OWN])
    return {
        "wall_ms_at_1": round(median(at_1[OWN]), 3),
        "langgraph_wall_ms_at_1": round(min(median(at_1[name]) for name in PEERS), 3),
        "wall_ratio_at_1": round(median(ratios(at_1)), 3),
        "runs_per_s_at_50": round(runs_per_s, 1),
        "events_per_s_at_50": round(runs_per_s * events_per_run),
        "langgraph_runs_per_s_at_50": round(1000 / min(median(at_many[name]) for name in PEERS), 1),
        "throughput_ratio_at_50": round(1 / median(ratios(at_many)), 2),
        "wall_as_multiple_of_bare_inserts_at_1": round(between(at_1, BARE_ONE), 2),
        "wall_as_multiple_of_bare_inserts_at_50": round(between(at_many, BARE_GROUPED), 2),
    }


if __name__ == "__main__":
    main()
