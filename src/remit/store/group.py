"""All appends of a group as one statement: set-based, checked row by row inside the database.

A head that moved, or a run that exists, gives no row back, and nothing of that append is added.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from remit.store.arrays import Column, column
from remit.store.rows import Append, EventRow

TEXT, WHOLE, REAL, BYTES = "text", "bigint", "double precision", "bytea"
CHAIN = {"head": WHOLE, "chain": BYTES}
HEAD = {**CHAIN, "wakes": WHOLE, "steps": WHOLE, "tokens": WHOLE, "cost_usd": REAL}
STANDING = {
    "release_hash": TEXT,
    "state": TEXT,
    "outcome": TEXT,
    "mode": TEXT,
    "deadline": REAL,
    "ended_at": REAL,
}
LEASE = {"lease_wake": TEXT, "lease_s": REAL}
ADMISSION = {
    "agent": TEXT,
    "priority": WHOLE,
    "tenant": TEXT,
    "user_id": TEXT,
    "conversation": TEXT,
    "idempotency_key": TEXT,
    "admitted_at": REAL,
}
LEASED_UNTIL = "case when v.lease_s > 0 then unix_now() + v.lease_s else 0 end"
EVENT = {
    "run_id": TEXT,
    "seq": WHOLE,
    "id": TEXT,
    "at": REAL,
    "kind": TEXT,
    "digest": BYTES,
    "chain": BYTES,
    "subject": TEXT,
    "failed": WHOLE,
    "latency_ms": REAL,
    "body_id": WHOLE,
    "salt": BYTES,
    "data": BYTES,
}
COURSES: dict[str, dict[str, str]] = {
    "admit": {"run_id": TEXT, **ADMISSION, **STANDING, **LEASE, **HEAD},
    "wake": {"run_id": TEXT, "expected_head": WHOLE, "wake": TEXT, **STANDING, **LEASE, **HEAD},
    "within_wake": {"run_id": TEXT, "expected_head": WHOLE, **HEAD},
    "outside": {"run_id": TEXT, "expected_head": WHOLE, **STANDING, **HEAD},
    "begin_stream": {"run_id": TEXT, **CHAIN},
    "stream": {"run_id": TEXT, "expected_head": WHOLE, **CHAIN},
}
"""What each course writes: an unnamed column is not touched."""
CONDITIONS = ("run_id", "expected_head", "wake")
"""What an append is recognised and let through by; not written."""
FREE = "(run.lease_wake is null or run.lease_wake = v.wake or run.lease_until < unix_now())"
BEGINNINGS = ("admit", "begin_stream")
STREAMS = ("begin_stream", "stream")


class Group(NamedTuple):
    """The statement of a group and its values."""

    statement: str
    values: list[Column | int]


def group_of(appends: Sequence[Append], body_ids: Callable[[int], Iterable[int]], *, strict: bool) -> Group:
    """One statement for appends of different runs; it returns the run ids that moved.

    A strict one fails as a whole (division by zero) unless every one of them moves.
    """
    by_course: dict[str, list[Append]] = {}
    for append in appends:
        by_course.setdefault(_course(append), []).append(append)
    values: list[Column | int] = []
    courses = tuple(name for name in COURSES if name in by_course)
    for name in courses:
        members = by_course[name]
        for key, kind in COURSES[name].items():
            if key == "expected_head":
                values.append(column(kind, [append.expected_head for append in members]))
            else:
                values.append(column(kind, [append.run[key] for append in members]))
    rows = [(append.run_id, *row) for append in appends for row in append.events]
    if rows:
        values.extend(_events(rows, body_ids))
    if strict:
        values.append(len(appends))
    return Group(_statement(courses, with_events=bool(rows), strict=strict), values)


def _course(append: Append) -> str:
    if append.expected_head >= 0:
        return append.course
    return "begin_stream" if append.course == "stream" else "admit"


def _events(rows: Sequence[tuple[object, ...]], body_ids: Callable[[int], Iterable[int]]) -> list[Column]:
    columns = list(zip(*rows, strict=True))
    # The row as it is handed over ends with salt and data; the body's number stands before them.
    columns.insert(1 + EventRow._fields.index("salt"), tuple(body_ids(len(rows))))
    return [column(kind, values) for kind, values in zip(EVENT.values(), columns, strict=True)]


@lru_cache(maxsize=64)
def _statement(courses: tuple[str, ...], *, with_events: bool, strict: bool) -> str:
    parts = [_begin(name) if name in BEGINNINGS else _advance(name) for name in courses]
    union = " union all ".join(f"select run_id from moved_{name}" for name in courses)
    parts.append(f"moved as materialized ({union})")
    if with_events:
        parts.append(f"given as materialized (select v.* from {_unnest(EVENT)} join moved using (run_id))")
        names = ", ".join(name for name in EVENT if name not in ("salt", "data"))
        parts.append(f"added as (insert into event ({names}) select {names} from given)")
        names = "body_id, run_id, seq, salt, data"
        parts.append(f"kept as (insert into body ({names}) select {names} from given)")
    last = "select run_id from moved"
    if strict:
        last = "select 1 / (case when (select count(*) from moved) = %s then 1 else 0 end)"
    return f"with {', '.join(parts)} {last}"


def _unnest(columns: dict[str, str]) -> str:
    arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
    return f"unnest({arrays}) as v({', '.join(columns)})"


def _begin(course: str) -> str:
    columns = COURSES[course]
    key = _key(course)
    names = [name for name in columns if name not in ("run_id", "lease_s")]
    into, given = ", ".join(names), ", ".join(f"v.{name}" for name in names)
    if "lease_s" in columns:
        into, given = f"{into}, lease_until", f"{given}, {LEASED_UNTIL}"
    return (
        f"moved_{course} as (insert into {_table(course)} ({key}, {into})"
        f" select v.run_id, {given} from {_unnest(columns)}"
        f" on conflict do nothing returning {key} as run_id)"
    )


def _advance(course: str) -> str:
    columns, table = COURSES[course], _table(course)
    changes = [f"{name} = v.{name}" for name in columns if name not in (*CONDITIONS, "lease_s")]
    if "lease_s" in columns:
        changes.append(f"lease_until = {LEASED_UNTIL}")
    free = f" and {FREE}" if "wake" in columns else ""
    return (
        f"moved_{course} as (update {table} set {', '.join(changes)} from {_unnest(columns)}"
        f" where {table}.{_key(course)} = v.run_id and {table}.head = v.expected_head{free}"
        f" returning v.run_id)"
    )


def _table(course: str) -> str:
    return "stream" if course in STREAMS else "run"


def _key(course: str) -> str:
    return "stream_id" if course in STREAMS else "run_id"
