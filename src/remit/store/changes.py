"""Changes that return rows, on a connection of their own: claims, heartbeats, rates.

They hold up no append of this process, and may be asked for on any thread, one at a time.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from remit.store.connection import connect, translated
from remit.store.opening import file_of, on_postgres
from remit.store.queries import QUERIES
from remit.store.rows import Row, Statement, Value


class Changes(Protocol):
    """One more connection to a log, opened when it is first needed."""

    def carry_out(self, *statements: Statement) -> list[Row]:
        """Named statements in one transaction; the rows that the last one returns. StoreError otherwise."""
        ...

    def look(self, query: str, values: Mapping[str, Value]) -> list[Row]:
        """The rows of a named query that changes nothing."""
        ...

    def close(self) -> None:
        """Lets the connection go."""
        ...


def open_changes(address: str | Path, clock: Callable[[], float], *, wait_s: float = 30.0) -> Changes:
    """Changes to the log at that address; `wait_s` is how long a locked database is waited for."""
    if on_postgres(address):
        # A log in a file needs no driver for a server.
        from remit.store.postgres_changes import PostgresChanges

        return PostgresChanges(str(address), clock, wait_s=wait_s)
    return SqliteChanges(file_of(address), clock, wait_s=wait_s)


class SqliteChanges:
    """Changes to a file."""

    def __init__(self, path: Path, clock: Callable[[], float], *, wait_s: float) -> None:
        self._path = path
        self._clock = clock
        self._wait_s = wait_s
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def carry_out(self, *statements: Statement) -> list[Row]:
        """Named statements in one transaction; the rows that the last one returns."""
        with self._lock, translated(self._path):
            connection = self._opened()
            connection.execute("begin immediate")
            try:
                rows: list[Row] = []
                for query, values in statements:
                    rows = [dict(row) for row in connection.execute(QUERIES[query], values)]
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise
            return rows

    def look(self, query: str, values: Mapping[str, Value]) -> list[Row]:
        """The rows of a named query that changes nothing."""
        with self._lock, translated(self._path):
            return [dict(row) for row in self._opened().execute(QUERIES[query], values)]

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, self._clock, wait_s=self._wait_s)
        return self._connection

    def close(self) -> None:
        """Lets the connection go."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
