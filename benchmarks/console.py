"""Does the console stay quick over a log of a million runs? `remit serve`, twenty requests a second.

`python console.py [--runs 1000000] [--seconds 60] [--per-second 20] [--keep FOLDER]`

A real `remit serve` on the loopback, once on SQLite and once on Postgres. Requests are sent when their moment
has come, whether or not earlier ones were answered, and what a request waited for that counts.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, RemoteDisconnected
from importlib.resources import files
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bulk_log import RUNS, FullLogs, full_logs
from report import last_line
from servers import cpu_s

from remit.store import Store, open_store

WITHIN_MS, PAGE_KB, SCRIPT_KB = 150, 150, 20
TARGETS = {
    **{
        f"{kind}_p95_ms_{on}": f"< {WITHIN_MS}"
        for on in ("sqlite", "postgres")
        for kind in ("runs", "run", "review")
    },
    **{f"slowest_p95_ms_{on}": f"< {WITHIN_MS}" for on in ("sqlite", "postgres")},
    "page_kb": f"< {PAGE_KB}",
    "script_kb": f"< {SCRIPT_KB}",
}
MIX = {
    "runs": 2,
    "runs, one filter": 6,
    "runs, two filters": 3,
    "runs, a bound": 1,
    "runs, what is different": 1,
    "run of 500 steps": 2,
    "run": 1,
    "review": 2,
    "case": 1,
    "home": 1,
    "agent": 1,
}
"""How often each kind of page is asked for, among all."""
RANGES = ("1h", "24h", "7d", "30d")
BOUNDS = ("ms>1000", "ms>10000", "cost>1", "steps>3", "tokens<100")
SAMPLE = 60
WARM_UP = 2
THREADS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """One answer: of which kind of page, milliseconds since its moment, and its size."""

    kind: str
    ms: float
    size: int
    path: str


@contextmanager
def serving(folder: Path, address: str) -> Iterator[tuple[int, int]]:
    """`remit serve` over that log; its port and its process."""
    command = [str(Path(sys.executable).parent / "remit"), "serve", "--port", "0", "--json"]
    command += ["--no-workers-inline", "--store", address]
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["port"], process.pid
        finally:
            process.terminate()
            process.wait(60)


class Pages:
    """Addresses of each kind of page, of what really stands in the log."""

    def __init__(self, store: Store, served: list[str], long_run: str, dice: random.Random) -> None:
        self._served = served
        self._dice = dice
        self._long_run = long_run
        self._values = {
            name: self._sample(
                store, f"select distinct {column} as value from run where {column} is not null"
            )
            for name, column in (
                ("agent", "agent"),
                ("outcome", "outcome"),
                ("mode", "mode"),
                ("state", "state"),
                ("tenant", "tenant"),
                ("user", "user_id"),
                ("conversation", "conversation"),
                ("release", "release_hash"),
            )
        }
        self._values |= {
            "tool": ["find", "pay"],
            "queue": ["refunds", "front-desk"],
            "rating": ["bad"],
        }
        self._runs = self._sample(store, "select run_id as value from run")
        self._cases = self._sample(store, "select case_id as value from review_case")
        self._open = store.select(
            "select opened_at, case_id from review_case where state = 'open' and queue = 'refunds'", {}
        )

    def _sample(self, store: Store, statement: str) -> list[str]:
        values = sorted(row["value"] for row in store.select(statement, {}))
        return values if len(values) <= SAMPLE else self._dice.sample(values, SAMPLE)

    def path(self, kind: str) -> str:
        """One address of that kind."""
        dice = self._dice
        match kind:
            case "home":
                return "/"
            case "agent":
                return f"/agents/{dice.choice(self._served)}"
            case "run":
                return f"/runs/{dice.choice(self._runs)}"
            case "run of 500 steps":
                return f"/runs/{self._long_run}"
            case "case":
                return f"/review/{dice.choice(self._cases)}"
            case "review":
                return f"/review{dice.choice(['', '?queue=refunds', '?queue=front-desk'])}"
            case _:
                return f"/runs?{urlencode(self._search(kind))}"

    def _search(self, kind: str) -> dict[str, str]:
        dice = self._dice
        asked = {"since": dice.choice(RANGES)}
        count = {"runs": 0, "runs, one filter": 1, "runs, two filters": 2}.get(kind, 1)
        names = dice.sample(list(self._values), count)
        words = [f"{name}:{dice.choice(self._values[name])}" for name in names]
        if kind == "runs, a bound":
            words.append(dice.choice(BOUNDS))
        if kind == "runs, what is different":
            asked["different"] = "1"
        return {**asked, **({"q": " ".join(words)} if words else {})}


class Client:
    """Connections that stay open, one for each thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._own = threading.local()

    def get(self, kind: str, path: str, moment: float) -> Took:
        """One page; RuntimeError if it is not shown."""
        status, size = self._answer(path)
        if status != 200:
            raise RuntimeError(f"{path} was answered with {status}")
        return Took(kind=kind, ms=(time.perf_counter() - moment) * 1000, size=size, path=path)

    def _answer(self, path: str) -> tuple[int, int]:
        kept: HTTPConnection | None = getattr(self._own, "connection", None)
        for connection in (*([kept] if kept is not None else []), self._connected()):
            try:
                connection.request("GET", path)
                reply = connection.getresponse()
                size = len(reply.read())
            except (RemoteDisconnected, ConnectionError):
                # A server lets a connection go that was idle for some seconds.
                connection.close()
                continue
            self._own.connection = connection
            return reply.status, size
        raise RuntimeError(f"{path} was not answered")

    def _connected(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._port, timeout=60)


def load(port: int, pages: Pages, seconds: float, per_second: float, dice: random.Random) -> list[Took]:
    """Every answer, in the order of the requests."""
    client = Client(port)
    for kind in [*MIX] * WARM_UP:
        client.get(kind, pages.path(kind), time.perf_counter())
    kinds = dice.choices(list(MIX), list(MIX.values()), k=int(seconds * per_second))
    paths = [pages.path(kind) for kind in kinds]
    with ThreadPoolExecutor(THREADS) as threads:
        begin = time.perf_counter()
        asked = []
        for number, (kind, path) in enumerate(zip(kinds, paths, strict=True)):
            moment = begin + number / per_second
            time.sleep(max(0.0, moment - time.perf_counter()))
            asked.append(threads.submit(client.get, kind, path, moment))
        return [each.result() for each in asked]


def p95(took: list[float]) -> float:
    """The value that one in twenty exceeds."""
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def of_kind(answers: list[Took], kind: str) -> list[float]:
    """Milliseconds of one kind of page."""
    return [each.ms for each in answers if each.kind == kind]


def print_table(answers: list[Took]) -> None:
    """One line for each kind of page."""
    print(f"{'page':<28}{'asked':>8}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}{'most KB':>10}  slowest")
    for kind in MIX:
        rows = [each for each in answers if each.kind == kind]
        took = of_kind(answers, kind)
        worst = max(rows, key=lambda each: each.ms)
        largest = max(each.size for each in rows) / 1024
        print(
            f"{kind:<28}{len(rows):>8}{median(took):>10.1f}{p95(took):>10.1f}{worst.ms:>10.1f}{largest:>10.1f}"
            f"  {worst.path}",
            flush=True,
        )


def measured(logs: FullLogs, on: str, options: argparse.Namespace) -> tuple[list[Took], float]:
    """The answers on one database, and the server's CPU milliseconds for each."""
    dice = random.Random(7)
    address = str(logs.source.path) if on == "sqlite" else logs.address
    with closing(open_store(address, time.time)) as store:
        served = sorted(place.name for place in (logs.source.folder / "agents").iterdir())
        pages = Pages(store, served, logs.source.long_run, dice)
    with serving(logs.source.folder, address) as (port, pid):
        before = cpu_s(pid)
        answers = load(port, pages, options.seconds, options.per_second, dice)
        return answers, (cpu_s(pid) - before) / len(answers) * 1000


def script_kb() -> float:
    """What every page may load of the console's own JavaScript."""
    static = files("remit.console") / "static"
    return sum(len(file.read_bytes()) for file in static.iterdir() if file.name.endswith(".js")) / 1024


def main() -> None:
    """Measure, print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--per-second", type=float, default=20)
    parser.add_argument("--keep", type=Path, help="keep the filled log in this folder")
    options = parser.parse_args()
    figures: dict[str, float | int | str | list[str]] = {
        "runs": options.runs,
        "per_second": options.per_second,
    }
    largest = 0
    with full_logs(options.keep, options.runs) as logs:
        for on in ("sqlite", "postgres"):
            print(f"On {on}; load of the machine {os.getloadavg()[0]:.1f}", flush=True)
            answers, cpu_ms = measured(logs, on, options)
            print_table(answers)
            searches = [each.ms for each in answers if each.kind.startswith("runs")]
            by_kind = {kind: p95(of_kind(answers, kind)) for kind in MIX}
            figures |= {
                f"runs_p95_ms_{on}": round(p95(searches), 1),
                f"run_p95_ms_{on}": round(by_kind["run of 500 steps"], 1),
                f"review_p95_ms_{on}": round(by_kind["review"], 1),
                f"slowest_p95_ms_{on}": round(max(by_kind.values()), 1),
                f"cpu_ms_a_page_{on}": round(cpu_ms, 1),
                f"slowest_{on}": max(by_kind, key=lambda kind: by_kind[kind]),
            }
            largest = max(largest, *(each.size for each in answers))
    figures |= {
        "page_kb": round(largest / 1024, 1),
        "script_kb": round(script_kb(), 1),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }
    print(last_line("console", figures, TARGETS))


if __name__ == "__main__":
    main()
