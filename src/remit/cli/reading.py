"""The log, opened to be read by a command; runs are found by the beginning of their id."""

import os
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from remit.cli.store_place import existing_store
from remit.errors import NotFound, StoreCorrupt, StoreNewer
from remit.event import UnknownKind
from remit.log import Entry, Log, Redactor
from remit.store import open_store, runs_statement

LAST = "last"


def reading() -> AbstractContextManager[Log]:
    """The log of this command; NotFound if there is none."""
    return opened(existing_store())


@contextmanager
def opened(address: str | Path) -> Generator[Log]:
    """The log at that address, begun if there is none."""
    store = open_store(address, time.time)
    try:
        yield Log(store, clock=time.time, random_bytes=os.urandom, redactor=Redactor({}))
    finally:
        store.close()


def run_id_of(log: Log, written: str) -> str:
    """The run that an id, its beginning or `last` stands for; NotFound says which ones it could be."""
    if written == LAST:
        rows = log.store.select(*runs_statement({}, since=None, most=1))
        if not rows:
            raise NotFound("This log holds no run yet.", remedy="`remit ask AGENT TEXT` makes one.")
        return rows[0]["run_id"]
    found = _like(log, "run_ids_like", written, "run_id")
    return _only(found, written, "run", "`remit runs` lists them.")


def case_id_of(log: Log, written: str) -> str:
    """The case that an id or its beginning stands for; NotFound says which ones it could be."""
    found = _like(log, "case_ids_like", written, "case_id")
    return _only(found, written, "case", "`remit cases` lists the open ones.")


def _like(log: Log, query: str, written: str, column: str) -> list[str]:
    # Ids are of small letters and digits, which all come before the tilde.
    prefix = written.casefold()
    if not prefix.isascii() or not prefix.isalnum():
        return []
    return [row[column] for row in log.store.rows(query, {"prefix": prefix, "beyond": f"{prefix}~"})]


def _only(found: list[str], written: str, noun: str, remedy: str) -> str:
    if written.casefold() in found:
        return written.casefold()
    if not found:
        raise NotFound(f"There is no {noun} {written} in this log.", remedy=remedy)
    if len(found) > 1:
        listing = ", ".join(found)
        raise NotFound(f"{written} is the beginning of several: {listing}.", remedy="Write more of it.")
    return found[0]


def entries_of(log: Log, run_id: str) -> list[Entry]:
    """A run's events in order; an error that says the remedy where one of them cannot be read."""
    try:
        return log.read(run_id)
    except UnknownKind as error:
        raise StoreNewer(
            f"Run {run_id} holds an event that this version does not know: {error.kind}.",
            remedy="Upgrade Remit.",
        ) from error
    except ValueError as error:
        raise StoreCorrupt(
            f"An event of run {run_id} cannot be read.", remedy="`remit verify` says which one was changed."
        ) from error
