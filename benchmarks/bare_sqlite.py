"""The floor: the bytes of the run inserted into SQLite and nothing else."""

import asyncio
import json
import queue
import sqlite3
import threading
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contender import Run
from the_run import ANSWER, EVENT_COMMITS

INSERT = "insert into event values (?, ?, ?, ?, ?)"
GROUP = 256
Waiting = tuple[tuple[str, int, float, str, bytes], asyncio.Future[None]]


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode=WAL")
    connection.execute("pragma synchronous=FULL")
    connection.execute(
        "create table event (run text, seq int, at real, kind text, body blob, primary key (run, seq))"
        " without rowid"
    )
    return connection


def _row(run_id: str, seq: int, body: bytes) -> tuple[str, int, float, str, bytes]:
    return (run_id, seq, time.time(), "event", body)


def _body(folder: Path) -> bytes:
    """A ninth of the bytes that the measured run stored."""
    bytes_per_run = json.loads((folder / "bytes.json").read_text())["bytes_per_run"]
    return b"x" * round(bytes_per_run / EVENT_COMMITS)


@asynccontextmanager
async def one_by_one(folder: Path) -> AsyncIterator[Run]:
    """Nine transactions a run, on the thread that runs."""
    connection, body = _open(folder / "bare.db"), _body(folder)

    async def run() -> str:
        run_id = uuid.uuid4().hex
        for seq in range(EVENT_COMMITS):
            connection.execute("begin immediate")
            connection.execute(INSERT, _row(run_id, seq, body))
            connection.execute("commit")
        return ANSWER

    yield run
    connection.close()


@asynccontextmanager
async def grouped(folder: Path) -> AsyncIterator[Run]:
    """Nine awaited inserts a run; one writer thread commits what is waiting as one group."""
    connection, body = _open(folder / "bare-grouped.db"), _body(folder)
    loop = asyncio.get_running_loop()
    waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
    writer = threading.Thread(target=_write, args=(connection, waiting, loop))
    writer.start()

    async def run() -> str:
        run_id = uuid.uuid4().hex
        for seq in range(EVENT_COMMITS):
            committed: asyncio.Future[None] = loop.create_future()
            waiting.put((_row(run_id, seq, body), committed))
            await committed
        return ANSWER

    yield run
    waiting.put(None)
    writer.join()
    connection.close()


def _write(
    connection: sqlite3.Connection,
    waiting: queue.SimpleQueue[Waiting | None],
    loop: asyncio.AbstractEventLoop,
) -> None:
    while (first := waiting.get()) is not None:
        group = [first]
        while len(group) < GROUP and not waiting.empty():
            item = waiting.get()
            if item is None:
                return
            group.append(item)
        connection.execute("begin immediate")
        connection.executemany(INSERT, [row for row, _ in group])
        connection.execute("commit")
        loop.call_soon_threadsafe(_wake, group)


def _wake(group: list[Waiting]) -> None:
    for _, committed in group:
        committed.set_result(None)
