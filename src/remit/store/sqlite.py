"""The log's tables in one SQLite file."""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from remit.store.connection import connect, translated
from remit.store.queries import QUERIES
from remit.store.rows import Append, Collision, OnceTaken, Row, Statement, StoredEvent, Value
from remit.store.writer import Writer

ADD_EVENT = QUERIES["add_event"]
ADD_BODY = QUERIES["add_body"]
LAST_BODY = QUERIES["last_body"]
ADMIT = QUERIES["admit_run"]
ADVANCE = QUERIES["advance_run"]
ADVANCE_WITHIN_WAKE = QUERIES["advance_within_wake"]
ADVANCE_FROM_OUTSIDE = QUERIES["advance_run_from_outside"]
ADVANCES = {
    "wake": ADVANCE,
    "within_wake": ADVANCE_WITHIN_WAKE,
    "outside": ADVANCE_FROM_OUTSIDE,
    "stream": QUERIES["advance_stream"],
}
BEGIN_STREAM = QUERIES["begin_stream"]


class SqliteStore:
    """One file; safe for several processes, each with its own object."""

    def __init__(self, path: Path, clock: Callable[[], float], *, wait_s: float = 30.0) -> None:
        self.path = path
        self._read = connect(path, clock, wait_s=wait_s)
        self._read_lock = threading.Lock()
        self._write = connect(path, clock, wait_s=wait_s)
        self._writer = Writer(self._write, path)

    @property
    def company(self) -> int:
        """How many runs append through this object at the moment: more than one share commits."""
        return self._writer.company

    @company.setter
    def company(self, runs: int) -> None:
        self._writer.company = runs

    async def append(self, append: Append) -> None:
        """Adds the events and moves the head, durably; Collision or OnceTaken leave no trace."""
        await self._writer.run(lambda connection: carry_out(connection, append))

    def append_now(self, append: Append) -> None:
        """The same for a command that runs alone."""
        self._writer.run_now(lambda connection: carry_out(connection, append))

    async def execute(self, *statements: Statement) -> None:
        """Carries out statements that belong to no run, in one transaction."""
        await self._writer.run(lambda connection: run_statements(connection, list(statements)))

    def execute_now(self, *statements: Statement) -> None:
        """The same for a command that runs alone."""
        self._writer.run_now(lambda connection: run_statements(connection, list(statements)))

    def rows(self, query: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """All rows of a named query."""
        return self.select(QUERIES[query], values or {})

    def row(self, query: str, values: Mapping[str, Value]) -> Row | None:
        """The only row of a named query, or None."""
        found = self.rows(query, values)
        return found[0] if found else None

    def select(self, statement: str, values: Mapping[str, Value]) -> list[Row]:
        """All rows of a statement that another file of this room has put together."""
        with self._read_lock, translated(self.path):
            return [dict(row) for row in self._read.execute(statement, values)]

    def events(self, run_id: str, from_seq: int = 0) -> list[StoredEvent]:
        """A run's events in order, from `from_seq` on."""
        values = {"run_id": run_id, "from_seq": from_seq}
        with self._read_lock, translated(self.path):
            return [StoredEvent(*row) for row in self._read.execute(QUERIES["events_from"], values)]

    def close(self) -> None:
        """Lets the file go; what was appended is durable already."""
        self._writer.close()
        self._read.close()
        self._write.close()


def carry_out(connection: sqlite3.Connection, append: Append) -> None:
    """One append inside the caller's transaction."""
    run_id = append.run_id
    if append.expected_head < 0:
        try:
            connection.execute(BEGIN_STREAM if append.course == "stream" else ADMIT, append.run)
        except sqlite3.IntegrityError as error:
            raise Collision(run_id) from error
    else:
        advance = ADVANCES[append.course]
        values = {**append.run, "expected_head": append.expected_head}
        if connection.execute(advance, values).rowcount != 1:
            raise Collision(run_id)
    next_body = connection.execute(LAST_BODY).fetchone()[0] + 1
    numbered = list(enumerate(append.events, next_body))
    connection.executemany(ADD_EVENT, [(run_id, *row[:9], number) for number, row in numbered])
    connection.executemany(
        ADD_BODY, [(number, run_id, row.seq, row.salt, row.data) for number, row in numbered]
    )
    run_statements(connection, append.also)


def run_statements(connection: sqlite3.Connection, statements: list[Statement]) -> Any:
    """Named statements in order; a business action that is taken already raises OnceTaken."""
    for query, values in statements:
        changed = connection.execute(QUERIES[query], values).rowcount
        if query == "claim_once" and changed != 1:
            raise OnceTaken(str(values["once_key"]))
