"""Reads the three records of a crash run: the caller's, the bank's, and the log's file itself."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import crash_bank
from crash_check import Evidence, LoggedRun
from crash_child import ACKNOWLEDGED, BANK, LOG

from remit.log import verify
from remit.store import open_store


def gather(folder: Path) -> Evidence:
    """All that is known about what happened in that folder."""
    lines = (folder / ACKNOWLEDGED).read_text().splitlines()
    acknowledged = {line["order"]: line["run_id"] for line in map(json.loads, lines)}
    return Evidence(
        acknowledged=acknowledged,
        bank=tuple(crash_bank.read(folder / BANK)),
        log=_runs(folder / LOG),
        chain_breaks=tuple(breaks(folder / LOG)),
    )


def _runs(log: Path) -> dict[str, LoggedRun]:
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as connection:
        rows = connection.execute("select run_id, state, outcome from run").fetchall()
        events: dict[str, list[tuple[str, dict[str, Any]]]] = {run_id: [] for run_id, _, _ in rows}
        stored = connection.execute(
            "select run_id, kind, data from event join body using (run_id, seq) order by run_id, seq"
        )
        for run_id, kind, data in stored:
            events[run_id].append((kind, json.loads(data)))
    return {
        run_id: LoggedRun(state=state, outcome=outcome, events=tuple(events[run_id]))
        for run_id, state, outcome in rows
    }


def breaks(log: Path) -> list[str]:
    """Where the hash chain or the file's own structure does not hold."""
    with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as connection:
        (intact,) = connection.execute("pragma integrity_check").fetchone()
    store = open_store(log, time.time)
    try:
        found = verify(store).breaks
    finally:
        store.close()
    damaged = [] if intact == "ok" else [f"the file: {intact}"]
    return damaged + [f"run {item.run_id}, event {item.seq}: {item.reason}" for item in found]
