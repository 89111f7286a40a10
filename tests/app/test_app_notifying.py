"""Who is told of a case: at least once, never more often than declared, and nobody holds anybody up."""

import asyncio
import json

import pytest

import desk_tools
from desk_world import ANN, USER, desk, run_ids, runtime
from mail_world import Mailbox, mail_server
from remit.app import Notifier
from remit.export import webhook_genuine
from remit.outcome import Waiting
from remit.testing import FrozenClock, answer, call
from store_places import change, store_at

KEY = "a signing key of some length"
PAY = call("pay", order="7", amount=30, memo="x")


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


class Target:
    """A webhook's server in this loop: it answers as it is told and keeps what it was sent."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.taken = []
        self.hang = asyncio.Event()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/"
        return self

    async def __aexit__(self, *_):
        self.hang.set()
        self.server.close()
        await self.server.wait_closed()

    async def _serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(headers["Content-Length"]))
        self.taken.append((headers, body))
        status = self.statuses.pop(0) if self.statuses else 200
        if status:
            writer.write(f"HTTP/1.1 {status} x\r\n\r\n".encode())
        else:
            await self.hang.wait()
        writer.close()


def told(tmp_path, check, *statuses, monkeypatch, **notify):
    """One case in a queue that tells a target; what the test does with both."""
    monkeypatch.setenv("HOOK_KEY", KEY)
    clock = FrozenClock()

    async def whole():
        async with Target(*statuses) as target:
            target_keys = {"webhook": target.address, "key": {"secret": "HOOK_KEY"}, **notify}
            remit = desk(
                tmp_path / "desk",
                "pay",
                rules={"pay": {"ask": "always"}},
                queues={"people": {"notify": [target_keys]}, "others": {"notify": [target_keys]}},
                handover="people",
            )
            environment = {"HOOK_KEY": KEY, "REMIT_PUBLIC_URL": "https://desk.example/"}
            script = [PAY, answer("Paid.")]
            async with runtime(tmp_path, script, clock=clock, environment=environment) as running:
                outcome = await running.handle(remit, "Pay.", user=USER)
                assert isinstance(outcome, Waiting)
                await check(running, clock, target, outcome.case)

    asyncio.run(whole())


async def look(running: object) -> int:
    notifier: Notifier = running.notifier()
    begun = await notifier.look()
    await notifier.settled()
    return begun


def states(running):
    rows = running.log.store.select("select state, attempts, error from notification order by state", {})
    return [(row["state"], row["attempts"]) for row in rows]


def test_a_case_is_told_once_signed_and_with_its_link(tmp_path, monkeypatch):
    async def check(running, clock, target, case):
        assert await look(running) == 1
        assert await look(running) == 0
        ((headers, body),) = target.taken
        assert webhook_genuine(KEY, headers, body, now=clock())
        data = json.loads(body)["data"]
        assert (data["case"], data["link"]) == (case, f"https://desk.example/review/{case}")
        assert states(running) == [("sent", 1)]
        assert KEY.encode() not in b"".join(running.log.store.select("select data from body", {})[0].values())

    told(tmp_path, check, monkeypatch=monkeypatch)


def test_it_is_tried_again_and_given_up_after_the_declared_attempts(tmp_path, monkeypatch):
    async def check(running, clock, target, case):
        for _ in range(10):
            await look(running)
            clock.advance(3600)
        assert len(target.taken) == 3
        assert len({headers["webhook-id"] for headers, _ in target.taken}) == 1
        assert states(running) == [("dead", 3)]

    told(tmp_path, check, 500, 302, 500, 200, monkeypatch=monkeypatch, attempts=3)


def test_a_sender_that_was_lost_is_followed_by_another_and_its_attempt_counts(tmp_path, monkeypatch):
    async def check(running, clock, target, case):
        notifier = running.notifier()
        assert await notifier.look() == 1
        for task in list(notifier._under_way):
            task.cancel()
        await notifier.settled()
        assert states(running) == [("sending", 1)]
        assert await look(running) == 0
        clock.advance(60)
        assert await look(running) == 1
        assert states(running) == [("sent", 2)]

    told(tmp_path, check, monkeypatch=monkeypatch, attempts=2)


def test_a_target_that_hangs_holds_up_nothing(tmp_path, monkeypatch):
    async def check(running, clock, target, case):
        run_id = run_ids(running)[0]
        notifier = running.notifier()
        assert await notifier.look() == 1
        running.cases.hand_on(case, "others", by=ANN)
        assert await notifier.look() == 1
        await running.decide(case, "approve", by=ANN)
        assert (await running.advance(run_id)).message == "Paid."
        await notifier.settled()
        assert sorted(states(running)) == [("pending", 1), ("sent", 1)]

    told(tmp_path, check, 0, 200, monkeypatch=monkeypatch, timeout="500ms")


def test_what_is_decided_by_then_is_not_told(tmp_path, monkeypatch):
    async def check(running, clock, target, case):
        await running.decide(case, "reject", by=ANN, reason="No.")
        assert await look(running) == 1
        assert (target.taken, states(running)) == ([], [("sent", 1)])

    told(tmp_path, check, monkeypatch=monkeypatch)


def test_slack_and_mail_are_told_as_they_take_it(tmp_path):
    box = Mailbox()

    async def whole(server):
        async with Target() as target:
            notify = [{"slack": target.address}, {"email": "ann@example.com"}]
            remit = desk(
                tmp_path / "desk",
                "pay",
                rules={"pay": {"ask": "always"}},
                queues={"people": {"notify": notify}},
                handover="people",
            )
            environment = {"REMIT_SMTP": server}
            async with runtime(tmp_path, [PAY], clock=FrozenClock(), environment=environment) as running:
                await running.handle(remit, "Pay.", user=USER)
                assert await look(running) == 2
                assert states(running) == [("sent", 1), ("sent", 1)]
            ((_, body),) = target.taken
            assert "A case waits in people: Call pay" in json.loads(body)["text"]

    with mail_server(box) as server:
        asyncio.run(whole(server))
    assert box.taken[0].rcpt_tos == ["ann@example.com"]


def test_a_sweep_tells_as_a_worker_does(tmp_path, monkeypatch):
    """So `remit worker --once` tells too."""

    async def check(running, clock, target, case):
        await running.sweep()
        assert (len(target.taken), states(running)) == (1, [("pending", 1)])
        clock.advance(60)
        await running.sweep()
        await running.sweep()
        assert (len(target.taken), states(running)) == (2, [("sent", 2)])

    told(tmp_path, check, 500, monkeypatch=monkeypatch)


def test_what_is_for_an_agent_of_another_process_holds_nobody_up(tmp_path, monkeypatch):
    async def check(running, clock, target, case):
        for number in range(30):
            change(
                store_at(tmp_path),
                "insert into notification (notification_id, case_id, run_id, agent, queue, target, state,"
                " next_at, created_at) values (?, 'c', 'r', 'elsewhere', 'people', 0, 'pending', 0, 0)",
                [f"0{number}"],
            )
        assert await look(running) == 1
        assert len(target.taken) == 1

    told(tmp_path, check, monkeypatch=monkeypatch)
