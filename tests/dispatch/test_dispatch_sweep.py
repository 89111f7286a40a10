"""The sweep reaches every run that this process can advance, whatever else lies in the log."""

import asyncio

import pytest

import store_places
from desk_world import ANN, USER, desk, runtime
from remit import Answered
from remit.event import CaseOpened
from remit.testing import FrozenClock, ScriptedModel, call
from store_places import store_at

ASK = {"pay": {"ask": {"when": "always", "deadline": "1h", "otherwise": "deny"}}}


def worker(folder, clock, *replies, **named):
    return runtime(folder, ScriptedModel(replies or ["Done."], by_turn=True), clock=clock, **named)


def state_of(running, run_id):
    return running.log.store.row("run_row", {"run_id": run_id})["state"]


def change(folder, *statements):
    for statement in statements:
        store_places.change(store_at(folder), *statement)


def test_runs_of_agents_that_are_not_here_do_not_keep_others_waiting(tmp_path):
    clock = FrozenClock()

    async def whole():
        stranger, known = desk(tmp_path / "stranger"), desk(tmp_path / "known", agent="known")
        async with worker(tmp_path, clock) as first:
            for _ in range(205):
                await first.submit(stranger, "Hello", user=USER)
            clock.advance(1)
            mine = await first.submit(known, "Hello", user=USER)
        async with worker(tmp_path, clock) as second:
            second.register(known)
            outcomes = await second.sweep()
            assert [type(outcome) for outcome in outcomes] == [Answered]
            assert state_of(second, mine) == "ended"

    asyncio.run(whole())


def test_more_runs_than_fit_one_page_are_all_advanced(tmp_path):
    clock = FrozenClock()

    async def whole():
        remit = desk(tmp_path / "desk")
        async with worker(tmp_path, clock) as first:
            for _ in range(130):
                await first.submit(remit, "Hello", user=USER)
            assert len(await first.sweep()) == 130

    asyncio.run(whole())


DAMAGE = {
    "an event of newer code": "update event set kind = 'dreamt' where run_id = ? and seq = 0",
    "a body that is no JSON": "update body set data = x'ff' where run_id = ? and seq = 0",
    "a body that was erased": "delete from body where run_id = ? and seq = 0",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("waiting", [False, True])
def test_a_run_that_cannot_be_read_holds_up_no_other(tmp_path, statement, waiting):
    clock = FrozenClock()

    async def whole():
        remit = desk(tmp_path / "desk", "pay", rules=ASK, handover="people")
        script = (call("pay", order="7", amount=5), "Done.") if waiting else ()
        async with worker(tmp_path, clock, *script) as first:
            damaged = await first.submit(remit, "Hello", user=USER)
            clock.advance(1)
            whole_one = await first.submit(remit, "Hello", user=USER)
            if waiting:
                await first.sweep()
                clock.advance(2 * 3600)
            before = state_of(first, damaged)
            change(tmp_path, (statement, (damaged,)))
            await first.sweep()
            assert state_of(first, damaged) == before == ("waiting" if waiting else "runnable")
            assert state_of(first, whole_one) == "ended"

    asyncio.run(whole())


def test_an_error_in_one_run_is_raised_after_the_others_have_got_as_far_as_they_can(tmp_path):
    clock = FrozenClock()

    async def whole():
        remit = desk(tmp_path / "desk")

        def reply(request):
            if "broken" in request.messages[0].text:
                raise LookupError("a fault in the model's code")
            return "Done."

        async with runtime(tmp_path, ScriptedModel(reply), clock=clock) as running:
            broken = await running.submit(remit, "broken", user=USER)
            others = [await running.submit(remit, "Hello", user=USER) for _ in range(3)]
            with pytest.raises(LookupError):
                await running.sweep()
            assert [state_of(running, run_id) for run_id in others] == ["ended"] * 3
            assert state_of(running, broken) == "runnable"

    asyncio.run(whole())


def test_a_due_default_is_applied_by_whoever_sweeps(tmp_path):
    clock = FrozenClock()

    async def whole():
        remit = desk(tmp_path / "desk", "pay", rules=ASK, handover="people")
        script = (call("pay", order="7", amount=5), "Done.")
        async with worker(tmp_path, clock, *script) as first:
            waiting = await first.handle(remit, "Hello", user=USER)
        async with worker(tmp_path, clock, *script) as second:
            second.register(remit)
            assert await second.sweep() == []
            clock.advance(3600)
            assert [type(outcome) for outcome in await second.sweep()] == [Answered]
            decided = [entry.event for entry in second.log.read(waiting.run_id) if entry.kind == "decided"]
            assert [(event.by, event.decision) for event in decided] == [("deadline", "reject")]

    asyncio.run(whole())


def test_two_workers_that_sweep_at_once_advance_each_run_once(tmp_path):
    clock = FrozenClock()

    async def whole():
        remit = desk(tmp_path / "desk")
        async with worker(tmp_path, clock) as first, worker(tmp_path, clock) as second:
            second.register(remit)
            runs = [await first.submit(remit, "Hello", user=USER) for _ in range(20)]
            await asyncio.gather(first.sweep(), second.sweep())
            for run_id in runs:
                kinds = [entry.kind for entry in first.log.read(run_id)]
                assert kinds.count("ended") == kinds.count("taken") == 1
            assert not [
                e for run_id in runs for e in first.log.read(run_id) if isinstance(e.event, CaseOpened)
            ]

    asyncio.run(whole())


def test_a_lease_is_renewed_while_a_run_is_under_way(tmp_path):
    async def whole():
        remit = desk(tmp_path / "desk")

        class Slow(ScriptedModel):
            async def ask(self, request):
                run_id = running.log.store.select("select run_id from run", {})[0]["run_id"]
                read = "run_row", {"run_id": run_id}
                before = running.log.store.row(*read)["lease_until"]
                while running.log.store.row(*read)["lease_until"] == before:
                    await asyncio.sleep(0.005)
                return await super().ask(request)

        async with runtime(tmp_path, Slow(["Done."]), lease_s=0.15, commit_every_s=0) as running:
            outcome = await asyncio.wait_for(running.handle(remit, "Hello", user=USER), 5)
            assert isinstance(outcome, Answered)

    asyncio.run(whole())


def test_a_cancelled_run_ends_although_its_model_never_answers(tmp_path):
    async def whole():
        remit = desk(tmp_path / "desk")
        asked = asyncio.Event()

        class Silent(ScriptedModel):
            async def ask(self, request):
                asked.set()
                await asyncio.Event().wait()

        async with runtime(tmp_path, Silent([])) as running:
            run_id = await running.submit(remit, "Hello", user=USER)
            advancing = asyncio.ensure_future(running.advance(run_id))
            await asyncio.wait_for(asked.wait(), 5)
            await running.cancel(run_id, by=ANN)
            outcome = await asyncio.wait_for(advancing, 5)
            assert str(outcome.mode) == "cancelled"

    asyncio.run(whole())


def test_a_run_is_not_taken_under_a_live_lease_by_who_read_of_it_too_early(tmp_path):
    """Between the sweep's list and its first commit the holder may have renewed its lease."""
    clock = FrozenClock()

    async def whole():
        remit = desk(tmp_path / "desk")
        async with worker(tmp_path, clock) as first, worker(tmp_path, clock) as second:
            plan = second.register(remit)
            run_id = await first.submit(remit, "Hello", user=USER)
            holder = first.wakes.take(first.register(remit), run_id)
            await holder.flush()
            thief = second.wakes.take(plan, run_id)
            assert (await second.wakes.drive(thief)).wake == holder.id
            clock.advance(31)
            heir = second.wakes.take(plan, run_id)
            assert (await second.wakes.drive(heir)).wake == heir.id

    asyncio.run(whole())
