"""Bringing a log's tables up to date: Alembic, in one transaction."""

from importlib.resources import files
from pathlib import Path
from typing import cast

import psycopg
import sqlalchemy
from alembic import command, op
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from remit.store.connection import connect, translated
from remit.store.dialect import statements_of, tables_for_postgres
from remit.store.format import FIRST_REVISION, REVISION
from remit.store.opening import file_of, on_postgres, shown_address
from remit.store.postgres_connection import Session
from remit.store.postgres_connection import translated as translated_postgres
from remit.store.postgres_schema import create, exists
from remit.store.queries import load

LOCK = "select pg_advisory_xact_lock(7236483)"
Engine = sqlalchemy.engine.Engine


def carry_out(file: str) -> None:
    """Carries out the text of a revision on the connection that Alembic holds."""
    text = load(file)
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in statements_of(text) if on_sqlite else tables_for_postgres(text):
        op.get_bind().exec_driver_sql(statement)


def upgrade(address: str | Path, *, wait_s: float = 30.0) -> tuple[str, str]:
    """Carries out every revision that the log lacks, all or none; the revision before and after.

    An empty Postgres database gets its tables, and has the revision "" before. A log of a newer revision
    is left as it is. StoreError if the database refuses.
    """
    if on_postgres(address):
        with translated_postgres(shown_address(address)):
            if _made(str(address), wait_s):
                return "", REVISION
            return _upgraded(_postgres(str(address)), LOCK)
    path = file_of(address)
    with translated(path):
        return _upgraded(_sqlite(path, wait_s), "begin immediate")


def _made(address: str, wait_s: float) -> bool:
    """Makes the tables where there are none."""
    session = Session(address=address, shown=shown_address(address), wait_s=wait_s, clock=None)
    with session.connect() as connection:
        empty = not exists(connection, "run")
        if empty:
            create(connection, session)
        return empty


def _sqlite(path: Path, wait_s: float) -> Engine:
    def creator() -> object:
        return connect(path, lambda: 0.0, wait_s=wait_s, upgraded=False)

    return sqlalchemy.create_engine("sqlite://", creator=creator, poolclass=NullPool)


def _postgres(address: str) -> Engine:
    def creator() -> object:
        return psycopg.connect(address)

    return sqlalchemy.create_engine("postgresql+psycopg://", creator=creator, poolclass=NullPool)


def _upgraded(engine: Engine, begin: str) -> tuple[str, str]:
    config = Config()
    config.set_main_option("script_location", str(files("remit.store") / "migrations"))
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(begin)
            context = MigrationContext.configure(connection)
            before = context.get_current_revision()
            config.attributes["connection"] = connection
            if before is None:
                command.stamp(config, FIRST_REVISION)
                before = FIRST_REVISION
            if before < REVISION:
                command.upgrade(config, "head")
            connection.commit()
        return before, max(before, REVISION)
    except DBAPIError as error:
        raise cast("Exception", error.orig) from error
