"""Worker processes: killed, stopped for a while, told to end, waiting and idle."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest

from desk_world import USER, desk, run_ids, runtime
from remit.testing import call
from store_places import change, store_at

CHILD = Path(__file__).parent / "worker_child.py"
CALLER = Path(__file__).parent / "caller_child.py"
LEASE_S = 1.0
PATIENCE_S = 30.0
ASK = {"when": "always", "deadline": "1h", "otherwise": "deny"}


@contextmanager
def worker(folder, *, lease_s=LEASE_S, drain_s=5.0, dispatch="inline", model_s=0.0):
    """A worker process that is ready; killed at the end if it still lives."""
    with child(CHILD, store_at(folder), folder / "desk", lease_s, drain_s, dispatch, model_s) as process:
        assert process.stdout.readline() == "ready\n"
        yield process


@contextmanager
def child(*arguments):
    """A process of that script; killed at the end if it still lives."""
    tests = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": tests, "OPENAI_API_KEY": "none"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def agent(folder):
    return desk(folder / "desk", "pay", rules={"pay": {"ask": ASK}}, handover="people")


def row_of(running, run_id):
    return running.log.store.row("run_row", {"run_id": run_id})


async def ended(running, *run_ids):
    """When the last of these runs ended, seen from here."""
    until = time.monotonic() + PATIENCE_S
    while {row_of(running, run_id)["state"] for run_id in run_ids} != {"ended"}:
        assert time.monotonic() < until, [row_of(running, run_id) for run_id in run_ids]
        await asyncio.sleep(0.01)
    return time.monotonic()


def kinds(running, run_id):
    return [entry.kind for entry in running.log.read(run_id)]


@pytest.mark.parametrize("dispatch", ["inline", "dbos"])
def test_a_new_run_is_noticed_at_once(tmp_path, dispatch):
    async def whole():
        async with runtime(tmp_path, []) as door:
            with worker(tmp_path, dispatch=dispatch):
                waits = []
                for _ in range(9):
                    began = time.monotonic()
                    run_id = await door.submit(agent(tmp_path), "Hello", user=USER)
                    waits.append(await ended(door, run_id) - began)
                assert kinds(door, run_id).count("taken") == 1
                return waits

    assert median(asyncio.run(whole())) < (0.5 if dispatch == "inline" else 1.0)


@pytest.mark.parametrize("dispatch", ["inline", "dbos"])
def test_the_runs_of_a_killed_worker_are_taken_over_within_two_lease_times(tmp_path, dispatch):
    async def whole():
        async with runtime(tmp_path, []) as door:
            with worker(tmp_path, dispatch=dispatch, model_s=60) as dead:
                runs = [await door.submit(agent(tmp_path), "Hello", user=USER) for _ in range(5)]
                for _ in runs:
                    assert dead.stdout.readline() == "asked\n"
                with worker(tmp_path, dispatch=dispatch):
                    dead.send_signal(signal.SIGKILL)
                    began = time.monotonic()
                    took = await ended(door, *runs) - began
            for run_id in runs:
                assert kinds(door, run_id).count("taken") == 2
                assert kinds(door, run_id).count("ended") == 1
            return took

    assert asyncio.run(whole()) < 2 * LEASE_S + 2.0


def test_the_run_of_a_killed_process_that_started_it_itself_is_taken_over(tmp_path):
    async def whole():
        async with runtime(tmp_path, []) as door:
            with child(CALLER, store_at(tmp_path), tmp_path / "desk", LEASE_S) as dead:
                assert dead.stdout.readline() == "asked\n"
                dead.send_signal(signal.SIGKILL)
            (run_id,) = run_ids(door)
            with worker(tmp_path, dispatch="dbos"):
                await ended(door, run_id)
            assert kinds(door, run_id).count("taken") == 2
            assert kinds(door, run_id).count("ended") == 1

    asyncio.run(whole())


def test_a_run_that_is_waited_for_where_hands_are_free_waits_for_no_poll(tmp_path, monkeypatch):
    monkeypatch.setattr("remit.dispatch.dbos_dispatch.POLL_S", 1000.0)

    async def whole():
        async with runtime(tmp_path, ["Done."] * 3, dispatch="dbos") as running:
            for _ in range(3):
                handled = running.handle(agent(tmp_path), "Hello", user=USER)
                assert (await asyncio.wait_for(handled, PATIENCE_S)).kind == "answered"

    asyncio.run(whole())


def test_a_worker_that_was_stopped_for_a_while_does_nothing_twice(tmp_path):
    async def whole():
        async with runtime(tmp_path, []) as door:
            with worker(tmp_path, model_s=1.5) as paused:
                runs = [await door.submit(agent(tmp_path), "Hello", user=USER) for _ in range(5)]
                for _ in runs:
                    assert paused.stdout.readline() == "asked\n"
                paused.send_signal(signal.SIGSTOP)
                with worker(tmp_path):
                    await ended(door, *runs)
                    paused.send_signal(signal.SIGCONT)
                    paused.send_signal(signal.SIGTERM)
                    assert paused.wait(PATIENCE_S) == 0
            for run_id in runs:
                found = kinds(door, run_id)
                assert found.count("model_answered") == found.count("ended") == 1

    asyncio.run(whole())


def test_a_lease_is_kept_while_the_event_loop_stands_still(tmp_path):
    async def whole():
        async with runtime(tmp_path, [lambda _: time.sleep(1.5) or "Done."], lease_s=0.6) as running:
            run_id = await running.submit(agent(tmp_path), "Hello", user=USER)
            with worker(tmp_path, lease_s=0.6):
                # Taken here before the other worker can, and then nothing moves on this loop.
                await running.advance(run_id)
            assert kinds(running, run_id).count("taken") == 1

    asyncio.run(whole())


@pytest.mark.parametrize(("drain_s", "left", "ends"), [(20.0, 0, 1), (0.1, 3, 0)])
def test_a_worker_that_is_told_to_end_finishes_or_hands_back(tmp_path, drain_s, left, ends):
    async def whole():
        async with runtime(tmp_path, []) as door:
            with worker(tmp_path, lease_s=30.0, drain_s=drain_s, model_s=1.0) as told:
                runs = [await door.submit(agent(tmp_path), "Hello", user=USER) for _ in range(3)]
                for _ in runs:
                    assert told.stdout.readline() == "asked\n"
                told.send_signal(signal.SIGTERM)
                assert told.stdout.readline() == f"left {left}\n"
                assert told.wait(PATIENCE_S) == 0
            for run_id in runs:
                assert kinds(door, run_id).count("ended") == ends
                assert row_of(door, run_id)["lease_wake"] is None
            if left:
                with worker(tmp_path):
                    await ended(door, *runs)

    asyncio.run(whole())


def test_a_run_is_cancelled_on_whichever_worker_it_is(tmp_path):
    async def whole():
        async with runtime(tmp_path, []) as door:
            with worker(tmp_path, model_s=60) as other:
                run_id = await door.submit(agent(tmp_path), "Hello", user=USER)
                assert other.stdout.readline() == "asked\n"
                began = time.monotonic()
                await door.cancel(run_id, by="ann@example.com", reason="Not needed.")
                took = await ended(door, run_id) - began
            assert str(door.outcome(run_id).mode) == "cancelled"
            return took

    assert asyncio.run(whole()) < LEASE_S + 1


def test_a_run_is_stopped_at_its_deadline_on_whichever_worker_it_is(tmp_path):
    async def whole():
        async with runtime(tmp_path, []) as door:
            with worker(tmp_path, model_s=60) as other:
                soon = time.time() + 0.7
                run_id = await door.submit(agent(tmp_path), "Hello", user=USER, deadline=soon)
                assert other.stdout.readline() == "asked\n"
                await ended(door, run_id)
            assert str(door.outcome(run_id).mode) == "cancelled"

    asyncio.run(whole())


def test_the_more_urgent_run_goes_first(tmp_path):
    async def whole():
        async with runtime(tmp_path, []) as door:
            late = [await door.submit(agent(tmp_path), "Hello", user=USER) for _ in range(30)]
            urgent = await door.submit(agent(tmp_path), "Hello", user=USER, priority=9)
            with worker(tmp_path):
                await ended(door, urgent, *late)
            at = {run_id: row_of(door, run_id)["ended_at"] for run_id in (urgent, *late)}
            assert at[urgent] < max(at.values())

    asyncio.run(whole())


def cpu_s(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def spent(process, seconds):
    before = cpu_s(process)
    await asyncio.sleep(seconds)
    return cpu_s(process) - before


CLONES = """
with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)
insert into run (run_id, agent, release_hash, tenant, state, head, chain, lease_until, wakes, deadline,
                 priority, steps, tokens, cost_usd, admitted_at)
select run_id || '-' || i, agent, release_hash, tenant, state, head, chain, 0, 0, deadline,
       0, 0, 0, 0, admitted_at
from run, n where state = 'waiting'
"""


def test_ten_thousand_waiting_runs_cost_an_idle_worker_nothing(tmp_path):
    """Measured twice in one process: with one such run, and with all of them."""

    async def whole():
        pays = call("pay", order="7", amount=5)
        async with runtime(tmp_path, [pays]) as door:
            await door.handle(agent(tmp_path), "Hello", user=USER)
            with worker(tmp_path, lease_s=30.0) as idle:
                await asyncio.sleep(1)
                few = await spent(idle, 5)
                change(store_at(tmp_path), CLONES)
                await asyncio.sleep(1)
                many = await spent(idle, 5)
                return few, many

    few, many = asyncio.run(whole())
    assert many <= few + 0.1
    assert many / 5 <= 0.05


def test_a_decision_is_acted_on_within_half_a_second(tmp_path):
    async def whole():
        pays = call("pay", order="7", amount=5)
        async with runtime(tmp_path, [pays] * 9) as door:
            waiting = [await door.handle(agent(tmp_path), "Hello", user=USER) for _ in range(9)]
            with worker(tmp_path):
                waits = []
                for each in waiting:
                    began = time.monotonic()
                    await door.decide(each.case, "approve", by="ann@example.com")
                    waits.append(await ended(door, each.run_id) - began)
                return waits

    assert median(asyncio.run(whole())) < 0.5
