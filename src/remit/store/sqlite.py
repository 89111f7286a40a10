"""The log's tables in one SQLite file."""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from remit.store.appending import Appending
from remit.store.connection import connect, translated
from remit.store.port import Dialect
from remit.store.queries import QUERIES
from remit.store.rows import CLAIMS, Append, Collision, OnceTaken, Row, Statement, StoredEvent, Value
from remit.store.writer import Outcome, Unit, Writer

ADD_EVENT = QUERIES["add_event"]
ADD_BODY = QUERIES["add_body"]
LAST_BODY = QUERIES["last_body"]
ADMIT = QUERIES["admit_run"]
ADVANCES = {
    "wake": QUERIES["advance_run"],
    "within_wake": QUERIES["advance_within_wake"],
    "outside": QUERIES["advance_run_from_outside"],
    "stream": QUERIES["advance_stream"],
}
BEGIN_STREAM = QUERIES["begin_stream"]


class SqliteStore(Appending):
    """One file; safe for several processes, each with its own object."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path, clock: Callable[[], float], *, wait_s: float = 30.0) -> None:
        self.path = path
        self.address = str(path)
        self._read = connect(path, clock, wait_s=wait_s)
        self._read_lock = threading.Lock()
        self._write = connect(path, clock, wait_s=wait_s)
        super().__init__(Writer(self._commit, self._commit))

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

    def _commit(self, units: list[Unit]) -> list[Outcome]:
        """Each unit's outcome; if the commit itself fails, that for all of them."""
        connection = self._write
        try:
            with translated(self.path):
                connection.execute("begin immediate")
                outcomes = [one(connection, unit, alone=len(units) == 1) for unit in units]
                connection.execute("commit")
        except Exception as error:
            if connection.in_transaction:
                connection.execute("rollback")
            return [error] * len(units)
        return outcomes


def one(connection: sqlite3.Connection, unit: Unit, *, alone: bool) -> Outcome:
    """One unit of a group, in a savepoint of its own; what it raises is its outcome."""
    if alone:
        carry_out(connection, unit)
        return None
    outcome: Outcome = None
    connection.execute("savepoint unit")
    try:
        carry_out(connection, unit)
    except sqlite3.OperationalError:
        raise
    except Exception as error:
        connection.execute("rollback to unit")
        outcome = error
    connection.execute("release unit")
    return outcome


def carry_out(connection: sqlite3.Connection, unit: Unit) -> None:
    """One unit inside the caller's transaction."""
    if not isinstance(unit, Append):
        run_statements(connection, unit)
        return
    run_id = unit.run_id
    if unit.expected_head < 0:
        try:
            connection.execute(BEGIN_STREAM if unit.course == "stream" else ADMIT, unit.run)
        except sqlite3.IntegrityError as error:
            raise Collision(run_id) from error
    else:
        values = {**unit.run, "expected_head": unit.expected_head}
        if connection.execute(ADVANCES[unit.course], values).rowcount != 1:
            raise Collision(run_id)
    next_body = connection.execute(LAST_BODY).fetchone()[0] + 1
    numbered = list(enumerate(unit.events, next_body))
    connection.executemany(ADD_EVENT, [(run_id, *row[:9], number) for number, row in numbered])
    connection.executemany(
        ADD_BODY, [(number, run_id, row.seq, row.salt, row.data) for number, row in numbered]
    )
    run_statements(connection, unit.also)


def run_statements(connection: sqlite3.Connection, statements: Sequence[Statement]) -> None:
    """Named statements in order; a business action that is taken already raises OnceTaken."""
    for query, values in statements:
        changed = connection.execute(QUERIES[query], values).rowcount
        if query in CLAIMS and changed != 1:
            raise OnceTaken(str(values[CLAIMS[query]]))
