"""A log of a million runs: real runs of each kind, copied under other ids, times, agents and tenants.

`python bulk_log.py FOLDER [--runs 1000000]` fills FOLDER/remit.db, and FOLDER/agents with the agents.
Every chain holds, every run folds, and every page of the console shows any of them; the copies differ in
their ids and times, and in who asked whom. One run more has five hundred steps.
"""

import argparse
import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from log_templates import CONVERSATION, DESK, TENANT, USER, Template, long_run, templates
from servers import Postgres, postgres

from remit import Remit
from remit.log import call_key, new_id
from remit.log.chain import digest, link, origin
from remit.store import open_store

RUNS = 1_000_000
DAYS = 30
AGENTS, TENANTS, USERS, CONVERSATIONS = 60, 200, 50_000, 100_000
TALKING = 0.2
RELEASES = 3
DEADLINE_S = 9000 * 3600.0
EXPIRED = 0.01
"""Share of the waiting runs whose deadline has passed."""
KINDS = {
    "waiting": 0.010,
    "decided": 0.050,
    "broken": 0.002,
    "degraded": 0.040,
    "failed": 0.015,
    "cancelled": 0.003,
    "rated": 0.010,
    "runnable": 0.001,
    "found": 0.060,
    "refused": 0.200,
}
"""The share of each kind; the others are plain answers."""
CHUNK = 5000
TABLES = ("release", "run", "event", "body", "review_case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A folder with a filled log."""

    folder: Path
    runs: int
    long_run: str

    @property
    def path(self) -> Path:
        """The log in a file."""
        return self.folder / "remit.db"


def loaded(folder: Path, runs: int = RUNS) -> Loaded:
    """The filled log of that folder; filled now where it is not yet."""
    mark = folder / "loaded.json"
    if not mark.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.db*"):
            left.unlink()
        begin = time.monotonic()
        found = _load(folder, runs)
        mark.write_text(json.dumps({"runs": runs, "long_run": found}))
        print(f"{runs} runs loaded in {time.monotonic() - begin:.0f} s", flush=True)
    known = json.loads(mark.read_text())
    if known["runs"] != runs:
        raise SystemExit(f"{folder} holds a log of {known['runs']} runs, not of {runs}.")
    return Loaded(folder=folder, runs=runs, long_run=known["long_run"])


def agents(folder: Path) -> dict[str, str]:
    """The agents of a folder, made where they are not there, with the hash of each one's release."""
    found: dict[str, str] = {}
    for number in range(AGENTS):
        name = f"desk-{number:02}"
        place = folder / "agents" / name
        if not place.exists():
            copytree(DESK, place)
            text = (place / "remit.yaml").read_text().replace("agent: log-desk", f"agent: {name}")
            (place / "remit.yaml").write_text(text)
        found[name] = Remit.load(place).release.hash
    return found


def _load(folder: Path, runs: int) -> str:
    known = agents(folder)
    by_kind = templates(folder)
    path = folder / "remit.db"
    longest = long_run(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = memory")
        connection.execute("pragma synchronous = off")
        connection.execute("begin")
        indexes = connection.execute(
            "select name, sql from sqlite_master where type = 'index' and sql is not null"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}")
        first_body = connection.execute("select max(body_id) + 1 from body").fetchone()[0]
        _insert(connection, Copies(known, by_kind, runs, first_body))
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("commit")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma journal_mode = wal")
    return longest


def _insert(connection: sqlite3.Connection, copies: "Copies") -> None:
    copied = copies.each()
    done = 0
    while chunk := list(islice(copied, CHUNK)):
        for table in ("run", "event", "body", "review_case"):
            rows = [row for copy in chunk for row in copy[table]]
            if rows:
                places = ", ".join("?" for _ in rows[0])
                connection.executemany(f"insert into {table} values ({places})", rows)
        done += len(chunk)
        if done % 100_000 == 0:
            print(f"{done} runs", flush=True)


class Copies:
    """Copies of the templates in the order of their time, as rows of each table."""

    def __init__(
        self,
        known: Mapping[str, str],
        by_kind: Mapping[str, Mapping[bool, Template]],
        runs: int,
        first_body: int,
    ) -> None:
        self._dice = random.Random(1)
        self._kinds = _kinds(runs, self._dice)
        self._by_kind = by_kind
        self._body = first_body
        self._event = 0
        self._now = time.time()
        names = list(known)
        self._dice.shuffle(names)
        # A few agents and tenants have most of the runs, as in life.
        self._agents = self._dice.choices(names, [1 / (n + 1) for n in range(AGENTS)], k=10_000)
        self._tenants = self._dice.choices(range(TENANTS), [1 / (n + 1) for n in range(TENANTS)], k=10_000)
        old = ["".join(self._dice.choices("0123456789abcdef", k=16)) for _ in range(AGENTS * RELEASES)]
        self._releases = {
            name: [*old[n * RELEASES : (n + 1) * RELEASES - 1], known[name]] for n, name in enumerate(known)
        }

    def each(self) -> Iterator[dict[str, list[Sequence[Any]]]]:
        """The rows of one run after the other."""
        count = len(self._kinds)
        for number, kind in enumerate(self._kinds):
            share = (number + self._dice.random()) / count
            at = self._now - DAYS * 86400 * (1 - share)
            yield self._copy(kind, share, at)

    def _copy(self, kind: str, share: float, at: float) -> dict[str, list[Sequence[Any]]]:
        dice = self._dice
        talks = dice.random() < TALKING
        template = self._by_kind[kind][talks]
        agent = dice.choice(self._agents)
        changes: dict[str, Any] = {
            "run_id": new_id(at, dice.randbytes),
            "agent": agent,
            "release_hash": self._releases[agent][min(int(share * RELEASES), RELEASES - 1)],
            "tenant": f"tenant-{dice.choice(self._tenants):03}",
            "user_id": f"user-{dice.randrange(USERS)}",
            "conversation": f"talk-{dice.randrange(CONVERSATIONS)}" if talks else None,
        }
        case: dict[str, Any] = {}
        if template.case is not None:
            case = {"case_id": new_id(at + 1, dice.randbytes), "run_id": changes["run_id"]}
            # What a case is ordered by is its deadline once more.
            if template.case["deadline"] is not None:
                case["deadline"] = round(at + (3600 if dice.random() < EXPIRED else DEADLINE_S), 3)
                case["due"] = case["deadline"]
        replaced = _replaced(template, changes, case, kind)
        # Templates take milliseconds; copies take up to some seconds.
        slower = dice.lognormvariate(4, 1)
        events, bodies, chain = self._events(template, changes["run_id"], at, slower, replaced)
        run = {**template.run, **changes, "chain": chain, "admitted_at": at}
        if run["ended_at"] is not None:
            run["ended_at"] = at + (template.run["ended_at"] - template.run["admitted_at"]) * slower
        if run["deadline"] is not None:
            run["deadline"] = case["deadline"]
        cases: list[Sequence[Any]] = []
        if template.case is not None:
            opened = at + (template.case["opened_at"] - template.run["admitted_at"]) * slower
            cases = [tuple({**template.case, **case, "opened_at": opened}.values())]
        return {"run": [tuple(run.values())], "event": events, "body": bodies, "review_case": cases}

    def _events(
        self, template: Template, run_id: str, at: float, slower: float, replaced: list[tuple[bytes, bytes]]
    ) -> tuple[list[Sequence[Any]], list[Sequence[Any]], bytes]:
        events: list[Sequence[Any]] = []
        bodies: list[Sequence[Any]] = []
        chain = origin(run_id)
        for event in template.events:
            data, sealed = event.data, event.digest
            for old, new in replaced:
                if old in data:
                    data = data.replace(old, new)
            if data is not event.data:
                sealed = digest(event.salt, data)
            self._event += 1
            event_id = f"{self._event:016x}"
            moment = at + event.after_s * slower
            chain = link(chain, run_id, event.seq, event_id, moment, event.kind, sealed)
            measured = (event.subject, event.failed, event.latency_ms)
            events.append(
                (run_id, event.seq, event_id, moment, event.kind, sealed, chain, *measured, self._body)
            )
            bodies.append((self._body, run_id, event.seq, event.salt, data))
            self._body += 1
        return events, bodies, chain


def _kinds(runs: int, dice: random.Random) -> list[str]:
    found = [kind for kind, share in KINDS.items() for _ in range(round(share * runs))]
    found += ["plain"] * (runs - len(found))
    dice.shuffle(found)
    return found


def _replaced(
    template: Template, changes: Mapping[str, Any], case: Mapping[str, Any], kind: str
) -> list[tuple[bytes, bytes]]:
    """What stands otherwise in the bodies of the copy."""
    pairs = [
        (f'"{template.run["agent"]}"', f'"{changes["agent"]}"'),
        (template.run["release_hash"], changes["release_hash"]),
        (template.run["run_id"], changes["run_id"]),
        (TENANT, changes["tenant"]),
        (USER, changes["user_id"]),
    ]
    for event in template.events:
        if event.kind == "model_answered":
            # A call's key is made of its run's id.
            old, new = (
                call_key(run_id, event.seq, 0) for run_id in (template.run["run_id"], changes["run_id"])
            )
            pairs.append((old, new))
    if changes["conversation"] is not None:
        pairs.append((f"{CONVERSATION}-{kind}", changes["conversation"]))
    if template.case is not None:
        pairs.append((template.case["case_id"], case["case_id"]))
        if "deadline" in case:
            pairs.append((repr(template.case["deadline"]), repr(case["deadline"])))
    return [(old.encode(), new.encode()) for old, new in pairs]


def on_postgres(source: Loaded, address: str) -> None:
    """Copies the log of a file into an empty database."""
    begin = time.monotonic()
    open_store(address, time.time).close()
    with psycopg.connect(address) as connection, closing(sqlite3.connect(source.path)) as file:
        indexes = connection.execute(
            "select indexname, indexdef from pg_indexes where schemaname = current_schema()"
            " and tablename = any(%s) and indexname not like '%%_pkey'",
            [list(TABLES)],
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}")
        for table in TABLES:
            _copied(connection, file, table)
        for _, definition in indexes:
            connection.execute(definition)
        last = file.execute("select max(body_id) from body").fetchone()[0]
        connection.execute("select setval('body_block', %s)", [last // 1000 * 1000 + 1001])
    with psycopg.connect(address, autocommit=True) as connection:
        # What its autovacuum would have done by then.
        connection.execute("vacuum analyze")
    print(f"copied to Postgres in {time.monotonic() - begin:.0f} s", flush=True)


def _copied(connection: psycopg.Connection[Any], file: sqlite3.Connection, table: str) -> None:
    columns = [(row[1], row[2].lower()) for row in file.execute(f"pragma table_info({table})")]
    names = ", ".join(name for name, _ in columns)
    kinds = {"integer": "int8", "real": "float8", "blob": "bytea", "text": "text"}
    with connection.cursor().copy(f"copy {table} ({names}) from stdin (format binary)") as copy:
        copy.set_types([kinds[kind] for _, kind in columns])
        reals = [number for number, (_, kind) in enumerate(columns) if kind == "real"]
        for row in file.execute(f"select {names} from {table}"):
            if any(type(row[number]) is int for number in reals):
                row = tuple(float(v) if n in reals and v is not None else v for n, v in enumerate(row))
            copy.write_row(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullLogs:
    """One full log in a file and on a server, and a folder for empty ones on both."""

    source: Loaded
    server: Postgres
    address: str
    empty: Path


@contextmanager
def full_logs(keep: Path | None, runs: int) -> Iterator[FullLogs]:
    """The full log on both databases; in `keep` it stays for the next time."""
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as temporary:
        source = loaded(keep or Path(temporary) / "full", runs)
        with postgres(source.folder) as server:
            mark = source.folder / "copied"
            if not mark.exists():
                on_postgres(source, server.database("remit"))
                mark.touch()
            address = server.address("remit")
            (source.folder / "remit.url").write_text(address)
            empty = Path(temporary) / "empty"
            empty.mkdir()
            (empty / "remit.url").write_text(server.database(f"empty_{os.getpid()}"))
            yield FullLogs(source=source, server=server, address=address, empty=empty)


def main() -> None:
    """Fill a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    loaded(options.folder, options.runs)


if __name__ == "__main__":
    main()
