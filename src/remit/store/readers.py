"""Reading from several threads: a small pool of connections that outlives a restart of the database."""

import threading
from collections.abc import Callable
from typing import TypeVar

import psycopg

from remit.store.patience import Patience
from remit.store.postgres_connection import Connection, Session, explain, lost

MOST = 4
Result = TypeVar("Result")


class Readers:
    """At most four connections; a read is tried again until the database is back or the time is over."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._idle: list[Connection] = []
        self._free = threading.BoundedSemaphore(MOST)

    def read(self, read: Callable[[Connection], Result]) -> Result:
        """What `read` finds; StoreError if the database refuses or stays away."""
        patience = Patience(self._session.wait_s)
        with self._free:
            while True:
                connection: Connection | None = None
                try:
                    connection = self._taken()
                    found = read(connection)
                except psycopg.Error as error:
                    gone = lost(connection, error)
                    self._put_back(connection, whole=not gone)
                    if gone and patience.pause():
                        continue
                    raise explain(self._session.shown, error) from error
                except BaseException:
                    self._put_back(connection, whole=False)
                    raise
                self._put_back(connection, whole=True)
                return found

    def _taken(self) -> Connection:
        connection = self._idle.pop() if self._idle else self._session.connect()
        self._session.tell_time(connection)
        return connection

    def _put_back(self, connection: Connection | None, *, whole: bool) -> None:
        if connection is None:
            return
        if whole:
            self._idle.append(connection)
            return
        connection.close()

    def close(self) -> None:
        """Lets every connection go."""
        while self._idle:
            self._idle.pop().close()
