"""The rules of one log, each broken for real on one SQLite file that several workers share.

Not there yet, and so not here: rule 8 (sub-runs), of rule 11 the part on Postgres, of rule 10 the kill
list that a pinned release meets, of rule 6 undo and evidence that arrives after a case was opened.
"""

import asyncio
import base64
import json
import threading
from contextlib import closing
from dataclasses import replace

import pytest

import desk_tools
from desk_world import ANN, USER, desk, events, of_kind, run_ids, runtime, with_tool
from remit import Answered, DecisionRefused, Failed, ToolFailure, Waiting
from remit.errors import StoreError, StoreNewer
from remit.event import (
    CaseOpened,
    Decided,
    Done,
    EffectUnknown,
    Ended,
    Intended,
    Late,
    ModelAnswered,
    Rated,
    SetAside,
    Taken,
    ToolFailed,
)
from remit.log import Appender, verify
from remit.loop import append_outside
from remit.outcome import FailureMode
from remit.store import Collision, Statement
from remit.testing import FrozenClock, ScriptedModel, call, hanging
from store_places import change, counted_commits, kept_bytes, store_at

LEASE_S = 30.0
FREE = {"order": {"kind": "content"}}
MONEY = {**FREE, "amount": {"max": 100}}
RULES = {
    "find": {"args": FREE, "timeout": "2s"},
    "mark": {"args": {**FREE, "text": {"kind": "content"}}, "timeout": "2s"},
    "book": {"args": MONEY, "timeout": "2s", "key_ttl": "1h"},
    "pay": {"args": {**MONEY, "memo": {"kind": "content"}}, "timeout": "2s"},
    "wire": {"args": FREE, "timeout": "2s"},
}
ARGUMENTS = {"order": "7", "amount": 5}
CALLS = {
    "find": call("find", order="7"),
    "mark": call("mark", order="7"),
    "book": call("book", **ARGUMENTS),
    "pay": call("pay", **ARGUMENTS),
    "wire": call("wire", order="7"),
}


class Killed(BaseException):
    """Stands for the end of a process: nothing between the tool and the test may catch it."""


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def remit(tmp_path):
    return made(tmp_path)


def made(folder, **rules):
    merged = {name: {**rule, **rules.get(name, {})} for name, rule in RULES.items()}
    return desk(folder / "desk", *RULES, rules=merged, handover="people")


def worker(folder, clock, *replies, **named):
    """One worker of several on the same file; its model speaks by what the conversation holds."""
    return runtime(folder, ScriptedModel(replies or ["Done."], by_turn=True), clock=clock, **named)


def kinds(running, run_id):
    return [event.kind for event in events(running, run_id)]


def row(running, run_id):
    return running.log.store.row("run_row", {"run_id": run_id})


async def killed_in(folder, clock, remit, name, *, times=1):
    """A run whose worker ended while that tool was being called; its id."""

    def kill(**_):
        raise Killed

    desk_tools.DOES[name] = kill
    async with worker(folder, clock, CALLS[name], "Done.") as first:
        run_id = await first.submit(remit, "Order 7, please", user=USER)
        for _ in range(times):
            with pytest.raises(Killed):
                await first.advance(run_id)
    del desk_tools.DOES[name]
    return run_id


# Rule 1


def test_rule_1_a_lease_is_released_only_if_the_head_is_unchanged(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock) as first, worker(tmp_path, clock) as second:
            run_id = await first.submit(remit, "Hello", user=USER)
            mine = first.log.appender(first.log.fold(run_id))
            mine.add(Taken(wake="w1", worker="first"))
            await mine.flush(wake="w1", lease_s=LEASE_S)
            await second.rate(run_id, "good", by=ANN)
            mine.add(Ended(outcome=Answered(output="Hi", message="Hi", by="agent")))
            with pytest.raises(Collision):
                await mine.flush(wake="w1", lease_s=LEASE_S)
            held = row(first, run_id)
            assert (held["lease_wake"], held["lease_until"], held["state"]) == (
                "w1",
                clock() + LEASE_S,
                "runnable",
            )
            assert kinds(second, run_id) == ["admitted", "taken", "rated"]

    asyncio.run(whole())


def test_rule_1_the_sweep_takes_every_runnable_run_without_a_live_lease(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock) as first, worker(tmp_path, clock) as second:
            second.register(remit)
            leased, free = [await first.submit(remit, "Hello", user=USER) for _ in range(2)]
            mine = first.log.appender(first.log.fold(leased))
            mine.add(Taken(wake="w1", worker="first"))
            await mine.flush(wake="w1", lease_s=LEASE_S)
            await second.sweep()
            assert (row(second, leased)["state"], row(second, free)["state"]) == ("runnable", "ended")
            clock.advance(LEASE_S + 0.001)
            await second.sweep()
            assert row(second, leased)["state"] == "ended"

    asyncio.run(whole())


def test_rule_1_events_run_row_and_other_rows_are_kept_together_or_not_at_all(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock) as first:
            run_id = await first.submit(remit, "Hello", user=USER)
            before = row(first, run_id)
            taken = {"once_key": "refund-7", "run_id": "another", "key": "k", "at": 0.0}
            await first.log.store.execute(Statement("claim_once", taken))
            mine = first.log.appender(first.log.fold(run_id))
            mine.add(Taken(wake="w1", worker="first"))
            mine.also(Statement("claim_once", {**taken, "run_id": run_id, "key": "other"}))
            with pytest.raises(Exception, match="refund-7"):
                await mine.flush(wake="w1", lease_s=LEASE_S)
            assert kinds(first, run_id) == ["admitted"]
            assert row(first, run_id) == before

    asyncio.run(whole())


# Rule 2


def poisoned(folder, clock, remit):
    """A run that was taken three times without progress, then swept once more; what subscribers heard."""
    heard = []

    async def whole():
        def kill(_):
            raise Killed

        async with runtime(folder, ScriptedModel(kill), clock=clock) as first:
            run_id = await first.submit(remit, "Hello", user=USER)
            for _ in range(3):
                with pytest.raises(Killed):
                    await first.advance(run_id)
        async with worker(folder, clock, subscribers=[heard.extend]) as second:
            second.register(remit)
            await second.sweep()
            return run_id

    return asyncio.run(whole()), heard


def test_rule_2_the_first_event_of_a_wake_is_taken_under_a_name_of_its_own(tmp_path, clock, remit):
    async def whole():
        run_id = await killed_in(tmp_path, clock, remit, "mark", times=2)
        async with worker(tmp_path, clock, CALLS["mark"], "Done.") as second:
            second.register(remit)
            await second.advance(run_id)
            wakes = [event.wake for event in of_kind(second, run_id, Taken)]
            assert len(set(wakes)) == 3
            assert kinds(second, run_id)[1] == "taken"
            assert [event.wake for event in of_kind(second, run_id, Intended)] == wakes

    asyncio.run(whole())


def test_rule_2_a_run_that_stops_every_worker_is_set_aside_with_an_alert_and_a_case(tmp_path, clock, remit):
    run_id, heard = poisoned(tmp_path, clock, remit)
    assert [entry.kind for entry in heard][-2:] == ["set_aside", "case_opened"]

    async def whole():
        async with worker(tmp_path, clock) as third:
            third.register(remit)
            assert [event.wakes for event in of_kind(third, run_id, SetAside)] == [3]
            (case,) = of_kind(third, run_id, CaseOpened)
            assert (case.trigger, case.queue) == ("poisoned", "people")
            taken = len(of_kind(third, run_id, Taken))
            await third.sweep()
            assert row(third, run_id)["state"] == "set_aside"
            assert len(of_kind(third, run_id, Taken)) == taken
            await third.decide(case.case, "approve", by=ANN)
            await third.sweep()
            assert row(third, run_id)["outcome"] == "answered"

    asyncio.run(whole())


def test_rule_2_a_poisoned_run_that_a_person_gives_up_is_not_tried_again(tmp_path, clock, remit):
    run_id, _ = poisoned(tmp_path, clock, remit)

    async def whole():
        async with worker(tmp_path, clock) as third:
            third.register(remit)
            (case,) = of_kind(third, run_id, CaseOpened)
            await third.decide(case.case, "reject", by=ANN, reason="Leave it.")
            await third.sweep()
            outcome = third.outcome(run_id)
            assert outcome.mode is FailureMode.CANCELLED
            assert not of_kind(third, run_id, ModelAnswered)

    asyncio.run(whole())


@pytest.mark.parametrize(("kills", "reached"), [(3, Answered), (4, Waiting)])
def test_rule_2_only_wakes_since_the_last_progress_count(tmp_path, clock, remit, kills, reached):
    async def whole():
        # The first of these wakes brings the model's answer, and so progress.
        run_id = await killed_in(tmp_path, clock, remit, "mark", times=kills)
        async with worker(tmp_path, clock, CALLS["mark"], "Done.") as second:
            second.register(remit)
            assert isinstance(await second.advance(run_id), reached)

    asyncio.run(whole())


# Rule 3


@pytest.mark.parametrize("moment", ["model", "tool"])
def test_rule_3_what_a_worker_holds_at_a_collision_is_appended_again(tmp_path, clock, remit, moment):
    async def whole():
        async with worker(tmp_path, clock) as other:

            def rate():
                append_outside(other.log, run_ids(other)[0], Rated(rating="good", by=ANN))

            def first_answer(_):
                if moment == "model":
                    rate()
                return CALLS["pay"]

            if moment == "tool":
                desk_tools.DOES["pay"] = lambda **_: rate() or "paid"
            model = ScriptedModel([first_answer, "Done."], by_turn=True)
            async with runtime(tmp_path, model, clock=clock, commit_every_s=0) as first:
                outcome = await first.handle(remit, "Order 7", user=USER)
                (run_id,) = run_ids(first)
                assert outcome.message == "Done."
                assert (len(desk_tools.DONE), model.asked) == (1, 2)
                order = kinds(first, run_id)
                held = {"model": "model_answered", "tool": "done"}[moment]
                assert order.index("rated") < order.index(held)
                assert (order.count("rated"), order.count("done"), order.count("model_answered")) == (1, 1, 2)
                assert verify(first.log.store).whole

    asyncio.run(whole())


def test_rule_3_a_wake_that_another_one_overtook_appends_what_it_holds_as_late(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock, CALLS["mark"], "Overtaken.") as second:
            second.register(remit)

            async def slow():
                del desk_tools.DOES["mark"]
                clock.advance(LEASE_S + 1)
                await second.sweep()
                return "late result"

            desk_tools.DOES["mark"] = lambda **_: slow()
            async with worker(tmp_path, clock, CALLS["mark"], "Never said.") as first:
                outcome = await first.handle(remit, "Order 7", user=USER)
                (run_id,) = run_ids(first)
                assert outcome.message == "Overtaken."
                wakes = [event.wake for event in of_kind(first, run_id, Taken)]
                (late,) = of_kind(first, run_id, Late)
                assert (late.wake, late.what, late.body["result"]) == (wakes[0], "done", "late result")
                assert [event.result for event in of_kind(first, run_id, Done)] == ["marked"]
                assert verify(first.log.store).whole

    asyncio.run(whole())


# Rule 4


@pytest.mark.parametrize("name", ["mark", "book", "pay", "wire"])
def test_rule_4_the_intention_is_durable_before_a_side_effect_begins(tmp_path, clock, remit, name):
    seen = []

    def look(**arguments):
        last = "select kind, data from event join body using (run_id, seq) order by seq desc limit 1"
        seen.append((arguments, *change(store_at(tmp_path), last)[0]))
        return "ok"

    async def whole():
        desk_tools.DOES[name] = look
        async with worker(tmp_path, clock, CALLS[name], "Done.") as first:
            await first.handle(remit, "Order 7", user=USER)

    asyncio.run(whole())
    ((arguments, kind, body),) = seen
    intended = json.loads(body)
    assert (kind, intended["tool"], intended["arguments"]) == ("intended", name, arguments)
    assert intended["call_before"] > clock()


def test_rule_4_nothing_is_sent_after_call_before(tmp_path, clock, remit):
    async def paused():
        clock.advance(LEASE_S + 10)

    async def whole():
        late = with_tool(remit, "pay", lambda tool: replace(tool, prepare=paused))
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            await first.handle(late, "Order 7", user=USER)
            (run_id,) = run_ids(first)
            assert desk_tools.DONE == []
            (failed,) = of_kind(first, run_id, ToolFailed)
            assert failed.mode is FailureMode.TOOL_UNAVAILABLE

    asyncio.run(whole())


def test_rule_4_a_time_out_is_as_ambiguous_as_a_crash_and_opens_for_decision_late(tmp_path, clock):
    remit = with_tool(made(tmp_path, pay={"timeout": "20ms"}), "pay", hanging)

    async def whole():
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            waiting = await first.handle(remit, "Order 7", user=USER)
            (intended,) = of_kind(first, waiting.run_id, Intended)
            (unknown,) = of_kind(first, waiting.run_id, EffectUnknown)
            assert unknown.opens_at > intended.call_before + intended.timeout_s
            with pytest.raises(DecisionRefused, match="may still be under way"):
                await first.decide(waiting.case, "happened", by=ANN)
            clock.advance(unknown.opens_at - clock())
            await first.decide(waiting.case, "happened", by=ANN, answer="paid by hand")
            assert isinstance(await first.advance(waiting.run_id), Answered)
            (done,) = of_kind(first, waiting.run_id, Done)
            assert (done.source, done.result) == ("person", "paid by hand")

    asyncio.run(whole())


@pytest.mark.parametrize(("name", "calls"), [("find", 2), ("mark", 2), ("book", 2), ("pay", 1)])
def test_rule_4_recovery_calls_again_only_what_may_be_called_again(tmp_path, clock, remit, name, calls):
    async def whole():
        run_id = await killed_in(tmp_path, clock, remit, name)
        async with worker(tmp_path, clock, CALLS[name], "Done.") as second:
            second.register(remit)
            outcome = await second.advance(run_id)
            assert len(desk_tools.DONE) == calls
            if calls == 1:
                assert isinstance(outcome, Waiting)
                assert kinds(second, run_id).count("effect_unknown") == 1
                return
            assert isinstance(outcome, Answered)
            intents = of_kind(second, run_id, Intended)
            wakes = [event.wake for event in of_kind(second, run_id, Taken)]
            assert intents[-1].wake == wakes[-1]
            assert len({intent.key for intent in intents}) == 1

    asyncio.run(whole())


@pytest.mark.parametrize(("waited_s", "calls"), [(3590, 2), (3595, 1)])
def test_rule_4_a_keyed_call_is_repeated_only_while_its_key_lasts(tmp_path, clock, remit, waited_s, calls):
    async def whole():
        run_id = await killed_in(tmp_path, clock, remit, "book")
        clock.advance(waited_s)
        async with worker(tmp_path, clock, CALLS["book"], "Done.") as second:
            second.register(remit)
            outcome = await second.advance(run_id)
            assert isinstance(outcome, Answered if calls == 2 else Waiting)
            assert len(desk_tools.DONE) == calls

    asyncio.run(whole())


@pytest.mark.parametrize("found", ["wired after all", None])
def test_rule_4_an_unknown_call_is_settled_by_the_tools_own_query(tmp_path, clock, remit, found):
    asked_at = []

    def look(**_):
        asked_at.append(clock())
        return found

    async def whole():
        run_id = await killed_in(tmp_path, clock, remit, "wire")
        desk_tools.DOES["paid_already"] = look
        async with worker(tmp_path, clock, CALLS["wire"], "Done.") as second:
            second.register(remit)
            assert isinstance(await second.advance(run_id), Answered)
            (unknown,) = of_kind(second, run_id, EffectUnknown)
            assert asked_at == [unknown.opens_at]
            assert len(desk_tools.calls_of("wire")) == 1
            done = [(event.source, event.result) for event in of_kind(second, run_id, Done)]
            assert done == ([("reconciled", found)] if found else [])

    asyncio.run(whole())


@pytest.mark.parametrize("name", ["mark", "book", "pay", "wire"])
def test_rule_4_a_run_does_not_end_while_an_effect_is_open(tmp_path, clock, remit, name):
    async def whole():
        run_id = await killed_in(tmp_path, clock, remit, name)
        async with worker(tmp_path, clock) as second:
            second.register(remit)
            await second.cancel(run_id, by=ANN)
            await second.sweep()
            order = kinds(second, run_id)
            assert order.index("effect_unknown") < order.index("ended")

    asyncio.run(whole())


# Rule 5


def test_rule_4_a_call_in_doubt_is_asked_about_even_after_its_run_is_cancelled(tmp_path, clock):
    remit = made(tmp_path)

    def lost(**_):
        raise ConnectionResetError("the line broke")

    desk_tools.DOES["pay"] = lost

    async def whole():
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            waiting = await first.handle(remit, "Order 7", user=USER)
            assert isinstance(waiting, Waiting)
            await first.cancel(waiting.run_id, by=ANN)
            assert isinstance(await first.advance(waiting.run_id), Failed)
            clock.advance(3600)
            await first.decide(waiting.case, "happened", by=ANN)
            with pytest.raises(DecisionRefused):
                await first.decide(waiting.case, "not_happened", by=ANN)

    asyncio.run(whole())


def test_rule_5_the_same_action_twice_in_one_answer_is_done_once(tmp_path, clock):
    remit = made(tmp_path, pay={"once_per": ["order"]})
    twice = [call("pay", order="7", amount=5.0), call("pay", order="7", amount=5.0)]

    async def whole():
        async with worker(tmp_path, clock, twice, "Paid.") as first:
            assert isinstance(await first.handle(remit, "Order 7", user=USER), Answered)
            sources = [event.source for event in of_kind(first, run_ids(first)[-1], Done)]
            assert sources == ["tool", "once_per"]

    asyncio.run(whole())
    assert len(desk_tools.calls_of("pay")) == 1


def test_rule_5_the_same_business_action_is_answered_from_its_first_record(tmp_path, clock):
    remit = made(tmp_path, pay={"once_per": ["order"]})

    async def whole():
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            await first.handle(remit, "Order 7", user=USER)
        clock.advance(1)
        script = (CALLS["pay"], call("pay", order="8", amount=5), "Done.")
        async with worker(tmp_path, clock, *script) as second:
            await second.handle(remit, "Order 7 again, then 8", user=USER)
            done = of_kind(second, run_ids(second)[-1], Done)
        assert [(event.source, event.result) for event in done] == [
            ("once_per", "paid 5"),
            ("tool", "paid 5"),
        ]
        assert [arguments["order"] for arguments in desk_tools.calls_of("pay")] == ["7", "8"]

    asyncio.run(whole())


def test_rule_5_an_action_that_another_run_has_begun_is_not_begun_again(tmp_path, clock):
    remit = made(tmp_path, pay={"once_per": ["order"]})

    async def whole():
        await killed_in(tmp_path, clock, remit, "pay")
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as second:
            await second.handle(remit, "Order 7", user=USER)
            assert len(desk_tools.calls_of("pay")) == 1

    asyncio.run(whole())


def test_rule_5_two_runs_that_begin_the_same_action_at_once_carry_it_out_once(tmp_path, clock):
    remit = made(tmp_path, pay={"once_per": ["order"]})

    async def whole():
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            await asyncio.gather(*(first.handle(remit, "Order 7", user=USER) for _ in range(5)))
        assert len(desk_tools.calls_of("pay")) == 1

    asyncio.run(whole())


def test_rule_5_a_call_keeps_its_key_and_another_call_has_another(tmp_path, clock, remit):
    async def whole():
        script = ([CALLS["mark"], CALLS["mark"]], CALLS["mark"], "Done.")
        async with worker(tmp_path, clock, *script) as first:
            await first.handle(remit, "Order 7", user=USER)
            intents = of_kind(first, run_ids(first)[0], Intended)
            assert len({intent.key for intent in intents}) == 3

    asyncio.run(whole())


# Rule 6


def test_rule_6_the_first_valid_decision_wins(tmp_path, clock):
    remit = made(tmp_path, pay={"ask": "always"})

    async def whole(rounds):
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            waiting = [await first.handle(remit, "Order 7", user=USER) for _ in range(rounds)]
            start = threading.Barrier(2)
            verdicts = [race(tmp_path, clock, start, case.case) for case in waiting]
            for (yes, no), case in zip(verdicts, waiting, strict=True):
                assert sorted([yes, no]) == ["refused", "taken"]
                (decided,) = of_kind(first, case.run_id, Decided)
                assert decided.decision == ("approve" if yes == "taken" else "reject")
                (asked,) = [e for e in first.log.read(case.run_id) if e.kind == "case_opened"]
                assert (decided.case, decided.seen_seq) == (case.case, asked.seq)
            winners = sum(yes == "taken" for yes, _ in verdicts)
            for case in waiting:
                await first.advance(case.run_id)
            assert len(desk_tools.calls_of("pay")) == winners

    asyncio.run(whole(rounds=12))


def race(folder, clock, start, case):
    """Two people on two connections decide the same case at the same moment."""
    verdicts = {}

    def decide(decision, by):
        with closing(runtime(folder, ["Done."], clock=clock)) as mine:
            start.wait(timeout=10)
            try:
                asyncio.run(mine.decide(case, decision, by=by, reason="Seen."))
                verdicts[decision] = "taken"
            except DecisionRefused:
                verdicts[decision] = "refused"

    people = [
        threading.Thread(target=decide, args=each)
        for each in (("approve", ANN), ("reject", "bo@example.com"))
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return verdicts["approve"], verdicts["reject"]


def test_rule_6_a_decision_on_old_evidence_is_refused(tmp_path, clock):
    remit = made(tmp_path, pay={"ask": "always"})

    async def whole():
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            waiting = await first.handle(remit, "Order 7", user=USER)
            with pytest.raises(DecisionRefused, match="newer evidence"):
                await first.decide(waiting.case, "approve", by=ANN, seen_seq=1)
            assert not of_kind(first, waiting.run_id, Decided)

    asyncio.run(whole())


@pytest.mark.parametrize("name", ["find", "mark", "book", "pay"])
def test_rule_6_nothing_new_is_intended_after_a_cancellation(tmp_path, clock, remit, name):
    async def whole():
        run_id = await killed_in(tmp_path, clock, remit, name)
        async with worker(tmp_path, clock, CALLS[name], "Done.") as second:
            second.register(remit)
            await second.cancel(run_id, by=ANN, reason="Enough.")
            await second.sweep()
            order = kinds(second, run_id)
            assert "intended" not in order[order.index("cancelled") :]
            assert isinstance(second.outcome(run_id), Failed)
            assert len(desk_tools.DONE) == 1

    asyncio.run(whole())


def test_rule_6_a_cancellation_during_a_call_lets_it_finish_and_begins_no_other(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock) as other:

            async def cancelled_meanwhile():
                await other.cancel(run_ids(other)[0], by=ANN)
                return "paid"

            desk_tools.DOES["pay"] = lambda **_: cancelled_meanwhile()
            async with worker(tmp_path, clock, [CALLS["pay"], CALLS["wire"]], "Done.") as first:
                outcome = await first.handle(remit, "Order 7", user=USER)
                order = kinds(first, run_ids(first)[0])
                assert outcome.mode is FailureMode.CANCELLED
                assert order[-3:] == ["done", "diverted", "ended"]
                assert [name for name, _ in desk_tools.DONE] == ["pay"]

    asyncio.run(whole())


# Rule 7


class LosesAcknowledgements:
    """Commits, and then cannot say so."""

    async def append(self, append):
        await super().append(append)
        raise StoreError("The acknowledgement was lost.")


class LosesAppends:
    """Fails before anything is kept."""

    async def append(self, append):
        raise StoreError("Nothing was kept.")


def with_store(running, kind):
    store = running.log.store
    store.__class__ = type(kind.__name__, (kind, type(store)), {})
    return running


def test_rule_7_a_lost_acknowledgement_is_cleared_up_by_reading_back(tmp_path, clock, remit):
    async def whole():
        async with with_store(worker(tmp_path, clock, CALLS["pay"], "Done."), LosesAcknowledgements) as first:
            outcome = await first.handle(remit, "Order 7", user=USER)
            (run_id,) = run_ids(first)
            assert isinstance(outcome, Answered)
            assert len(desk_tools.DONE) == 1
            ids = [entry.id for entry in first.log.read(run_id)]
            assert len(ids) == len(set(ids))
            assert verify(first.log.store).whole

    asyncio.run(whole())


def test_rule_7_an_append_that_did_not_arrive_is_not_taken_for_one_that_did(tmp_path, clock, remit):
    async def whole():
        async with with_store(worker(tmp_path, clock, CALLS["pay"], "Done."), LosesAppends) as first:
            with pytest.raises(StoreError, match="Nothing was kept"):
                await first.handle(remit, "Order 7", user=USER)
            assert run_ids(first) == []
        assert desk_tools.DONE == []

    asyncio.run(whole())


def test_rule_7_in_a_group_commit_each_append_has_its_own_savepoint(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock) as first:
            ids = [await first.submit(remit, "Hello", user=USER) for _ in range(4)]
            appenders = [Appender(first.log, first.log.fold(run_id)) for run_id in ids]
            append_outside(first.log, ids[1], Rated(rating="good", by=ANN))
            for appender in appenders:
                appender.add(Taken(wake="w", worker="first"))
            commits = counted_commits(first.log.store)
            flushes = (appender.flush(wake="w", lease_s=1.0) for appender in appenders)
            results = await asyncio.gather(*flushes, return_exceptions=True)
            assert [type(result) for result in results] == [type(None), Collision, type(None), type(None)]
            assert len(commits) == 1
            assert [kinds(first, run_id)[-1] for run_id in ids] == ["taken", "rated", "taken", "taken"]
            assert verify(first.log.store).whole

    asyncio.run(whole())


# Rule 9


def test_rule_9_a_body_can_be_erased_and_the_chain_still_verifies(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock, CALLS["pay"], "Done.") as first:
            await first.handle(remit, "My name is Ann Example", user=USER)
        change(store_at(tmp_path), "delete from body where seq = 0")
        async with worker(tmp_path, clock) as second:
            found = verify(second.log.store)
            assert (found.whole, found.erased) == (True, 1)
            assert second.log.read(run_ids(second)[0])[0].event is None

    asyncio.run(whole())


# Long enough that no piece of it stands by chance among digests and random bytes.
SECRET = 'sk-Ab1Cd2Ef3/"ü+9zQ8yP7xR6'


def test_rule_9_a_secret_is_in_no_byte_of_the_log_in_any_form(tmp_path, clock):
    remit = made(tmp_path, pay={"ask": "always"}, mark={"failed": "degrade"})
    raw = SECRET.encode()
    told = {
        "plain": SECRET,
        SECRET: "as a name",
        "base64": [base64.b64encode(b"x" * shift + raw + b"y").decode() for shift in range(3)],
        "hex": raw.hex(),
        "nested": json.dumps({"token": SECRET}),
    }

    def failing(**_):
        raise ToolFailure(f"refused: {SECRET!s}")

    async def whole():
        desk_tools.DOES["find"] = lambda **_: told
        desk_tools.DOES["mark"] = failing
        script = (CALLS["find"], CALLS["mark"], call("pay", **{**ARGUMENTS, "memo": f"with {SECRET}"}))
        first = worker(
            tmp_path, clock, *script, f"Done with {SECRET}", environment={"OPENAI_API_KEY": SECRET}
        )
        async with first:
            waiting = await first.handle(remit, f"My key is {SECRET}", user=USER, conversation=f"c {SECRET}")
            await first.decide(waiting.case, "approve", by=ANN, reason=f"It has {SECRET}")
            outcome = await first.advance(waiting.run_id)
            assert outcome.message.startswith("Done with secret:OPENAI_API_KEY")

    asyncio.run(whole())
    kept = kept_bytes(tmp_path)
    assert kept.count(b"secret:OPENAI_API_KEY") >= 8
    forms = [raw, json.dumps(SECRET)[1:-1].encode(), json.dumps(SECRET, ensure_ascii=False)[1:-1].encode()]
    forms += [raw.hex().encode(), base64.b64encode(raw)[:-4], b"Ab1Cd2Ef3", b"9zQ8yP7xR6"]
    assert [form for form in forms if form in kept] == []


# Rule 10


def test_rule_10_a_run_with_an_event_of_newer_code_is_handed_back_untouched(tmp_path, clock, remit):
    async def whole():
        async with worker(tmp_path, clock) as first:
            newer = await first.submit(remit, "Hello", user=USER)
            append_outside(first.log, newer, Rated(rating="good", by=ANN))
            change(store_at(tmp_path), "update event set kind = 'dreamt' where kind = 'rated'")
            clock.advance(1)
            known = await first.submit(remit, "Hello", user=USER)
            before = row(first, newer)
            await first.sweep()
            assert row(first, known)["state"] == "ended"
            assert row(first, newer) == before
            assert len(first.log.store.events(newer)) == 2
            for door in (first.advance, lambda run_id: first.cancel(run_id, by=ANN)):
                with pytest.raises(StoreNewer, match="dreamt"):
                    await door(newer)

    asyncio.run(whole())


# Rule 11


# At 0 it commits before each of 4 model calls and 3 side effects, with the result before it, and at the
# end; otherwise, where no time passes, before each side effect and at the end.
@pytest.mark.parametrize(("commit_every_s", "commits"), [(0, 4 + 3 + 1), (0.25, 3 + 1)])
def test_rule_11_a_result_and_the_next_intention_are_one_commit(
    tmp_path, clock, remit, commit_every_s, commits
):
    async def whole():
        script = (CALLS["mark"], CALLS["book"], CALLS["pay"], "Done.")
        async with worker(tmp_path, clock, *script, commit_every_s=commit_every_s) as first:
            first.register(remit)
            counted = counted_commits(first.log.store)
            await first.handle(remit, "Order 7", user=USER)
            assert len(counted) == commits

    asyncio.run(whole())


class CountsReads:
    """Counts how often a run's events are read."""

    reads = 0

    def events(self, run_id, from_seq=0):
        self.reads += 1
        return super().events(run_id, from_seq)


def test_rule_11_a_wake_folds_once(tmp_path, clock, remit):
    async def whole():
        async with with_store(worker(tmp_path, clock, *CALLS.values(), "Done."), CountsReads) as first:
            run_id = await first.submit(remit, "Order 7", user=USER)
            await first.advance(run_id)
            assert first.log.store.reads <= 2

    asyncio.run(whole())


def test_rule_11_storage_is_linear_in_a_conversation_and_a_message_is_stored_once(tmp_path, clock, remit):
    said = "the invoice of the green bicycle"
    sizes = []

    async def whole():
        async with worker(tmp_path, clock) as first:
            model = ScriptedModel(lambda _: f"{len(sizes):04}: noted, as I noted what you said before.")
            first.releases._model = model
            for turn in range(100):
                await first.handle(remit, f"{turn:04}: {said} {turn:04}", user=USER, conversation="c")
                clock.advance(1)
                size = "select sum(length(data)) as n from body"
                sizes.append(first.log.store.select(size, {})[0]["n"])
            assert model.last_request is not None
            assert len(model.last_request.messages) > 20

    asyncio.run(whole())
    early, late = sizes[49], sizes[99] - sizes[49]
    assert late <= 1.2 * early
    bodies = [bytes(data) for (data,) in change(store_at(tmp_path), "select data from body")]
    for turn in range(100):
        assert sum(f"{said} {turn:04}".encode() in body for body in bodies) == 1


def test_rule_3_a_wake_that_reads_less_than_it_wrote_stops_and_loses_no_result(tmp_path, clock, remit):
    """A replica that lags behind: folding on it would drop the result of a call that was carried out."""

    async def whole():
        async with worker(tmp_path, clock) as running:
            plan = running.register(remit)
            wake = running.wakes.take(plan, await running.submit(remit, "Hello", user=USER))
            await wake.flush()
            durable = wake.appender.base
            store = running.log.store
            whole_log = store.events
            store.events = lambda run_id, from_seq=0: whole_log(run_id, from_seq)[:durable]
            with pytest.raises(StoreError, match="is durable"):
                await wake.fold_again()

    asyncio.run(whole())
