"""The tables of a log on Postgres: made once, and known again by the row that they carry."""

from remit.errors import StoreCorrupt
from remit.store.dialect import statements_of, tables_for_postgres
from remit.store.format import FIRST_REVISION, FORMAT, MARK, MARKED, check_format, check_revision
from remit.store.postgres_connection import Connection, Session, literal, translated
from remit.store.queries import POSTGRES_SCHEMA, SCHEMA

LOCK = 7_236_483
"""The advisory lock under which tables are made: a number that means nothing elsewhere."""
FOUND = "select value from meta where name = 'format'"


def prepare(connection: Connection, session: Session) -> None:
    """Makes the tables of an empty schema, or checks that those that stand are a log's."""
    with translated(session.shown):
        if exists(connection, "run") and exists(connection, "meta"):
            check(connection, session)
        else:
            create(connection, session)


def check(connection: Connection, session: Session) -> None:
    """StoreNewer or StoreOlder where the tables are not those that this code works with."""
    row = connection.execute(FOUND).fetchone()
    if row is None:
        raise _foreign(session)
    check_format(session.shown, int(str(row[0])))
    check_revision(session.shown, revision_of(connection))


def revision_of(connection: Connection) -> str:
    """The revision that the schema is marked with."""
    if not exists(connection, "alembic_version"):
        return FIRST_REVISION
    row = connection.execute(MARKED).fetchone()
    return str(row[0]) if row is not None else FIRST_REVISION


def create(connection: Connection, session: Session) -> None:
    """Creates the tables; another process that does the same at once loses nothing."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        if not exists(connection, "meta"):
            if exists(connection, "run") or exists(connection, "event"):
                raise _foreign(session)
            connection.execute(literal(";\n".join(statements())), prepare=False)
    check(connection, session)


def statements() -> list[str]:
    """What makes the tables of a log in an empty schema."""
    mark = f"insert into meta (name, value) values ('format', '{FORMAT}')"
    return [*tables_for_postgres(SCHEMA), *statements_of(POSTGRES_SCHEMA), *statements_of(MARK), mark]


def exists(connection: Connection, table: str) -> bool:
    """Whether the session's schema has a table of that name."""
    row = connection.execute("select to_regclass(%s) is not null", [table]).fetchone()
    return row is not None and bool(row[0])


def _foreign(session: Session) -> StoreCorrupt:
    return StoreCorrupt(
        f"{session.shown} is a database, but not a log of Remit's.", remedy="Name another one with --store."
    )
