"""A full disk, a held, damaged, foreign or newer file: a clear error each, and nothing is lost."""

import asyncio
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

import desk_tools
from desk_world import USER, desk, run_ids, runtime
from remit import Answered
from remit.errors import StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreNewer
from remit.log import verify
from remit.store import open_store
from remit.testing import FrozenClock, ScriptedModel, call

pytestmark = pytest.mark.sqlite_file
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin exclusive")
print("held", flush=True)
sys.stdin.readline()
connection.execute("rollback")
connection.close()
"""
FREE = {"order": {"kind": "content"}, "text": {"kind": "content"}}


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


@pytest.fixture
def remit(tmp_path):
    return desk(tmp_path / "desk", "mark", rules={"mark": {"args": FREE}}, handover="people")


@contextmanager
def held(path):
    """Another process that holds the file for writing."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        try:
            yield
        finally:
            process.communicate("go\n", timeout=10)


def logged(folder, remit, count=1):
    """A log with that many ended runs; its path."""

    async def whole():
        async with runtime(folder, ScriptedModel(["Done."], by_turn=True), clock=FrozenClock()) as running:
            for _ in range(count):
                await running.handle(remit, "Hello " + "x" * 2000, user=USER)

    asyncio.run(whole())
    return folder / "remit.db"


def opened(path, **named):
    return open_store(path, FrozenClock(), **named)


def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(tmp_path, remit):
    async def whole():
        script = ScriptedModel([call("mark", order="7"), "Done."], by_turn=True)
        async with runtime(tmp_path, script, clock=FrozenClock()) as running:
            writer = running.log.store._write
            run_id = await running.submit(remit, "Order 7", user=USER)
            (pages,) = writer.execute("pragma page_count").fetchone()

            def fill(**_):
                writer.execute(f"pragma max_page_count = {pages}")
                return "x" * 60_000

            desk_tools.DOES["mark"] = fill
            with pytest.raises(StoreFull, match="no space") as raised:
                await running.advance(run_id)
            assert "Free some space" in raised.value.remedy
            assert verify(running.log.store).whole
            assert [entry.kind for entry in running.log.read(run_id)][-1] == "intended"
            with pytest.raises(StoreFull):
                await running.submit(remit, "y" * 60_000, user=USER)
            assert run_ids(running) == [run_id]
            writer.execute("pragma max_page_count = 1073741823")
            desk_tools.reset()
            assert isinstance(await running.advance(run_id), Answered)
            assert verify(running.log.store).whole

    asyncio.run(whole())


def test_a_file_that_another_process_holds_is_said_and_nothing_is_lost(tmp_path, remit):
    async def whole():
        script = ScriptedModel([call("mark", order="7"), "Done."], by_turn=True)
        async with runtime(tmp_path, script, clock=FrozenClock(), wait_for_store_s=0.05) as running:
            run_id = await running.submit(remit, "Order 7", user=USER)
            with held(tmp_path / "remit.db"):
                with pytest.raises(StoreLocked, match="another process") as raised:
                    await running.advance(run_id)
                assert raised.value.remedy
                assert [entry.kind for entry in running.log.read(run_id)] == ["admitted"]
            assert isinstance(await running.advance(run_id), Answered)
            assert verify(running.log.store).whole

    asyncio.run(whole())


def test_a_result_that_could_not_be_written_is_not_called_done(tmp_path, remit):
    async def whole():
        script = ScriptedModel([call("mark", order="7"), "Done."], by_turn=True)
        async with runtime(tmp_path, script, clock=FrozenClock(), wait_for_store_s=0.05) as running:
            run_id = await running.submit(remit, "Order 7", user=USER)
            holding = held(tmp_path / "remit.db")
            desk_tools.DOES["mark"] = lambda **_: holding.__enter__()
            with pytest.raises(StoreLocked):
                await running.advance(run_id)
            holding.__exit__(None, None, None)
            desk_tools.DOES.clear()
            clock_s = running.log.store.row("run_row", {"run_id": run_id})["lease_until"]
            running.log.clock.advance(max(0.0, clock_s - running.log.clock()) + 1)
            assert isinstance(await running.advance(run_id), Answered)
            kinds = [entry.kind for entry in running.log.read(run_id)]
            assert (kinds.count("intended"), kinds.count("done")) == (2, 1)

    asyncio.run(whole())


def test_a_file_held_while_it_is_opened_is_said(tmp_path, remit):
    path = logged(tmp_path, remit)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = delete")
    with held(path), pytest.raises(StoreLocked):
        opened(path, wait_s=0.05)
    with closing(opened(path)) as store:
        assert verify(store).whole


NO_DATABASE = {
    "a text": b"not a database " * 400,
    "noise": bytes(range(1, 256)) * 32,
    "only the first bytes": b"SQLite format 3\0" + b"\xff" * 4096,
}


@pytest.mark.parametrize("content", NO_DATABASE.values(), ids=NO_DATABASE)
def test_a_file_that_is_no_database_is_said_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "remit.db"
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt) as raised:
        opened(path)
    assert str(path) in str(raised.value)
    assert raised.value.remedy
    assert path.read_bytes() == content


def test_a_damaged_page_is_said_when_it_is_read(tmp_path, remit):
    path = logged(tmp_path, remit, count=20)
    data = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("pragma page_size").fetchone()
    for page in range(2, len(data) // size):
        data[page * size : page * size + 200] = b"\xa5" * 200
    path.write_bytes(data)
    with pytest.raises(StoreCorrupt) as raised, closing(opened(path)) as store:
        verify(store)
    assert raised.value.remedy


def test_a_truncated_file_is_said(tmp_path, remit):
    path = logged(tmp_path, remit, count=20)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(StoreCorrupt), closing(opened(path)) as store:
        verify(store)


def test_a_database_of_somebody_elses_is_not_touched(tmp_path):
    path = tmp_path / "remit.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table theirs (name text)")
    with pytest.raises(StoreCorrupt, match="not a log") as raised:
        opened(path)
    assert "--store" in raised.value.remedy
    with closing(sqlite3.connect(path)) as connection:
        assert [name for (name,) in connection.execute("select name from sqlite_master")] == ["theirs"]


def test_a_log_of_a_newer_version_is_not_touched(tmp_path, remit):
    path = logged(tmp_path, remit)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(StoreNewer, match="99") as raised:
        opened(path)
    assert "Upgrade" in raised.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_said(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError) as raised:
        opened(folder / "remit.db")
    assert raised.value.remedy


def test_a_folder_in_place_of_a_file_is_said(tmp_path):
    with pytest.raises(StoreError) as raised:
        opened(tmp_path)
    assert raised.value.remedy


def test_a_file_in_place_of_a_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as raised:
        opened(tmp_path / "file" / "remit.db")
    assert raised.value.remedy


def test_a_missing_folder_is_made(tmp_path):
    with closing(opened(tmp_path / "new" / "deep" / "remit.db")) as store:
        assert store.rows("count_runs") == [{"n": 0}]


# Several processes

RUNS_EACH = 12


def work(folder, name):
    """One process of several: handles runs on the file that all share."""

    async def whole():
        remit = desk(folder / name, "mark", rules={"mark": {"args": FREE}}, handover="people")
        script = ScriptedModel([call("mark", order=name), "Done."], by_turn=True)
        async with runtime(folder, script) as running:
            each = (running.handle(remit, f"{name} {n}", user=USER) for n in range(RUNS_EACH))
            outcomes = await asyncio.gather(*each)
            assert all(isinstance(outcome, Answered) for outcome in outcomes)

    asyncio.run(whole())


def test_processes_on_the_same_new_file_lose_nothing_of_each_other(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(tmp_path, name)) for name in ("first", "second", "third")]
    started = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0], time.monotonic() - started
    with closing(opened(tmp_path / "remit.db")) as store:
        states = store.select("select outcome, count(*) as n from run group by outcome", {})
        assert states == [{"outcome": "answered", "n": 3 * RUNS_EACH}]
        assert verify(store).whole
