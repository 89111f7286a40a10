"""The log's tables in a Postgres database, shared by any number of processes."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from psycopg.rows import dict_row

from remit.store.appending import Appending
from remit.store.committing import Committer
from remit.store.dialect import for_postgres
from remit.store.port import Dialect
from remit.store.postgres_connection import Connection, Session, literal
from remit.store.postgres_schema import prepare
from remit.store.queries import POSTGRES_QUERIES
from remit.store.readers import Readers
from remit.store.rows import Row, StoredEvent, Value
from remit.store.writer import Writer

EVENTS_FROM = literal(for_postgres(POSTGRES_QUERIES["events_from"]))


class PostgresStore(Appending):
    """One database; the database's own clock decides leases and deadlines.

    `shown` is the address without its password; `wait_s` is how long reads and appends wait for a
    database that went away. A clock other than `time.time` is told to the session, where only a test's
    own `unix_now()` listens to it.
    """

    dialect: Dialect = "postgres"

    def __init__(self, address: str, clock: Callable[[], float], *, shown: str, wait_s: float = 30.0) -> None:
        self.address = shown
        told = None if clock is time.time else clock
        session = Session(address=address, shown=shown, wait_s=wait_s, clock=told)
        self._readers = Readers(session)
        self._committer = Committer(session, self.events)
        try:
            prepare(self._committer.open(), session)
        except BaseException:
            self._committer.close()
            raise
        super().__init__(Writer(self._committer.commit_hastily, self._committer.commit_patiently))

    def rows(self, query: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """All rows of a named query."""
        return self.select(POSTGRES_QUERIES[query], values or {})

    def row(self, query: str, values: Mapping[str, Value]) -> Row | None:
        """The only row of a named query, or None."""
        found = self.rows(query, values)
        return found[0] if found else None

    def select(self, statement: str, values: Mapping[str, Value]) -> list[Row]:
        """All rows of a statement that another file of this room has put together."""
        translated = literal(for_postgres(statement))

        def read(connection: Connection) -> list[Row]:
            cursor = connection.cursor(row_factory=dict_row, binary=True)
            return cursor.execute(translated, values).fetchall()

        return self._readers.read(read)

    def events(self, run_id: str, from_seq: int = 0) -> list[StoredEvent]:
        """A run's events in order, from `from_seq` on."""
        values = {"run_id": run_id, "from_seq": from_seq}

        def read(connection: Connection) -> list[StoredEvent]:
            rows: list[tuple[Any, ...]] = connection.execute(EVENTS_FROM, values, binary=True).fetchall()
            return [StoredEvent(*row) for row in rows]

        return self._readers.read(read)

    def close(self) -> None:
        """Lets the database go; what was appended is durable already."""
        self._writer.close()
        self._committer.close()
        self._readers.close()
