"""What people do with a case beside deciding it, on a real log: who wins, what is refused, what stays."""

import asyncio

import pytest

import desk_tools
from desk_world import ANN, USER, desk, runtime
from remit.errors import DecisionRefused, NotFound
from remit.event import Done, Late
from remit.outcome import Answered, Waiting
from remit.testing import FrozenClock, answer, call

BOB = "bob@example.com"
PAY = call("pay", order="7", amount=30, memo="x")


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def with_case(folder, check, *, queues=None, count=1, **rule):
    """Runs that wait for a person, and what the test does with their cases."""
    clock = FrozenClock()
    rules = {"pay": {"ask": {"when": "always", "queue": "people", **rule}}}
    queues = queues or {"people": {}, "others": {"priority": 5}}
    remit = desk(folder / "desk", "pay", rules=rules, queues=queues, handover="people")

    async def whole():
        async with runtime(folder, [PAY, answer("Paid.")] * count, clock=clock) as running:
            cases = []
            for _ in range(count):
                outcome = await running.handle(remit, "Pay order 7.", user=USER)
                assert isinstance(outcome, Waiting)
                cases.append(outcome.case)
            await check(running, clock, *cases)

    asyncio.run(whole())


def refused(ground, act, *arguments, **named):
    with pytest.raises(DecisionRefused) as caught:
        act(*arguments, **named)
    assert caught.value.ground == ground
    return str(caught.value)


def test_nobody_else_decides_what_somebody_has_reserved(tmp_path):
    async def check(running, clock, case):
        until = running.cases.reserve(case, by=ANN, for_s=60).until
        assert until == clock() + 60
        with pytest.raises(DecisionRefused, match=r"ann@example\.com works on this case until") as caught:
            await running.decide(case, "approve", by=BOB)
        assert caught.value.ground == "reserved"
        for act in (running.cases.reserve, running.cases.snooze):
            refused("reserved", act, case, by=BOB, for_s=5)
        refused("reserved", running.cases.release, case, by=BOB)
        refused("reserved", running.cases.hand_on, case, "others", by=BOB)
        assert running.cases.reserve(case, by=ANN, for_s=120).until == clock() + 120
        clock.advance(120)
        running.cases.reserve(case, by=BOB, for_s=60)
        running.cases.release(case, by=BOB)
        refused("unfit", running.cases.release, case, by=BOB)
        await running.decide(case, "approve", by=ANN)

    with_case(tmp_path, check)


def test_a_case_is_handed_over_to_a_queue_of_its_remit(tmp_path):
    async def check(running, clock, case):
        assert "has no queue othrs. Did you mean `others`?" in refused(
            "unfit", running.cases.hand_on, case, "othrs", by=ANN
        )
        refused("unfit", running.cases.hand_on, case, "people", by=ANN)
        refused("not_entitled", running.cases.hand_on, case, "others", by=USER["id"])
        deadline = running.log.store.row("case_row", {"case_id": case})["deadline"]
        running.cases.reserve(case, by=ANN)
        running.cases.hand_on(case, "others", by=ANN, reason="It is theirs.")
        row = running.log.store.row("case_row", {"case_id": case})
        assert (row["queue"], row["rank"], row["deadline"]) == ("others", -5, deadline)
        await running.decide(case, "reject", by=BOB, reason="No.")
        refused("too_late", running.cases.hand_on, case, "people", by=ANN)
        with pytest.raises(NotFound):
            running.cases.release("no such case", by=ANN)

    with_case(tmp_path, check)


def test_what_is_put_off_keeps_its_deadline(tmp_path):
    async def check(running, clock, case):
        refused("unfit", running.cases.snooze, case, by=ANN, for_s=-1)
        refused("unfit", running.cases.snooze, case, by=ANN, for_s=1e9)
        running.cases.snooze(case, by=ANN, for_s=7200)
        assert running.log.store.rows("queue_counts")[0]["snoozed"] == 1
        clock.advance(3600)
        assert running.expire() == [case]
        assert running.log.store.rows("queue_counts") == []

    with_case(tmp_path, check, deadline="1h")


UNDO = {"people": {"undo": "10s"}, "others": {}}


def test_a_decision_is_taken_back_while_it_does_not_count(tmp_path):
    async def check(running, clock, case):
        refused("unfit", running.cases.undo, case, by=ANN)
        run_id = await running.decide(case, "approve", by=ANN)
        assert isinstance(await running.advance(run_id), Waiting)
        assert desk_tools.DONE == []
        refused("not_entitled", running.cases.undo, case, by=BOB)
        with pytest.raises(DecisionRefused, match="already decided: approve by ann"):
            await running.decide(case, "reject", by=BOB, reason="No.")
        running.cases.undo(case, by=ANN)
        clock.advance(60)
        assert isinstance(await running.advance(run_id), Waiting)
        await running.decide(case, "approve", by=BOB)
        clock.advance(10)
        refused("too_late", running.cases.undo, case, by=BOB)
        assert isinstance(await running.advance(run_id), Answered)
        assert len(desk_tools.DONE) == 1
        refused("too_late", running.cases.undo, case, by=BOB)

    with_case(tmp_path, check, queues=UNDO)


def test_the_sweep_goes_on_with_what_counts_by_now(tmp_path):
    async def check(running, clock, case):
        await running.decide(case, "approve", by=ANN)
        clock.advance(9)
        await running.sweep()
        assert desk_tools.DONE == []
        clock.advance(1)
        await running.sweep()
        assert len(desk_tools.DONE) == 1

    with_case(tmp_path, check, queues=UNDO)


def test_without_undo_a_decision_counts_at_once(tmp_path):
    async def check(running, clock, case):
        run_id = await running.decide(case, "approve", by=ANN)
        refused("too_late", running.cases.undo, case, by=ANN)
        assert isinstance(await running.advance(run_id), Answered)

    with_case(tmp_path, check)


def test_new_evidence_voids_a_decision_that_nothing_has_followed_from(tmp_path):
    async def check(running, clock, case):
        run_id = await running.decide(case, "approve", by=ANN)
        state = running.log.fold(run_id)
        key = state.cases[case].opened.key
        done = {"key": key, "tool": "pay", "result": "paid", "source": "tool", "latency_ms": 1.0}
        appender = running.log.appender(state)
        seq = appender.add(Late(wake="old", what="done", body=done))
        appender.flush_from_outside()
        state = running.log.fold(run_id)
        assert (state.cases[case].decided, state.cases[case].evidence_seq) == (None, seq)
        assert running.log.store.row("case_row", {"case_id": case})["state"] == "open"
        assert isinstance(await running.advance(run_id), Waiting)
        assert desk_tools.DONE == []
        with pytest.raises(DecisionRefused, match="newer evidence"):
            await running.decide(case, "approve", by=ANN, seen_seq=seq - 1)
        await running.decide(case, "approve", by=ANN, seen_seq=seq)
        assert isinstance(await running.advance(run_id), Answered)
        consumed = [each for each in running.log.read(run_id) if isinstance(each.event, Done)]
        assert len(consumed) == 1

    with_case(tmp_path, check)
