"""One connection to Postgres: how it is opened and what its errors mean."""

import contextlib
import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import LiteralString, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8BinaryDumper
from psycopg.types.string import StrDumperUnknown

from remit.errors import StoreCorrupt, StoreError, StoreFull, StoreLocked

# What goes wrong inside a pipeline is settled here; psycopg would print it where nobody set up logging.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

Connection = psycopg.Connection[tuple[object, ...]]

DEFAULTS = {
    "application_name": "remit",
    "connect_timeout": "10",
    # A peer that fell silent is given up: the kernel would wait for a quarter of an hour.
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
IDLE_IN_TRANSACTION_MS = 10_000
"""A stopped process that holds rows is cut off after this, so that others can go on."""
NOT_YET = ("starting up", "shutting down", "recovery", "terminating connection")
NOBODY = ("Connection refused", "No such file or directory", "timeout", "timed out", "translate host name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What every connection of a store shares."""

    address: str
    shown: str
    """The address without its password."""
    wait_s: float
    clock: Callable[[], float] | None
    """A test's clock; None where the database's own is the only one."""

    def connect(self, *, writes: bool = False) -> Connection:
        """A new connection; psycopg.OperationalError if there is none to be had."""
        return connect(self.address, wait_s=self.wait_s, writes=writes)

    def tell_time(self, connection: Connection) -> None:
        """Tells a test's clock to the session, where only a test's own `unix_now()` listens to it."""
        if self.clock is not None:
            connection.execute("select set_config('remit.now', %s, false)", [repr(self.clock())])


def connect(address: str, *, wait_s: float, writes: bool = False) -> Connection:
    """A connection that commits each statement by itself; psycopg.OperationalError if there is none."""
    given = conninfo_to_dict(address)
    info = make_conninfo(address, **{key: value for key, value in DEFAULTS.items() if key not in given})
    connection = psycopg.connect(info, autocommit=True, prepare_threshold=0)
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.adapters.register_dumper(str, _Text)
    settings = {
        "lock_timeout": f"{max(1, int(wait_s * 1000))}ms",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_MS}ms",
        "client_min_messages": "error",
        # What was written lately lies in memory: newest rows are best read one by one, in their order.
        "random_page_cost": "1.1",
    }
    if writes:
        # Every statement of the writer goes by keys: planned once, and never as a scan of a table.
        settings |= {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
    assignments = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items())
    try:
        connection.execute(literal(f"select {assignments}"), prepare=False)
    except BaseException:
        connection.close()
        raise
    return connection


def literal(statement: str) -> LiteralString:
    """A statement that this room wrote, as the driver wants to see it marked."""
    return cast("LiteralString", statement)


class _Text(StrDumperUnknown):
    """Texts whose type Postgres finds out by where they stand; it cannot hold the character NUL."""

    def dump(self, obj: str) -> bytes:
        return without_nul(obj).encode()


def without_nul(text: str) -> str:
    """The text with NUL as its picture; the event itself, in bytes, keeps what was said."""
    return text.replace("\x00", "\u2400") if "\x00" in text else text


GONE = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.IdleInTransactionSessionTimeout,
    # What was the main server is a copy now: the next connection finds the new one.
    psycopg.errors.ReadOnlySqlTransaction,
)


def lost(connection: Connection | None, error: psycopg.Error) -> bool:
    """Whether the error means that the database went away, not that it refused something."""
    if isinstance(error, GONE):
        return True
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    # An error without a code is the driver's own: the server said nothing any more.
    return error.sqlstate is None or connection is None or connection.closed or connection.broken


def not_yet(error: psycopg.Error) -> bool:
    """Whether a server answered that it cannot be used for a moment."""
    return any(text in str(error) for text in NOT_YET)


def nobody_answers(error: psycopg.Error) -> bool:
    """Whether there is no server at the address, or none that can be used yet."""
    return not_yet(error) or any(text in str(error) for text in NOBODY)


@contextlib.contextmanager
def translated(address: str) -> Generator[None]:
    """Turns the driver's errors into ours, each with what to do; `address` is one that may be shown."""
    try:
        yield
    except psycopg.Error as error:
        raise explain(address, error) from error


def explain(address: str, error: psycopg.Error) -> StoreError:
    """The StoreError that an error of the driver stands for."""
    text = " ".join(str(error).split())
    match error:
        case psycopg.errors.DiskFull():
            return StoreFull(
                f"There is no space left for {address}.",
                remedy="Free some space; runs go on where they stopped.",
            )
        case psycopg.errors.LockNotAvailable() | psycopg.errors.QueryCanceled():
            return StoreLocked(
                f"{address} is held by another session: {text}.",
                remedy="Wait until it is done, or end that session.",
            )
        case psycopg.errors.InsufficientPrivilege():
            return StoreError(
                f"{address} refuses: {text}.",
                remedy="Let a role that may do it run `remit db upgrade`, and grant this one the tables.",
            )
        case psycopg.errors.DataCorrupted() | psycopg.errors.IndexCorrupted():
            return StoreCorrupt(f"{address} is damaged: {text}.", remedy="Restore it from a backup.")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return StoreError(
                f"{address} cannot be reached: {text}.",
                remedy="Check that the database runs and that the address, user and password are right.",
            )
        case _:
            return StoreError(f"{address} cannot be used: {text}.", remedy="`remit db check` looks at it.")
