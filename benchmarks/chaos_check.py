"""What the records of a chaos run say beyond those of a crash run: steps recorded once, and take-overs."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import crash_bank
import records
from crash_check import Evidence, LoggedRun
from crash_child import ACKNOWLEDGED, BANK

Events = dict[str, list[tuple[str, float, dict[str, Any]]]]


def gathered(address: str, folder: Path) -> Evidence:
    """The caller's, the bank's and the log's own record."""
    lines = (folder / ACKNOWLEDGED).read_text().splitlines()
    found = records.events(address)
    return Evidence(
        acknowledged={line["order"]: line["run_id"] for line in map(json.loads, lines)},
        bank=tuple(crash_bank.read(folder / BANK)),
        log={
            run_id: LoggedRun(
                state=state, outcome=outcome, events=tuple((kind, body) for kind, _, body in found[run_id])
            )
            for run_id, state, outcome in records.rows(address, "select run_id, state, outcome from run")
        },
        chain_breaks=tuple(records.breaks(address)),
    )


def steps_twice(evidence: Evidence) -> list[str]:
    """Calls with two results, answers judged twice, runs that were admitted, screened or ended twice."""
    complaints: list[str] = []
    for run_id, run in evidence.log.items():
        steps: Counter[tuple[str, object]] = Counter()
        for kind, body in run.events:
            if kind in ("done", "tool_failed"):
                steps["result", body["key"]] += 1
            elif kind == "permitted":
                steps["permits", body["answer_seq"]] += 1
            elif kind in ("admitted", "screened", "ended"):
                steps[kind, ""] += 1
        complaints += [f"run {run_id}: {step} is recorded {n} times" for step, n in steps.items() if n > 1]
    return complaints


def take_overs(found: Events, deaths: list[tuple[int, float]]) -> list[float]:
    """Seconds from the death of a process to the next wake of each run that it was advancing."""
    seconds: list[float] = []
    for pid, died_at in deaths:
        for events in found.values():
            taken = [(at, body["worker"]) for kind, at, body in events if kind == "taken"]
            before = [worker for at, worker in taken if at <= died_at]
            after = [at for at, worker in taken if at > died_at and _pid(worker) != pid]
            held = bool(before) and _pid(before[-1]) == pid and events[-1][1] > died_at
            if held and after and not _rested(events, died_at):
                seconds.append(min(after) - died_at)
    return seconds


def _rested(events: list[tuple[str, float, dict[str, Any]]], at: float) -> bool:
    """The run had ended or was waiting for a person by then."""
    return any(kind in ("ended", "case_opened") and when <= at for kind, when, _ in events)


def _pid(worker: str) -> int:
    return int(worker.split("-")[-2])
