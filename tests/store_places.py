"""Where a test's log lies: a file in its folder, or a schema of its own on Postgres."""

import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import postgres_server
from remit.store import Store
from remit.store.postgres_schema import statements
from remit.store.sqlite import SqliteStore

VARIABLE = "REMIT_TEST_STORE"
# A frozen clock is told to the session. The log's own function never listens to a session.
CLOCK = """
create or replace function unix_now() returns double precision language sql stable as
    'select coalesce(nullif(current_setting(''remit.now'', true), '''')::double precision,
                     extract(epoch from clock_timestamp())::double precision)';
"""


def on_postgres() -> bool:
    """Whether this run of the tests keeps its logs on Postgres: `pytest --store postgres`."""
    return os.environ.get(VARIABLE) == "postgres"


def store_at(folder: Path, name: str = "remit.db") -> str | Path:
    """The address of the log that belongs to this folder, the same for every process that asks."""
    return postgres_at(folder, name) if on_postgres() else folder / name


def postgres_at(folder: Path, name: str = "remit.db") -> str:
    """The address of this folder's schema; made ready, with a clock that can be frozen, by who asks first."""
    return _schema(str(Path(folder).resolve() / name))


@cache
def _schema(place: str) -> str:
    url = postgres_server.url()
    schema = f"t_{sha256(place.encode()).hexdigest()[:16]}"
    with postgres_server.connect(url) as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [schema])
        known = connection.execute("select to_regnamespace(%s) is not null", [schema]).fetchone()
        if known == (False,):
            connection.execute(f"create schema {schema}; set local search_path = {schema}")
            connection.execute(";\n".join((*statements(), CLOCK)))
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"


def change(address: str | Path, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Does to a log, past the store, what nobody should; the rows that the statement gives."""
    if not str(address).startswith("postgresql"):
        with closing(sqlite3.connect(address)) as connection, connection:
            if not values and ";" in statement:
                connection.executescript(statement)
                return []
            return connection.execute(statement, values).fetchall()
    with postgres_server.connect(str(address)) as connection:
        # SQLite's literals of bytes, as Postgres writes them.
        statement = re.sub(r"x'([0-9a-f]*)'", r"'\\x\1'::bytea", statement).replace("?", "%s")
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def kept_bytes(folder: Path) -> bytes:
    """Every byte that the log of this folder holds, wherever in it."""
    if not on_postgres():
        return b"".join(path.read_bytes() for path in folder.glob("remit.db*"))
    address = store_at(folder)
    tables = change(address, "select tablename from pg_tables where schemaname = current_schema()")
    rows = [row for (table,) in tables for row in change(address, f"select * from {table}")]
    values = (value for row in rows for value in row if value is not None)
    return b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


class Commits:
    """How many commits have added events since this was made: Postgres keeps each row's transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before = self._transactions()

    def _transactions(self) -> set[str]:
        found = self._store.select("select distinct xmin::text as transaction from event", {})
        return {row["transaction"] for row in found}

    def __len__(self) -> int:
        return len(self._transactions() - self._before)


def counted_commits(store: Any) -> list[str] | Commits:
    """Something whose length grows by one with every commit of the store from now on."""
    if not isinstance(store, SqliteStore):
        return Commits(store)
    commits: list[str] = []
    store._write.set_trace_callback(lambda text: commits.append(text) if text == "commit" else None)
    return commits
