"""Many cases in one queue: two reviewers on each, every decision twice, and lists that stay quick."""

import asyncio
import time
from contextlib import closing
from threading import Barrier, Thread

import desk_tools
from desk_world import ANN, desk, runtime
from remit.app import DecisionWish, Identity, Role, cases_seen, next_case, queue_counts, take_decision
from remit.errors import DecisionRefused
from remit.store import Statement, open_store
from remit.testing import FrozenClock, ScriptedModel, answer, call
from store_places import store_at

ADMIN = Identity(name="root", role=Role.ADMIN)
BOB = "bob@example.com"
PAY = call("pay", order="7", amount=30, memo="x")


def waiting(folder, count, check):
    """So many runs that wait for a person."""
    remit = desk(folder / "desk", "pay", rules={"pay": {"ask": "always"}}, handover="people")

    async def whole():
        desk_tools.reset()
        model = ScriptedModel([PAY, answer("Paid.")], by_turn=True)
        async with runtime(folder, model, clock=FrozenClock()) as running:
            cases = [(await running.handle(remit, "Pay.")).case for _ in range(count)]
            await check(running, remit, cases)

    asyncio.run(whole())


def test_two_reviewers_racing_on_every_case_never_decide_one_twice(tmp_path):
    async def check(running, remit, cases):
        won, lost = {ANN: [], BOB: []}, []
        start = Barrier(2)

        def decide_all(who):
            start.wait()
            for case in cases:
                try:
                    take_decision(running.log, {}, ADMIN, case, DecisionWish(decision="approve", by=who))
                    won[who].append(case)
                except DecisionRefused as refused:
                    lost.append(str(refused))

        threads = [Thread(target=decide_all, args=(who,)) for who in (ANN, BOB)]
        for thread in threads:
            thread.start()
        for thread in threads:
            await asyncio.to_thread(thread.join)
        assert sorted(won[ANN] + won[BOB]) == sorted(cases)
        assert all("already decided" in reason for reason in lost)
        assert len(lost) == len(cases)
        await running.sweep()
        assert len(desk_tools.DONE) == len(cases)

    waiting(tmp_path, 40, check)


def test_decisions_that_come_again_change_nothing(tmp_path):
    async def check(running, remit, cases):
        def decide_all():
            return [
                take_decision(
                    running.log, {}, ADMIN, case, DecisionWish(decision="reject", by=ANN, reason="No.")
                ).repeated
                for case in cases
            ]

        assert not any(decide_all())
        heads = running.log.store.select("select run_id, head from run order by run_id", {})
        assert all(decide_all())
        assert all(decide_all())
        assert running.log.store.select("select run_id, head from run order by run_id", {}) == heads

    waiting(tmp_path, 500, check)


def test_ten_thousand_cases_in_one_queue_stay_usable(tmp_path):
    async def check(running, remit, cases):
        with closing(open_store(store_at(tmp_path), time.time)) as store:
            known = store.row("case_row", {"case_id": cases[0]})
            for begin in range(0, 10_000, 1000):
                store.execute_now(
                    *(
                        Statement(
                            "open_case",
                            {
                                "case_id": f"x{number:06}",
                                "run_id": known["run_id"],
                                "queue": "people",
                                "reason": "permit",
                                "question": "Call pay?",
                                "opened_at": 0.0,
                                "opens_at": 0.0,
                                "deadline": 2e9 + number % 97,
                                "rank": -(number % 3),
                                "due": 2e9 + number % 97,
                                "expert": "",
                            },
                        )
                        for number in range(begin, begin + 1000)
                    )
                )
        log = running.log
        filters = {"state": "open", "queue": "people"}
        seen, cursor = [], None
        begin = time.perf_counter()
        while True:
            page = cases_seen(log, ADMIN, filters, cursor=cursor, most=200)
            seen += [(row["rank"], row["due"], row["case_id"]) for row in page.rows]
            cursor = page.next
            if cursor is None:
                break
        pages_s = (time.perf_counter() - begin) / (len(seen) / 200)
        assert len(seen) == len(set(seen)) == 10_001
        assert seen == sorted(seen)
        begin = time.perf_counter()
        found = next_case(log, ADMIN, {"queue": "people"}, by=ANN).row
        assert found is not None
        assert found["rank"] == -2
        next_s = time.perf_counter() - begin
        (count,) = queue_counts(log, ADMIN)
        assert count["open"] == 10_001
        assert (pages_s < 0.5, next_s < 0.5) == (True, True)

    waiting(tmp_path, 1, check)
