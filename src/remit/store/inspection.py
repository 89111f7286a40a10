"""What `remit db` says of a log: whether it stands as it should, and how large it is."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from remit.store.dialect import statements_of
from remit.store.format import MARKED
from remit.store.plans import hot_statements, scanned
from remit.store.port import Store
from remit.store.queries import SCHEMA

MOST_SKEW_S = 2.0
SAFE = {
    "sqlite": {"journal_mode": "wal", "synchronous": "2"},
    "postgres": {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
}
"""Settings that the log's durability rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """Rows of one table, and bytes with its indexes; None where the database does not say."""

    table: str
    rows: int
    size_bytes: int | None


def findings(store: Store, *, now: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Looks at version, pages, indexes, plans, clock and settings, one after the other."""
    revision = store.select(MARKED, {})[0]["version_num"]
    yield Finding(what="revision", good=True, said=str(revision))
    problems = _damage(store)
    yield Finding(what="pages", good=not problems, said="; ".join(problems) or "whole")
    missing = sorted(set(_named("index")) - _indexes(store))
    yield Finding(what="indexes", good=not missing, said=_listed("missing", missing) or "all there")
    slow = [name for name, (text, values) in hot_statements().items() if scanned(store, text, values)]
    yield Finding(what="plans", good=not slow, said=_listed("reads a whole table", slow) or "all by index")
    skew_s = store.select("select unix_now() as now", {})[0]["now"] - now()
    said = f"{skew_s:+.3f} s from this machine's"
    yield Finding(what="clock", good=abs(skew_s) <= MOST_SKEW_S, said=said)
    for name, wanted in SAFE[store.dialect].items():
        found = _setting(store, name)
        said = found if found == wanted else f"{found}: a power cut may lose what was acknowledged"
        yield Finding(what=name, good=found == wanted, said=said)


def table_sizes(store: Store) -> list[TableSize]:
    """Every table of the log, the largest first."""
    sizes: list[TableSize] = []
    for table in _named("table"):
        rows = store.select(f"select count(*) as n from {table}", {})[0]["n"]
        sizes.append(TableSize(table=table, rows=rows, size_bytes=_bytes(store, table)))
    return sorted(sizes, key=lambda size: (-(size.size_bytes or 0), -size.rows, size.table))


def _listed(what: str, names: list[str]) -> str:
    return f"{what}: {', '.join(names)}" if names else ""


def _named(kind: str) -> list[str]:
    pattern = re.compile(rf"create (?:unique )?{kind} (\w+)")
    found = (pattern.match(statement) for statement in statements_of(SCHEMA))
    return [match[1] for match in found if match is not None]


def _indexes(store: Store) -> set[str]:
    if store.dialect == "sqlite":
        return {
            row["name"] for row in store.select("select name from sqlite_master where type = 'index'", {})
        }
    valid = (
        "select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and i.indisvalid"
    )
    return {row["name"] for row in store.select(valid, {})}


def _damage(store: Store) -> list[str]:
    if store.dialect == "sqlite":
        found = [str(row["quick_check"]) for row in store.select("pragma quick_check", {})]
        return [line for line in found if line != "ok"]
    failures = "select checksum_failures as n from pg_stat_database where datname = current_database()"
    broken = store.select(failures, {})[0]["n"]
    return [f"{broken} pages with a wrong checksum"] if broken else []


def _setting(store: Store, name: str) -> str:
    if store.dialect == "sqlite":
        return str(store.select(f"pragma {name}", {})[0][name])
    return str(store.select("select current_setting(:name) as value", {"name": name})[0]["value"])


def _bytes(store: Store, table: str) -> int | None:
    if store.dialect == "postgres":
        size = "select pg_total_relation_size(cast(:name as regclass)) as n"
        return store.select(size, {"name": table})[0]["n"]
    if not store.select("select 1 from pragma_module_list where name = 'dbstat'", {}):
        return None
    pages = (
        "select sum(pgsize) as n from dbstat where name in"
        " (select name from sqlite_master where tbl_name = :name)"
    )
    return store.select(pages, {"name": table})[0]["n"]
