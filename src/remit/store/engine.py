"""The log's own database as SQLAlchemy sees it, for engines that keep their rows beside the log's."""

import contextlib
import functools
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from remit.errors import StoreError
from remit.store.dialect import for_postgres
from remit.store.opening import file_of, on_postgres, shown_address
from remit.store.patience import Patience
from remit.store.queries import POSTGRES_QUERIES, QUERIES
from remit.store.rows import Row, Statement

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

Result = TypeVar("Result")
RESTED_S = 1.0
"""A connection that lay unused for longer is looked at before it is used: the server may have gone."""

OPERATOR = "57P"
"""How the codes of errors begin that an operator of the server causes (PostgreSQL, appendix A)."""


class SharedDatabase:
    """A database that an engine and the log change in one transaction; opened when it is first needed.

    Its commits may be lost when the machine loses power, never when a process dies: what an engine
    keeps (who was woken, which claim was made) is made again from the log.
    """

    def __init__(self, address: str | Path, clock: Callable[[], float], *, wait_s: float = 30.0) -> None:
        self._address = address
        self._clock = clock
        self._wait_s = wait_s
        self._engine: Engine | None = None

    @property
    def engine(self) -> "Engine":
        """SQLAlchemy's engine, as the other side wants to be given it."""
        if self._engine is None:
            self._engine = self._on_postgres() if on_postgres(self._address) else self._on_sqlite()
        return self._engine

    @contextlib.contextmanager
    def transaction(self) -> Generator["Connection"]:
        """A connection whose changes are kept together or not at all; StoreError otherwise."""
        from sqlalchemy import exc

        try:
            with self.engine.begin() as connection:
                yield connection
        except exc.SQLAlchemyError as error:
            raise StoreError(f"{shown_address(self._address)} cannot be used: {error}.") from error

    def patiently(self, work: Callable[[], Result]) -> Result:
        """What `work` gives, begun anew while the database goes away under it; raises what else it raises."""
        patience = Patience(self._wait_s)
        while True:
            try:
                return work()
            except Exception as error:
                if not (on_postgres(self._address) and _went_away(error) and patience.pause()):
                    raise

    def carry_out(self, connection: "Connection", statements: Sequence[Statement]) -> list[Row]:
        """Named statements in the transaction of that connection; the rows that the last one returns."""
        rows: list[Row] = []
        for query, values in statements:
            result = connection.exec_driver_sql(self._written(query), dict(values))
            rows = [dict(row) for row in result.mappings()] if result.returns_rows else []
        return rows

    def _written(self, query: str) -> str:
        return for_postgres(POSTGRES_QUERIES[query]) if on_postgres(self._address) else QUERIES[query]

    def close(self) -> None:
        """Lets every connection go."""
        if self._engine is not None:
            self._engine.dispose()
        self._engine = None

    def _on_postgres(self) -> "Engine":
        from sqlalchemy import create_engine, event

        rest = str(self._address).partition("://")[2]
        address = f"postgresql+psycopg://{rest}"
        engine = create_engine(address, pool_size=10, max_overflow=10)
        event.listen(engine, "connect", self._prepare_session)
        event.listen(engine, "checkin", _rest)
        event.listen(engine, "checkout", functools.partial(_look_after_rest, engine.dialect))
        return engine

    def _prepare_session(self, connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set synchronous_commit = off")
        connection.commit()

    def schema(self, beside: str) -> str | None:
        """The schema for another's tables beside the log's; None on a file, which has no schemas."""
        if not on_postgres(self._address):
            return None
        from sqlalchemy import text

        with self.transaction() as connection:
            own = connection.execute(text("select current_schema()")).scalar_one()
        return beside if own == "public" else f"{own}_{beside}"

    def _on_sqlite(self) -> "Engine":
        from sqlalchemy import create_engine, event

        engine = create_engine(
            f"sqlite:///{file_of(self._address)}",
            connect_args={"check_same_thread": False},
            # Threads that wait for a connection are woken; those that wait for the file poll it.
            pool_size=2,
            max_overflow=0,
        )
        event.listen(engine, "connect", self._prepare)
        return engine

    def _prepare(self, connection: Any, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        connection.create_function("unix_now", 0, self._clock)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(f"pragma busy_timeout = {int(self._wait_s * 1000)}")
        connection.execute("pragma foreign_keys = on")


def _went_away(error: Exception) -> bool:
    """Whether a Postgres said that it ends or begins, or says nothing any more."""
    from sqlalchemy import exc

    told = error if isinstance(error, exc.DBAPIError) else error.__cause__
    if not isinstance(told, exc.OperationalError):
        return False
    code: str | None = getattr(told.orig, "sqlstate", None)
    return told.connection_invalidated or code is None or code.startswith(OPERATOR)


def _rest(_: object, record: "ConnectionPoolEntry") -> None:
    record.info["rests_since"] = time.monotonic()


def _look_after_rest(
    dialect: "Dialect", connection: "DBAPIConnection", record: "ConnectionPoolEntry", _: object
) -> None:
    from sqlalchemy import exc

    since = record.info.get("rests_since")
    if since is None or time.monotonic() - since < RESTED_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise exc.InvalidatePoolError from error
