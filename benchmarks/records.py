"""Reads a log's tables directly, past the product: SQLite by its file, Postgres by its address."""

import json
import sqlite3
import time
from contextlib import closing
from typing import Any

import psycopg

from remit.log import verify
from remit.store import open_store

EVENTS = """
select e.run_id, e.kind, e.at, b.data from event e
join body b on b.run_id = e.run_id and b.seq = e.seq order by e.run_id, e.seq
"""


def rows(address: str, statement: str) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    if address.startswith("postgresql:"):
        with psycopg.connect(address, autocommit=True) as connection:
            return connection.execute(statement).fetchall()
    with closing(sqlite3.connect(f"file:{address}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


def column(address: str, statement: str) -> list[Any]:
    """The first column of all rows of a statement."""
    return [row[0] for row in rows(address, statement)]


def events(address: str) -> dict[str, list[tuple[str, float, dict[str, Any]]]]:
    """Kind, time and body of every event, by run, in order."""
    found: dict[str, list[tuple[str, float, dict[str, Any]]]] = {}
    for run_id, kind, at, data in rows(address, EVENTS):
        found.setdefault(run_id, []).append((kind, at, json.loads(bytes(data))))
    return found


def breaks(address: str) -> list[str]:
    """Where the hash chain, or the file's own structure, does not hold."""
    damaged: list[str] = []
    if not address.startswith("postgresql:"):
        (intact,) = column(address, "pragma integrity_check")
        damaged = [] if intact == "ok" else [f"the file: {intact}"]
    store = open_store(address, time.time)
    try:
        found = verify(store).breaks
    finally:
        store.close()
    return damaged + [f"run {item.run_id}, event {item.seq}: {item.reason}" for item in found]
