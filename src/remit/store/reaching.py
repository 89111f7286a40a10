"""Is there a server at the address yet?"""

from collections.abc import Callable

import psycopg

from remit.store.patience import Patience
from remit.store.postgres_connection import nobody_answers


def wait_for_server(address: str, patience: Patience, told: Callable[[], None]) -> None:
    """Returns when a server answers, whatever it says, or the time is over."""
    silent = False
    while True:
        try:
            psycopg.connect(address, connect_timeout=10).close()
            return
        except psycopg.OperationalError as error:
            if not nobody_answers(error):
                return
        if not silent:
            told()
            silent = True
        if not patience.pause():
            return
