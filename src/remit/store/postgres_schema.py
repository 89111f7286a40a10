"""The tables of a log on Postgres: made once, and known again by the row that they carry."""

from remit.errors import StoreCorrupt, StoreNewer
from remit.store.connection import VERSION
from remit.store.dialect import statements_of, tables_for_postgres
from remit.store.postgres_connection import Connection, Session, literal, translated
from remit.store.queries import POSTGRES_SCHEMA, SCHEMA

LOCK = 7_236_483
"""The advisory lock under which tables are made: a number that means nothing elsewhere."""
FORMAT = "select value from meta where name = 'format'"


def prepare(connection: Connection, session: Session) -> None:
    """Makes the tables of an empty schema, or checks that those that stand are a log's."""
    with translated(session.shown):
        if _exists(connection, "run") and _exists(connection, "meta"):
            check(connection, session)
        else:
            create(connection, session)


def check(connection: Connection, session: Session) -> None:
    """StoreNewer where newer code has changed the tables so that this one may not use them."""
    row = connection.execute(FORMAT).fetchone()
    if row is None:
        raise _foreign(session)
    version = int(str(row[0]))
    if version > VERSION:
        raise StoreNewer(
            f"{session.shown} was written by a newer Remit"
            f" (its format is {version}, this one knows {VERSION}).",
            remedy="Upgrade Remit, or name another log with --store.",
        )


def create(connection: Connection, session: Session) -> None:
    """Creates the tables; another process that does the same at once loses nothing."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        if not _exists(connection, "meta"):
            if _exists(connection, "run") or _exists(connection, "event"):
                raise _foreign(session)
            connection.execute(literal(";\n".join(statements())), prepare=False)
    check(connection, session)


def statements() -> list[str]:
    """What makes the tables of a log in an empty schema."""
    mark = f"insert into meta (name, value) values ('format', '{VERSION}')"
    return [*tables_for_postgres(SCHEMA), *statements_of(POSTGRES_SCHEMA), mark]


def _exists(connection: Connection, table: str) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [table]).fetchone()
    return row is not None and bool(row[0])


def _foreign(session: Session) -> StoreCorrupt:
    return StoreCorrupt(
        f"{session.shown} is a database, but not a log of Remit's.", remedy="Name another one with --store."
    )
