"""Changes that return rows, on a connection of their own to Postgres."""

import threading
import time
from collections.abc import Callable, Mapping

import psycopg
from psycopg.rows import dict_row

from remit.store.dialect import for_postgres
from remit.store.opening import shown_address
from remit.store.patience import Patience
from remit.store.postgres_connection import Connection, Session, explain, literal, lost
from remit.store.queries import POSTGRES_QUERIES
from remit.store.rows import Row, Statement, Value

TRY_AGAIN = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


class PostgresChanges:
    """Changes to a database; one that went away is waited for, and what was under way is made again."""

    def __init__(self, address: str, clock: Callable[[], float], *, wait_s: float) -> None:
        told = None if clock is time.time else clock
        self._session = Session(address=address, shown=shown_address(address), wait_s=wait_s, clock=told)
        self._wait_s = wait_s
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def carry_out(self, *statements: Statement) -> list[Row]:
        """Named statements in one transaction; the rows that the last one returns."""
        with self._lock:
            patience = Patience(self._wait_s)
            while True:
                try:
                    return self._try(statements)
                except psycopg.Error as error:
                    passing = isinstance(error, TRY_AGAIN) or lost(self._connection, error)
                    self._let_go()
                    if not (passing and patience.pause()):
                        raise explain(self._session.shown, error) from error

    def look(self, query: str, values: Mapping[str, Value]) -> list[Row]:
        """The rows of a named query that changes nothing."""
        return self.carry_out(Statement(query, values))

    def _try(self, statements: tuple[Statement, ...]) -> list[Row]:
        if self._connection is None:
            self._connection = self._session.connect()
        connection = self._connection
        self._session.tell_time(connection)
        rows: list[Row] = []
        with connection.transaction():
            for query, values in statements:
                cursor = connection.cursor(row_factory=dict_row)
                cursor.execute(literal(for_postgres(POSTGRES_QUERIES[query])), values)
                rows = cursor.fetchall() if cursor.description is not None else []
        return rows

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def close(self) -> None:
        """Lets the connection go."""
        with self._lock:
            self._let_go()
