"""Where is the log? What `--store` or REMIT_STORE names, otherwise a file in this folder."""

import os
from shlex import quote

import click

from remit.cli.screen import note
from remit.errors import NotFound
from remit.store import file_of, on_postgres, shown_address, wait_for_database

DEFAULT_STORE = "remit.db"
VARIABLE = "REMIT_STORE"
WAIT_S = 60.0


def chosen_store() -> str | None:
    """What `--store` said, wherever it stood on the command line."""
    chosen: str | None = click.get_current_context().find_root().obj
    return chosen


def store_address() -> str:
    """The log's address: `--store`, else REMIT_STORE, else `remit.db` here."""
    return chosen_store() or os.environ.get(VARIABLE) or DEFAULT_STORE


def existing_store() -> str:
    """The same where something is to be read; NotFound if there is no log yet."""
    address = store_address()
    if not on_postgres(address) and not file_of(address).exists():
        raise NotFound(
            f"There is no log at {file_of(address)}.",
            remedy="`remit ask` begins one; --store or REMIT_STORE names another.",
        )
    return address


def awaited(address: str) -> str:
    """The same address once its database answers, or after a minute: for what is started along with it."""
    wait_for_database(
        address,
        wait_s=WAIT_S,
        told=lambda shown: note(f"{shown} cannot be reached yet; waiting for it up to {WAIT_S:.0f} s."),
    )
    return address


def store_hint() -> str:
    """What a suggested command must add so that it finds this log; never a password."""
    chosen = chosen_store()
    return f" --store {quote(shown_address(chosen))}" if chosen else ""
