"""When a new run reaches the log: before anything can be lost, and at the latest after a moment."""

import asyncio

import pytest

from desk_world import USER, desk, runtime
from remit import Answered
from remit.event import Rated
from remit.log import verify
from remit.testing import FrozenClock, ScriptedModel


def runs(running):
    return [row["run_id"] for row in running.log.store.select("select run_id from run", {})]


@pytest.mark.parametrize(("named", "before"), [({}, 0), ({"idempotency_key": "k"}, 1), ({"run_id": "r1"}, 1)])
def test_a_run_is_committed_before_its_model_is_asked_if_somebody_can_ask_for_it(tmp_path, named, before):
    async def whole():
        known = []

        class Watching(ScriptedModel):
            async def ask(self, request):
                known.extend(runs(running))
                return await super().ask(request)

        async with runtime(tmp_path, Watching(["Done."]), clock=FrozenClock()) as running:
            await running.handle_run(desk(tmp_path / "desk"), "Hello", user=USER, **named)
            assert len(known) == before
            assert len(runs(running)) == 1

    asyncio.run(whole())


@pytest.mark.parametrize(("named", "kept"), [({}, 1), ({"run_id": "r1"}, 0)])
def test_whoever_gives_up_at_once_does_not_take_a_run_back_that_has_no_name(tmp_path, named, kept):
    async def whole():
        async with runtime(tmp_path, ["Done."], clock=FrozenClock()) as running:
            asked = running.handle_run(desk(tmp_path / "desk"), "Hello", user=USER, **named)
            task = asyncio.create_task(asked)
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(runs(running)) == kept

    asyncio.run(whole())


def test_a_run_is_in_the_log_after_a_while_although_its_model_is_silent(tmp_path):
    async def whole():
        class Slow(ScriptedModel):
            async def ask(self, request):
                while not runs(running):
                    await asyncio.sleep(0)
                return await super().ask(request)

        async with runtime(tmp_path, Slow(["Done."]), commit_every_s=0.02) as running:
            outcome = await asyncio.wait_for(running.handle(desk(tmp_path / "desk"), "Hello"), 10)
            assert isinstance(outcome, Answered)
            assert [entry.kind for entry in running.log.read(runs(running)[0])][-1] == "ended"
            assert verify(running.log.store).whole

    asyncio.run(whole())


def test_what_is_added_while_a_flush_is_under_way_waits_for_the_next_one(tmp_path):
    async def whole():
        async with runtime(tmp_path, []) as running:
            remit = desk(tmp_path / "desk")
            run_id = await running.submit(remit, "Hello", user=USER)
            appender = running.log.appender(running.log.fold(run_id))
            running.log.store.company = 2
            first, second, third = (Rated(rating="good", by=word) for word in ("one", "two", "three"))
            appender.add(first)
            under_way = asyncio.create_task(appender.flush())
            await asyncio.sleep(0)
            appender.add(second)
            assert appender.unflushed == [first, second]
            both = asyncio.create_task(appender.flush())
            await under_way
            appender.add(third)
            await both
            await appender.flush()
            assert appender.unflushed == []
            read = [entry.event for entry in running.log.read(run_id)]
            assert read[-3:] == [first, second, third]
            assert verify(running.log.store).whole

    asyncio.run(whole())
