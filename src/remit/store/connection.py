"""One SQLite connection: how it is opened and what its errors mean."""

import contextlib
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path

from remit.errors import StoreCorrupt, StoreError, StoreFull, StoreLocked
from remit.store.dialect import statements_of
from remit.store.format import FIRST_REVISION, FORMAT, MARK, MARKED, check_format, check_revision
from remit.store.patience import Patience
from remit.store.queries import SCHEMA

CACHE_KB = 32_000
"""Pages of the file that a connection keeps at most: those of the indices, which every list reads anew."""
CHECKPOINT_PAGES = 4000
"""Pages of the write-ahead log, 16 MB, after which they go to the file: those of an index many at once."""


def connect(
    path: Path, clock: Callable[[], float], *, wait_s: float, upgraded: bool = True
) -> sqlite3.Connection:
    """A connection in WAL mode with full synchronisation, or a StoreError that says the remedy.

    StoreOlder if the tables lack something that this code needs, unless it is not to be `upgraded`.
    """
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
        try:
            write_ahead(connection, Patience(wait_s))
            prepare(connection, path, clock, upgraded=upgraded)
        except BaseException:
            connection.close()
            raise
    return connection


def write_ahead(connection: sqlite3.Connection, patience: Patience) -> None:
    """Sets WAL mode; when several do so on a new file at once, SQLite refuses some without waiting."""
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if not ("locked" in str(error) and patience.pause()):
                raise


def prepare(
    connection: sqlite3.Connection, path: Path, clock: Callable[[], float], *, upgraded: bool
) -> None:
    """Sets the modes that the log's promises rest on and creates the tables once."""
    connection.row_factory = sqlite3.Row
    connection.create_function("unix_now", 0, clock)
    connection.execute("pragma synchronous = full")
    connection.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute("pragma foreign_keys = on")
    connection.execute(f"pragma cache_size = -{CACHE_KB}")
    version = format_of(connection)
    check_format(str(path), version)
    if version == 0:
        create(connection, path)
    if upgraded:
        check_revision(str(path), revision_of(connection))


def format_of(connection: sqlite3.Connection) -> int:
    """The format that the file is marked with; 0 for a file without tables of ours."""
    version: int = connection.execute("pragma user_version").fetchone()[0]
    return version


def revision_of(connection: sqlite3.Connection) -> str:
    """The revision that the file is marked with."""
    marked = connection.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchone()
    return connection.execute(MARKED).fetchone()[0] if marked else FIRST_REVISION


def create(connection: sqlite3.Connection, path: Path) -> None:
    """Creates the tables; another process that does the same at once loses nothing."""
    connection.execute("begin immediate")
    try:
        if connection.execute("pragma user_version").fetchone()[0] == 0:
            tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
            if tables:
                raise StoreCorrupt(
                    f"{path} is a database, but not a log of Remit's.",
                    remedy="Name another file with --store.",
                )
            for statement in (*statements_of(SCHEMA), *statements_of(MARK)):
                connection.execute(statement)
            connection.execute(f"pragma user_version = {FORMAT}")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


@contextlib.contextmanager
def translated(path: Path) -> Generator[None]:
    """Turns the driver's errors into ours, each with what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise explain(path, error) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise StoreCorrupt(
            f"{path} cannot be read as a log: {error}.",
            remedy="Restore it from a backup, or name another file with --store.",
        ) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}.", remedy="Check the folder.") from error


def explain(path: Path, error: sqlite3.OperationalError) -> StoreError:
    """The StoreError that an operational error of SQLite stands for."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreLocked(
            f"{path} is held by another process.", remedy="Wait until it is done, or stop that process."
        )
    if "full" in text:
        return StoreFull(
            f"There is no space left for {path}.",
            remedy="Free some space; runs go on where they stopped.",
        )
    if "malformed" in text or "not a database" in text:
        return StoreCorrupt(f"{path} is damaged: {text}.", remedy="Restore it from a backup.")
    return StoreError(f"{path} cannot be used: {text}.", remedy="Check the path and its permissions.")
