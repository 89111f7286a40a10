"""A copy of a log in a file, made while others write to it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from remit.errors import StoreError
from remit.store.connection import translated
from remit.store.opening import file_of, on_postgres

PAGES_AT_ONCE = 1000


def back_up(address: str | Path, copy: Path) -> None:
    """Copies the log to a file that does not exist yet: the state of one moment, whole.

    StoreError for a log on Postgres, whose own pg_dump does this, and for a file that is there already.
    """
    if on_postgres(address):
        raise StoreError(
            "A log on Postgres is backed up by Postgres.",
            remedy="Use pg_dump, as the how-to about Postgres shows.",
        )
    if copy.exists():
        raise StoreError(f"{copy} exists already.", remedy="Name another file.")
    source = file_of(address)
    with (
        translated(source),
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as log,
        closing(sqlite3.connect(copy)) as target,
    ):
        log.backup(target, pages=PAGES_AT_ONCE)
