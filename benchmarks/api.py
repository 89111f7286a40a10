"""What does the HTTP API add to a run, and what does an open stream cost?

`python api.py [--rounds 9] [--runs 40] [--clients 200]`

The same run, once called in the server's own process and once over HTTP with a key, in turns, by one client
that keeps its connection. Then so many clients follow a run each, and every one must get every step.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from datetime import datetime
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from report import last_line
from the_run import ANSWER, INPUT

TARGETS = {"clients_with_every_step": ">= 200", "clients": ">= 200"}
USER = {"id": "u1"}


class Server:
    """The measured server, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        child = Path(__file__).with_name("api_child.py")
        self._process = subprocess.Popen(
            [sys.executable, child, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        hello = self._read()
        self.port: int = hello["port"]
        self.headers = {"Authorization": f"Bearer {hello['key']}", "Content-Type": "application/json"}
        self.agent: str = hello["agent"]

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended early, with status {self._process.wait()}")
        return json.loads(line)

    def order(self, text: str) -> Any:
        """What the server answers to one order."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """Ends it."""
        self._process.communicate("")


def over_http(server: Server, connection: HTTPConnection, runs: int) -> list[float]:
    """Milliseconds of each run, one after the other."""
    body = json.dumps({"agent": server.agent, "input": INPUT, "user": USER, "tenant": "t"})
    took: list[float] = []
    for _ in range(runs):
        begin = time.perf_counter()
        connection.request("POST", "/v1/runs", body, server.headers)
        reply = json.loads(connection.getresponse().read())
        took.append((time.perf_counter() - begin) * 1000)
        if reply["outcome"]["message"] != ANSWER:
            raise RuntimeError(f"the run ended otherwise: {reply}")
    return took


def share(values: list[float], part: float) -> float:
    """The value below which that part lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def submitted(server: Server, connection: HTTPConnection) -> str:
    """The id of a run that is admitted and waits for its model."""
    body = json.dumps({"agent": server.agent, "input": INPUT, "user": USER, "tenant": "t", "mode": "async"})
    connection.request("POST", "/v1/runs", body, server.headers)
    return json.loads(connection.getresponse().read())["run_id"]


async def follow(server: Server, run_id: str, opened: asyncio.Semaphore) -> tuple[list[int], list[float]]:
    """Every number that one client got, and how many milliseconds old each was."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    authorization = server.headers["Authorization"]
    request = (
        f"GET /v1/runs/{run_id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n"
    )
    writer.write(f"{request}Connection: close\r\n\r\n".encode())
    numbers: list[int] = []
    ages: list[float] = []
    while line := await reader.readline():
        if line.startswith(b"event: run"):
            opened.release()
        elif line.startswith(b"id: "):
            numbers.append(int(line[4:]))
        elif line.startswith(b"data: ") and b'"at"' in line:
            at = json.loads(line[6:])["at"]
            ages.append((time.time() - _seconds(at)) * 1000)
    writer.close()
    return numbers, ages


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


async def streams(server: Server, run_ids: list[str]) -> tuple[list[list[int]], list[float], float]:
    """What each client got, the ages of the steps that came after `go`, and the bytes of a client."""
    before = server.order("memory")
    opened = asyncio.Semaphore(0)
    followers = [asyncio.create_task(follow(server, run_id, opened)) for run_id in run_ids]
    for _ in followers:
        await opened.acquire()
    await asyncio.sleep(1)
    after = server.order("memory")
    server.order("go")
    got = await asyncio.gather(*followers)
    ages = [age for numbers, ages in got for number, age in zip(numbers, ages, strict=True) if number > 5]
    return [numbers for numbers, _ in got], ages, (after - before) / len(run_ids)


def main() -> None:
    """Measure, print and end with the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--runs", type=int, default=40, help="runs of each sort in a round")
    parser.add_argument("--clients", type=int, default=200)
    options = parser.parse_args()
    inside: list[list[float]] = []
    outside: list[list[float]] = []
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        server = Server(Path(folder))
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        server.order("runs 5")
        over_http(server, connection, 5)
        cpu_in = cpu_out = 0.0
        for _ in range(options.rounds):
            begin = server.order("cpu")
            inside.append(server.order(f"runs {options.runs}"))
            between = server.order("cpu")
            outside.append(over_http(server, connection, options.runs))
            cpu_in, cpu_out = cpu_in + between - begin, cpu_out + server.order("cpu") - between
        server.order("hold")
        run_ids = [submitted(server, connection) for _ in range(options.clients)]
        numbers, ages, client_bytes = asyncio.run(streams(server, run_ids))
        connection.close()
        server.close()
    longest = max(len(each) for each in numbers)
    whole = sum(each == list(range(longest)) for each in numbers)
    added50 = [share(out, 0.5) - share(into, 0.5) for into, out in zip(inside, outside, strict=True)]
    flat_in, flat_out = list(chain.from_iterable(inside)), list(chain.from_iterable(outside))
    figures = {
        "in_process_p50_ms": round(share(flat_in, 0.5), 2),
        "in_process_p99_ms": round(share(flat_in, 0.99), 2),
        "http_p50_ms": round(share(flat_out, 0.5), 2),
        "http_p99_ms": round(share(flat_out, 0.99), 2),
        "added_p50_ms": round(median(added50), 2),
        "added_p99_ms": round(share(flat_out, 0.99) - share(flat_in, 0.99), 2),
        "in_process_cpu_ms": round(cpu_in / len(flat_in), 2),
        "added_cpu_ms": round((cpu_out - cpu_in) / len(flat_in), 2),
        "clients": len(numbers),
        "clients_with_every_step": whole,
        "steps_each": longest,
        "step_age_p50_ms": round(share(ages, 0.5), 1),
        "step_age_p99_ms": round(share(ages, 0.99), 1),
        "kilobytes_a_client": round(client_bytes / 1024, 1),
    }
    print("4 model calls, 3 tool calls, a model that answers at once; one client, its connection kept open.")
    for name, value in figures.items():
        print(f"{name:<28}{value:>10}")
    print(last_line("api", figures, TARGETS))


if __name__ == "__main__":
    main()
