"""Which tables this code works with: the format that it must find, and the revision that it expects.

Revisions expand the tables, and code of an older revision goes on working beside code of a newer one.
Only what older code could not survive, such as a column taken away, raises the format.
"""

from remit.errors import StoreNewer, StoreOlder

FORMAT = 1
"""Older code refuses a log of a higher format: raised by a revision that contracts."""
REVISION = "0005"
"""The newest file of `migrations/versions`; a new log is made at it."""
FIRST_REVISION = "0001"
"""That of a log which names none: it was made before there were revisions."""

MARK = f"""
create table alembic_version (
    version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num)
);
insert into alembic_version (version_num) values ('{REVISION}')
"""
"""What a new log is marked with, as Alembic itself would."""
MARKED = "select version_num from alembic_version"


def check_format(shown: str, found: int) -> None:
    """StoreNewer where newer code changed the tables so that this one may not use them."""
    if found > FORMAT:
        raise StoreNewer(
            f"{shown} was written by a newer Remit (its format is {found}, this one knows {FORMAT}).",
            remedy="Upgrade Remit, or name another log with --store.",
        )


def check_revision(shown: str, found: str) -> None:
    """StoreOlder where tables or indexes are missing that this code needs; a newer revision is survived."""
    if found < REVISION:
        raise StoreOlder(
            f"{shown} was written by an older Remit (revision {found}, this one needs {REVISION}).",
            remedy="Back it up and run `remit db upgrade`; older code can go on using it.",
        )
