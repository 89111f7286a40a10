"""From an address to a store."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from remit.errors import StoreError
from remit.store.patience import Patience
from remit.store.port import Store
from remit.store.sqlite import SqliteStore

POSTGRES = ("postgresql://", "postgres://")
SQLITE = "sqlite:///"


def on_postgres(address: str | Path) -> bool:
    """Whether the address names a Postgres database; anything else is a file."""
    return str(address).startswith(POSTGRES)


def file_of(address: str | Path) -> Path:
    """The file that a path or a `sqlite:///` address names."""
    text = str(address)
    return Path(text.removeprefix(SQLITE))


def shown_address(address: str | Path) -> str:
    """The address as it may be printed: without a password, wherever in it one stands."""
    if not on_postgres(address):
        return str(address)
    parts = urlsplit(str(address))
    user, at, place = parts.netloc.rpartition("@")
    options = [(name, value) for name, value in parse_qsl(parts.query) if "password" not in name]
    netloc = f"{user.partition(':')[0]}{at}{place}"
    return urlunsplit(parts._replace(netloc=netloc, query=urlencode(options, safe="/")))


def open_store(address: str | Path, clock: Callable[[], float], *, wait_s: float = 30.0) -> Store:
    """The store at `postgresql://...`, `sqlite:///...` or a path; an empty one is made ready.

    `wait_s` is how long it waits for a database that is locked or went away. StoreError otherwise.
    """
    if on_postgres(address):
        # A log in a file needs no driver for a server.
        try:
            from remit.store.postgres import PostgresStore
        except ImportError as error:
            raise StoreError(
                "A log on Postgres needs the driver psycopg.",
                remedy="Install it: `pip install 'remit[postgres]'`.",
            ) from error
        return PostgresStore(str(address), clock, shown=shown_address(address), wait_s=wait_s)
    return SqliteStore(file_of(address), clock, wait_s=wait_s)


def wait_for_database(address: str | Path, *, wait_s: float, told: Callable[[str], None]) -> None:
    """Waits until a server answers at the address, or the time is over; a file is not waited for.

    `told` hears once that there is something to wait for. Whatever else is wrong, `open_store` says it.
    """
    if not on_postgres(address) or find_spec("psycopg") is None:
        return
    from remit.store.reaching import wait_for_server

    wait_for_server(str(address), Patience(wait_s), lambda: told(shown_address(address)))


def upgrade_log(address: str | Path, *, wait_s: float = 30.0) -> tuple[str, str]:
    """Brings the tables up to date, all or nothing; the revision before and after. StoreError otherwise."""
    # Alembic and SQLAlchemy are for this moment only.
    from remit.store.upgrading import upgrade

    return upgrade(address, wait_s=wait_s)
