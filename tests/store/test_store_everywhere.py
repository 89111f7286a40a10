"""What a store promises on either database: plans, revisions, retention, restarts, cuts, copies."""

import asyncio
import re
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import desk_tools
import postgres_server
from desk_world import USER, desk, run_ids
from remit import Answered, Runtime
from remit.errors import StoreError, StoreOlder
from remit.log import purge, verify
from remit.store import OnceTaken, Statement, back_up, open_store, shown_address, upgrade_log
from remit.store.dialect import for_postgres, statements_of, tables_for_postgres
from remit.store.format import REVISION
from remit.store.plans import counted_statements, hot_statements, scanned, walked
from remit.store.queries import POSTGRES_SCHEMA, load, parse
from remit.testing import ScriptedModel, call
from store_places import CLOCK, change, postgres_at

FREE = {"order": {"kind": "content"}, "text": {"kind": "content"}}
OLD_QUERIES = parse((Path(__file__).parent / "queries_of_revision_0001.sql").read_text())


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


@pytest.fixture(params=["sqlite", "postgres"])
def address(request, tmp_path):
    """Where a log lies, on each database in turn."""
    return str(tmp_path / "remit.db") if request.param == "sqlite" else postgres_at(tmp_path)


def running(address, *replies, **named):
    script = ScriptedModel(list(replies) or ["Done."], by_turn=True)
    return Runtime(address, model=script, random_share=lambda: 0.5, **named)


def agent(folder, **rules):
    return desk(folder / "desk", "mark", rules={"mark": {"args": FREE, **rules}}, handover="people")


def handled(address, remit, *inputs, conversation=None):
    async def whole():
        async with running(address, call("mark", order="7"), "Done.") as here:
            return [await here.handle(remit, each, user=USER, conversation=conversation) for each in inputs]

    return asyncio.run(whole())


# Plans


def test_nothing_that_is_asked_often_reads_a_whole_table(address):
    with closing(open_store(address, time.time)) as store:
        slow = {
            name: tables
            for name, (text, values) in hot_statements().items()
            if (tables := scanned(store, text, values))
        }
        assert slow == {}


def test_nothing_that_is_counted_for_a_page_reads_an_index_whole(address):
    with closing(open_store(address, time.time)) as store:
        slow = {
            name: found
            for name, (text, values) in counted_statements().items()
            if (found := [*scanned(store, text, values), *walked(store, text, values)])
        }
        assert slow == {}


def test_a_count_of_all_runs_is_found_out(address):
    with closing(open_store(address, time.time)) as store:
        found = walked(store, "select agent, count(*) from run group by agent", {})
        assert found == ["run_agent"]


def test_a_statement_without_an_index_is_found_out(address):
    with closing(open_store(address, time.time)) as store:
        assert scanned(store, "select run_id from run where tokens = :n", {"n": 7}) == ["run"]


# Revisions


def at_revision_0001(address):
    """A log as it was before there were revisions, made by its own text."""
    if not address.startswith("postgresql"):
        with closing(sqlite3.connect(address)) as connection:
            connection.executescript(load("revision_0001.sql"))
            connection.execute("pragma user_version = 1")
        return
    schema = re.search(r"search_path%3D(\w+)", address)[1]
    mark = "insert into meta (name, value) values ('format', '1')"
    with postgres_server.connect(address) as connection:
        connection.execute(f"drop schema {schema} cascade; create schema {schema}")
        texts = (*tables_for_postgres(load("revision_0001.sql")), POSTGRES_SCHEMA, CLOCK, mark)
        connection.execute(";\n".join(texts))


def shape(address):
    """Tables with their columns, and indexes, as the database itself describes them."""
    with closing(open_store(address, time.time)) as store:
        if store.dialect == "sqlite":
            found = store.select(
                'select m.type, m.tbl_name, m.name, c.name as column_name, c.type as kind, c."notnull", c.pk,'
                " case when m.type = 'index' then m.sql end as indexed"
                " from sqlite_master m left join pragma_table_info(m.name) c",
                {},
            )
            return {tuple(re.sub(r"\s+", "", str(value)).lower() for value in row.values()) for row in found}
        columns = store.select(
            "select table_name, column_name, data_type, is_nullable from information_schema.columns"
            " where table_schema = current_schema()",
            {},
        )
        indexes = store.select("select indexdef from pg_indexes where schemaname = current_schema()", {})
        plain = {re.sub(r"\bt_\w{16}\b", "here", row["indexdef"]) for row in indexes}
        return plain | {tuple(row.values()) for row in columns}


def test_an_empty_database_gets_its_tables_by_an_upgrade(tmp_path):
    address = postgres_at(tmp_path)
    (schema,) = change(address, "select current_schema()")[0]
    change(address, f"drop schema {schema} cascade")
    change(address, f"create schema {schema}")
    assert upgrade_log(address) == ("", REVISION)
    assert shape(address) == shape(postgres_at(tmp_path / "other"))


def test_an_old_log_is_refused_upgraded_once_and_then_like_a_new_one(address, tmp_path, request):
    at_revision_0001(address)
    with pytest.raises(StoreOlder, match="remit db upgrade"):
        open_store(address, time.time)
    assert upgrade_log(address) == ("0001", REVISION)
    assert upgrade_log(address) == (REVISION, REVISION)
    new = tmp_path / "new"
    fresh = postgres_at(new) if address.startswith("postgresql") else f"{new}.db"
    assert shape(address) == shape(fresh), "schema.sql and the revisions differ: add a revision"


def test_what_stood_in_a_log_stands_in_it_after_the_upgrade(tmp_path):
    path = tmp_path / "remit.db"
    remit = agent(tmp_path)
    handled(path, remit, "One")
    with closing(sqlite3.connect(path)) as connection, connection:
        kept = ("meta", "run", "event", "body", "review_case", "once", "breaker", "last_known", "release")
        rest = connection.execute("select type, name from sqlite_master where sql is not null order by type")
        for kind, name in [row for row in rest.fetchall() if row[1] not in kept]:
            connection.execute(f"drop {kind} if exists {name}")
        connection.execute("alter table run drop column priority")
        for column in ("rank", "due", "snoozed_until", "reserved_by", "reserved_until", "expert"):
            connection.execute(f"alter table review_case drop column {column}")
        for statement in statements_of(load("revision_0001.sql")):
            if "index" in statement.partition(" on ")[0]:
                connection.execute(statement)
    upgrade_log(path)
    assert isinstance(handled(path, remit, "Two")[0], Answered)
    with closing(open_store(path, time.time)) as store:
        assert (verify(store).whole, verify(store).runs) == (True, 2)


@pytest.mark.parametrize("name", OLD_QUERIES)
def test_statements_of_older_code_work_on_the_tables_of_today(address, name):
    statement = OLD_QUERIES[name]
    names = re.findall(r"(?<!:):(\w+)", statement)
    with closing(open_store(address, time.time)) as store:
        if store.dialect == "sqlite":
            with closing(sqlite3.connect(address)) as connection:
                connection.create_function("unix_now", 0, time.time)
                values = dict.fromkeys(names) if names else [None] * statement.count("?")
                connection.execute(f"explain {statement}", values)
            return
    if "?" in statement or ":state is null" in statement or ":agent is null" in statement:
        pytest.skip("no code for Postgres ever sent this statement")
    with postgres_server.connect(address) as connection:
        connection.execute(f"explain {for_postgres(statement)}", dict.fromkeys(names))


# Retention


def test_a_purge_drops_what_was_said_and_keeps_the_skeleton(address, tmp_path):
    remit = agent(tmp_path, ask="always")
    first = agent(tmp_path / "other")
    handled(address, first, "What I said first", conversation="c")
    handled(address, remit, "I wait")
    with closing(open_store(address, time.time)) as store:
        would = purge(store, time.time() + 1, dry_run=True)
        assert (would.runs, verify(store).erased) == (1, 0)
        gone = purge(store, time.time() + 1, dry_run=False)
        found = verify(store)
        assert gone == would
        assert (found.whole, found.erased, found.runs) == (True, gone.bodies, 2)
        assert purge(store, time.time() + 1, dry_run=False).runs == 0
        (waiting,) = store.select("select run_id from run where state = 'waiting'", {})
        assert all(event.data is not None for event in store.events(waiting["run_id"]))
        assert store.select("select count(*) as n from event", {})[0]["n"] == found.events


def test_a_conversation_goes_on_when_an_earlier_run_is_no_longer_kept(address, tmp_path):
    remit = agent(tmp_path)
    handled(address, remit, "What I said first", conversation="c")
    with closing(open_store(address, time.time)) as store:
        purge(store, time.time() + 1, dry_run=False)

    async def whole():
        model = ScriptedModel(["Done."])
        async with Runtime(address, model=model) as here:
            outcome = await here.handle(remit, "And now?", user=USER, conversation="c")
            return outcome, model.last_request.messages

    outcome, messages = asyncio.run(whole())
    assert isinstance(outcome, Answered)
    assert "no longer kept" in messages[0].text


def test_a_column_that_says_otherwise_than_the_events_is_found(address, tmp_path):
    handled(address, agent(tmp_path), "Hello")
    with closing(open_store(address, time.time)) as store:
        assert verify(store).whole
    change(address, "update run set outcome = 'failed', cost_usd = 7")
    change(address, "update event set latency_ms = 1e6 where kind = 'done'")
    with closing(open_store(address, time.time)) as store:
        reasons = [each.reason for each in verify(store).breaks]
    assert reasons == [
        "its columns do not say what it says",
        "the run's row does not say what its events say: cost_usd, outcome",
    ]


# One alone


def test_of_many_that_find_a_tools_rest_over_one_tries_it(address):
    values = {"tool": "a:t", "failures": 3, "threshold": 3, "at": 1.0}
    with closing(open_store(address, time.time)) as store:
        store.execute_now(Statement("count_breaker_failures", values))
    tried, barrier = [], threading.Barrier(8)

    def probe():
        with closing(open_store(address, time.time)) as store:
            barrier.wait(timeout=30)
            try:
                store.execute_now(Statement("claim_probe", {"tool": "a:t", "opened_at": 1.0, "at": 2.0}))
                tried.append(True)
            except OnceTaken:
                pass

    together(probe, 8)
    assert tried == [True]


def test_failures_that_are_counted_at_once_all_count(address):
    barrier = threading.Barrier(6)
    values = {"tool": "a:t", "failures": 1, "threshold": 30, "at": 5.0}

    def count():
        with closing(open_store(address, time.time)) as store:
            barrier.wait(timeout=30)
            for _ in range(5):
                store.execute_now(Statement("count_breaker_failures", values))

    together(count, 6)
    with closing(open_store(address, time.time)) as store:
        assert store.row("breaker_row", {"tool": "a:t"}) == {"failures": 30, "opened_at": 5.0}


def together(work, count):
    """Carries `work` out in so many threads; what one of them raises is raised here."""
    with ThreadPoolExecutor(count) as threads:
        for each in [threads.submit(work) for _ in range(count)]:
            each.result()


def test_a_new_log_may_be_opened_by_several_at_once(tmp_path):
    for number in range(40):
        barrier = threading.Barrier(6)

        def opened(barrier=barrier, path=tmp_path / f"{number}.db"):
            barrier.wait(timeout=30)
            with closing(open_store(path, time.time)):
                pass

        together(opened, 6)


# A database that goes away


@pytest.fixture(scope="module")
def server():
    """A server of this file's own, which it may stop."""
    server = postgres_server.new_server()
    yield server
    server.kill()


def test_runs_go_on_over_a_restart_of_the_database(server, tmp_path):
    remit = agent(tmp_path)

    async def whole():
        stopped = asyncio.Event()

        def restart(**_):
            if not stopped.is_set():
                stopped.set()
                server.stop("immediate")
                threading.Thread(target=server.start).start()
            return "ok"

        desk_tools.DOES["mark"] = restart
        async with running(server.url, call("mark", order="7"), "Done.") as here:
            outcomes = await asyncio.gather(*(here.handle(remit, f"Order {n}", user=USER) for n in range(8)))
            assert all(isinstance(outcome, Answered) for outcome in outcomes)
            assert len(run_ids(here)) == 8
            assert verify(here.log.store).whole

    asyncio.run(whole())


def test_runs_go_on_when_their_connections_are_cut_again_and_again(tmp_path):
    remit, address = agent(tmp_path), postgres_at(tmp_path)
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'remit'"
    over = threading.Event()

    def cutting():
        with postgres_server.connect(address) as connection:
            while not over.is_set():
                connection.execute(cut)
                over.wait(0.2)

    thread = threading.Thread(target=cutting)

    async def whole():
        async with running(address, call("mark", order="7"), "Done.", commit_every_s=0) as here:
            thread.start()
            each = (here.handle(remit, f"Order {n}", user=USER) for n in range(40))
            outcomes = await asyncio.gather(*each)
            over.set()
            # A call that could not be begun in time may have been handed over; none is lost, none twice.
            assert len(outcomes) == len(run_ids(here)) == 40
            assert len(desk_tools.DONE) <= 40
            found = verify(here.log.store)
            assert (found.whole, found.runs) == (True, 40)

    try:
        asyncio.run(whole())
    finally:
        over.set()
        thread.join()


def test_a_database_that_stays_away_is_an_error_that_says_what_to_do(tmp_path):
    nowhere = f"postgresql://ann:geheim@/remit?host={tmp_path}&sslpassword=geheim"
    with pytest.raises(StoreError, match="cannot be reached") as raised:
        open_store(nowhere, time.time)
    assert raised.value.remedy
    assert "geheim" not in str(raised.value)
    assert shown_address("postgresql://ann:geheim@db:5432/remit") == "postgresql://ann@db:5432/remit"


def test_text_with_nul_is_kept(tmp_path):
    async def whole():
        async with running(postgres_at(tmp_path)) as here:
            outcome = await here.handle(agent(tmp_path), "a\0b", user={"id": "u\0"}, tenant="t\0")
            assert outcome is not None
            assert verify(here.log.store).breaks == ()

    asyncio.run(whole())


# Copies


def test_a_backup_of_a_file_is_whole_while_others_write(tmp_path):
    path, remit = tmp_path / "remit.db", agent(tmp_path)
    handled(path, remit, "One", "Two")
    with closing(open_store(path, time.time)) as held:
        back_up(path, tmp_path / "copy.db")
        assert held.rows("count_runs") == [{"n": 2}]
    handled(path, remit, "Three")
    with closing(open_store(tmp_path / "copy.db", time.time)) as copy:
        assert (verify(copy).whole, verify(copy).runs) == (True, 2)
    with pytest.raises(StoreError, match="exists already"):
        back_up(path, tmp_path / "copy.db")


def test_a_dump_of_postgres_is_restored_whole(server, tmp_path):
    remit, address = agent(tmp_path), server.url
    handled(address, remit, "One", "Two")
    dump = tmp_path / "log.dump"
    programs = postgres_server.programs()
    subprocess.run([programs / "pg_dump", "--format=custom", f"--file={dump}", address], check=True)
    with postgres_server.connect(address) as connection:
        connection.execute("create database restored")
    restored = urlsplit(address)._replace(path="/restored").geturl()
    subprocess.run([programs / "pg_restore", f"--dbname={restored}", dump], check=True)
    with closing(open_store(address, time.time)) as store, closing(open_store(restored, time.time)) as copy:
        assert verify(copy).whole
        assert verify(copy).events == verify(store).events
    assert isinstance(handled(restored, remit, "Three")[0], Answered)
