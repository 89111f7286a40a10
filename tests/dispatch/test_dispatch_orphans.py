"""Runs that no worker can go on with: there is always a case, and a person's word moves them on."""

import asyncio
import logging

import pytest

from desk_world import ANN, USER, desk, of_kind, runtime
from remit import Answered
from remit.app import Vitals, Work, Worker
from remit.event import CaseOpened, Moved
from remit.handover import OPERATORS
from remit.testing import FrozenClock, ScriptedModel, call

WAIT_S = 60.0


def state_of(running, run_id):
    return running.log.store.row("run_row", {"run_id": run_id})["state"]


async def look(worker, clock, seconds):
    """A look at the orphans that many seconds later."""
    clock.advance(seconds)
    await worker.orphans.look()


async def orphan(folder, clock, **keys):
    """A run whose release used a tool that is now another one."""
    async with runtime(folder, [], clock=clock) as first:
        return await first.submit(desk(folder / "old", "find", "mark", **keys), "Hello", user=USER)


@pytest.mark.parametrize(("handover", "queue"), [("people", "people"), (None, OPERATORS)])
@pytest.mark.parametrize(
    ("decision", "kind"), [("approve", "answered"), ("answer", "answered"), ("reject", "failed")]
)
def test_a_run_whose_release_is_gone_is_a_persons_to_decide(
    tmp_path, caplog, handover, queue, decision, kind
):
    clock = FrozenClock()
    caplog.set_level(logging.WARNING, "remit.alerts")

    async def whole():
        run_id = await orphan(tmp_path, clock, handover=handover)
        async with runtime(tmp_path, ["Done."], clock=clock) as second:
            current = desk(tmp_path / "new", "find", handover=handover)
            second.register(current)
            worker = Worker(second, Work(release_wait_s=WAIT_S))
            await look(worker, clock, 10)
            await look(worker, clock, WAIT_S - 1)
            assert state_of(second, run_id) == "runnable"
            assert list(worker.orphans.unserved.values()) == [1]
            await look(worker, clock, 6)
            assert state_of(second, run_id) == "set_aside"
            (case,) = of_kind(second, run_id, CaseOpened)
            assert (case.trigger, case.queue) == ("release_gone", queue)
            given = {"answer": "It is on its way."} if decision == "answer" else {}
            await second.decide(case.case, decision, by=ANN, reason="Seen.", **given)
            await second.sweep()
            assert second.outcome(run_id).kind == kind
            moved = [event.release for event in of_kind(second, run_id, Moved)]
            assert moved == ([current.release.hash] if decision == "approve" else [])

    asyncio.run(whole())
    said = [record.getMessage() for record in caplog.records]
    assert any("which no living worker has" in line for line in said)
    assert any("is set aside" in line for line in said)


def test_a_run_waits_while_a_worker_that_can_run_it_lives(tmp_path):
    clock = FrozenClock()

    async def whole():
        run_id = await orphan(tmp_path, clock, handover="people")
        async with runtime(tmp_path, [], clock=clock) as able, runtime(tmp_path, [], clock=clock) as other:
            able.register(desk(tmp_path / "old", "find", "mark", handover="people"))
            able.announcing.concurrency = 1
            other.register(desk(tmp_path / "new", "find", handover="people"))
            worker = Worker(other, Work(release_wait_s=WAIT_S))
            await able.announcing.announce()
            for _ in range(3):
                await asyncio.to_thread(able.changes.carry_out, *able.heartbeat.announced.statements)
                await look(worker, clock, WAIT_S / 2)
            assert (state_of(other, run_id), worker.orphans.unserved) == ("runnable", {})
            await able.announcing.withdraw()
            await look(worker, clock, WAIT_S / 2)
            assert state_of(other, run_id) == "runnable"
            await look(worker, clock, WAIT_S)
            assert state_of(other, run_id) == "set_aside"

    asyncio.run(whole())


def test_a_run_that_stops_its_workers_has_a_case_although_its_remit_names_no_queue(tmp_path, caplog):
    clock = FrozenClock()

    async def whole():
        remit = desk(tmp_path / "desk", handover=None)
        async with runtime(tmp_path, ["Done."], clock=clock) as running:
            plan = running.register(remit)
            run_id = await running.submit(remit, "Hello", user=USER)
            for _ in range(3):
                wake = running.wakes.take(plan, run_id)
                await wake.flush()
                clock.advance(31)
            await running.sweep()
            (case,) = of_kind(running, run_id, CaseOpened)
            assert (case.trigger, case.queue, state_of(running, run_id)) == (
                "poisoned",
                OPERATORS,
                "set_aside",
            )
            await running.decide(case.case, "approve", by=ANN)
            assert [type(outcome) for outcome in await running.sweep()] == [Answered]

    asyncio.run(whole())
    assert [record.name for record in caplog.records] == ["remit.alerts"]


def test_the_figures_of_a_worker_say_what_waits_for_whom(tmp_path):
    clock = FrozenClock()
    ask = {"pay": {"ask": {"when": "always", "deadline": "1h", "otherwise": "deny"}}}

    async def whole():
        remit = desk(tmp_path / "desk", "pay", rules=ask, handover="people")
        model = ScriptedModel([call("pay", order="7", amount=5)])
        async with runtime(tmp_path, model, clock=clock) as running:
            worker = Worker(running, Work())
            vitals = Vitals(worker)
            await running.handle(remit, "Hello", user=USER)
            await running.submit(remit, "Hello", user=USER)
            clock.advance(50)
            lines = vitals.metrics().splitlines()
            for line in (
                'remit_runs_queued{agent="desk"} 1',
                'remit_runs_waiting{agent="desk"} 1',
                "remit_oldest_queued_seconds 50",
                "remit_oldest_waiting_seconds 50",
                "remit_wakes_total 1",
                "remit_lease_expiries_total 0",
            ):
                assert line in lines
            assert vitals.not_ready() == "it has not swept yet"
            assert vitals.not_alive() == ""
            stopping = asyncio.Event()
            working = asyncio.ensure_future(worker.run(stopping))
            while worker.swept_at is None:
                await asyncio.sleep(0)
            assert vitals.not_ready() == ""
            stopping.set()
            await working
            assert vitals.not_ready() == "it is stopping"

    asyncio.run(whole())
