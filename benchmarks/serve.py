"""How soon is the first page there, and what does the server hold in memory? `remit serve` beside `adk web`.

`python serve.py [--rounds 7]`

Each serves one agent of its own, on the loopback, with nothing of the other's. They are started in turns.
"""

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
from report import last_line, table

TARGETS = {"start_ratio": "<= 1.0", "memory_ratio": "<= 1.2", "memory_in_use_ratio": "<= 1.2"}
EVERY_S, PATIENCE_S = 0.005, 120.0
USES = 20
SCRIPTS = Path(sys.executable).parent
REMIT = """\
remit: 1
agent: hello
purpose: Answer questions.
model: {use: "openai-compatible:nobody", base_url: "http://127.0.0.1:9", tries: 1}
handover: front-desk
does: [answer questions]
queues: {front-desk: {}}
"""
ADK = """\
from google.adk.agents import Agent

root_agent = Agent(name="hello", model="gemini-2.5-flash", instruction="Answer questions.")
"""


class Client:
    """One connection at a time to a server of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, method: str, path: str, body: object = None) -> int:
        """The status of the answer, whose whole body is read; OSError while nobody listens."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            sent = json.dumps(body) if body is not None else None
            connection.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
            reply = connection.getresponse()
            reply.read()
            return reply.status
        finally:
            connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A server: how it is started, its first page, and some use of it."""

    name: str
    write: Callable[[Path], None]
    command: Callable[[int], list[str]]
    first_page: str
    use: Callable[[Client], None]


def write_remit(folder: Path) -> None:
    """One agent of ours, and an empty log."""
    place = folder / "agents" / "hello"
    place.mkdir(parents=True)
    (place / "remit.yaml").write_text(REMIT)


def write_adk(folder: Path) -> None:
    """One agent as the Agent Development Kit's own command lays it out."""
    place = folder / "agents" / "hello"
    place.mkdir(parents=True)
    (place / "__init__.py").write_text("from . import agent\n")
    (place / "agent.py").write_text(ADK)


def use_remit(client: Client) -> None:
    """Every page some times, and a run whose model cannot be reached."""
    for _ in range(USES):
        for path in ("/", "/agents/hello", "/runs", "/review"):
            expect(client.ask("GET", path), 200)
    expect(client.ask("POST", "/v1/runs", {"agent": "hello", "input": "Hello?", "wait_s": 30}), 200)


def use_adk(client: Client) -> None:
    """The page and what it asks for some times, and a run whose model cannot be reached."""
    for _ in range(USES):
        for path in ("/dev-ui/", "/list-apps", "/apps/hello/users/user/sessions", "/version"):
            expect(client.ask("GET", path), 200)
    expect(client.ask("POST", "/apps/hello/users/user/sessions/one", {}), 200)
    said = {"role": "user", "parts": [{"text": "Hello?"}]}
    run = {"app_name": "hello", "user_id": "user", "session_id": "one", "new_message": said}
    client.ask("POST", "/run", run)


def expect(status: int, wanted: int) -> None:
    """RuntimeError if the answer was another."""
    if status != wanted:
        raise RuntimeError(f"answered with {status} instead of {wanted}")


REMIT_SERVE = Contender(
    name="remit serve",
    write=write_remit,
    command=lambda port: [str(SCRIPTS / "remit"), "serve", "--port", str(port)],
    first_page="/",
    use=use_remit,
)
ADK_WEB = Contender(
    name="adk web",
    write=write_adk,
    command=lambda port: [str(SCRIPTS / "adk"), "web", "--port", str(port), "agents"],
    first_page="/dev-ui/",
    use=use_adk,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One start: seconds to the first page, CPU seconds to it, and megabytes after it and after some use."""

    start_s: float
    cpu_s: float
    first_mb: float
    used_mb: float


@contextmanager
def started(contender: Contender, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server in a process of its own; it is ended with everything that it started."""
    environment = {**os.environ, "GOOGLE_API_KEY": "none", "REMIT_STORE": str(folder / "remit.db")}
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            contender.command(port), cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def measured(contender: Contender) -> Measured:
    """One start in a folder of its own."""
    with TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        contender.write(folder)
        begin = time.perf_counter()
        with started(contender, folder, port) as process:
            client = Client(port)
            wait_for_first_page(client, contender, process, folder)
            start_s = time.perf_counter() - begin
            times = psutil.Process(process.pid).cpu_times()
            first_mb = resident_mb(process.pid)
            contender.use(client)
            return Measured(
                start_s=start_s,
                cpu_s=times.user + times.system,
                first_mb=first_mb,
                used_mb=resident_mb(process.pid),
            )


def wait_for_first_page(
    client: Client, contender: Contender, process: subprocess.Popen[bytes], folder: Path
) -> None:
    """Returns with the first page; RuntimeError where it does not come."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.ask("GET", contender.first_page) == 200:
                return
        except (OSError, HTTPException):
            time.sleep(EVERY_S)
    raise RuntimeError(f"{contender.name} shows no page: {(folder / 'log.txt').read_text()[-2000:]}")


def resident_mb(pid: int) -> float:
    """What the processes hold in memory; what they share with others counts in part."""
    parent = psutil.Process(pid)
    everyone = [parent, *parent.children(recursive=True)]
    return sum(each.memory_full_info().pss for each in everyone) / 1e6


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def main() -> None:
    """Measure, print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    found: dict[str, list[Measured]] = {REMIT_SERVE.name: [], ADK_WEB.name: []}
    for contender in (REMIT_SERVE, ADK_WEB):
        measured(contender)  # so that every file has been read, and compiled, once
    for number in range(rounds):
        turn = (REMIT_SERVE, ADK_WEB) if number % 2 == 0 else (ADK_WEB, REMIT_SERVE)
        for contender in turn:
            found[contender.name].append(measured(contender))
    ours, theirs = found[REMIT_SERVE.name], found[ADK_WEB.name]
    columns: dict[str, tuple[str, Callable[[Measured], float]]] = {
        "start": ("seconds to the first page", lambda each: each.start_s),
        "cpu": ("CPU seconds to the first page", lambda each: each.cpu_s),
        "memory": ("MB after the first page", lambda each: each.first_mb),
        "memory_in_use": ("MB after some use", lambda each: each.used_mb),
    }
    figures: dict[str, float | int | str | list[str]] = {"rounds": rounds}
    for name, (unit, value) in columns.items():
        rows = {label: [value(each) for each in starts] for label, starts in found.items()}
        print(table(unit, rows, ADK_WEB.name), end="\n\n")
        our, their = (median([value(each) for each in starts]) for starts in (ours, theirs))
        figures |= {
            name: round(our, 3),
            f"{name}_adk": round(their, 3),
            f"{name}_ratio": round(our / their, 3),
        }
    figures |= {
        "google-adk": version("google-adk"),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
    print(last_line("serve", figures, TARGETS))


if __name__ == "__main__":
    main()
