"""Cases over HTTP: decided once, whoever races; and what people say of runs."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

import desk_tools
from api_world import Served, asking_then_done, serving
from desk_world import runtime
from remit.app import Limits, Role
from remit.event import Decided, Rated
from remit.testing import FrozenClock


@pytest.fixture(autouse=True)
def _tools() -> None:
    desk_tools.reset()


def waiting_case(served: Served, **fields: Any) -> tuple[str, str]:
    """The run and the case of something that waits for a person."""
    body = served.submitted(**fields)
    return body["run_id"], body["waiting"]["case"]


def of_kind(served: Served, run_id: str, kind: type) -> list[Any]:
    """The run's events of that kind."""
    return [entry.event for entry in served.service.log.read(run_id) if isinstance(entry.event, kind)]


def test_a_case_has_what_it_takes_to_decide_it(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        run_id, case = waiting_case(served)
        (row,) = served.client.get("/v1/cases").json()["cases"]
        assert row["case"] == case
        body = served.client.get(f"/v1/cases/{case}").json()
        assert body["run_id"] == run_id
        assert body["arguments"] == {"order": "7", "amount": 30, "memo": "none"}
        assert "approve" in body["allowed"]
        assert body["decided"] is None


def test_edited_arguments_that_do_not_fit_the_tool_are_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        run_id, case = waiting_case(served)
        path = f"/v1/cases/{case}/decision"
        for arguments in (
            {"order": "7", "amount": "much"},
            {"order": "7"},
            {"order": "7", "amount": 1, "x": 2},
        ):
            reply = served.client.post(path, json={"decision": "edit", "arguments": arguments, "by": "ann"})
            assert reply.status_code == 422, reply.text
            assert reply.json()["code"] == "REMIT-DECISION"
        assert of_kind(served, run_id, Decided) == []
        good = {"decision": "edit", "arguments": {"order": "7", "amount": 5}, "by": "ann"}
        assert served.client.post(path, json=good).status_code == 200
        served.client.get(f"/v1/runs/{run_id}", params={"wait_s": 10})
    assert desk_tools.calls_of("pay") == [{"order": "7", "amount": 5, "memo": "none"}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"decision": "reject"}, 422),
        ({"decision": "edit"}, 422),
        ({"decision": "answer"}, 422),
        ({"decision": "happened"}, 422),
        ({"decision": "maybe"}, 422),
        ({"decision": "approve", "arguments": {}}, 422),
        ({"decision": "approve", "seen_seq": 0}, 409),
        ({"decision": "approve", "by": "u1"}, 403),
        ({"decision": "approve", "by": "deadline"}, 403),
    ],
)
def test_a_decision_that_does_not_fit_the_case_is_refused(
    tmp_path: Path, body: dict[str, Any], status: int
) -> None:
    with serving(tmp_path) as served:
        run_id, case = waiting_case(served, user={"id": "u1"})
        reply = served.client.post(f"/v1/cases/{case}/decision", json={"by": "ann", **body})
        assert reply.status_code == status, reply.text
        assert of_kind(served, run_id, Decided) == []


def test_a_case_decided_elsewhere_is_a_conflict_that_names_who_was_first(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        _, case = waiting_case(served)
        ann, bob = served.as_(Role.REVIEWER, name="ann"), served.as_(Role.REVIEWER, name="bob")
        path = f"/v1/cases/{case}/decision"
        assert ann.post(path, json={"decision": "approve"}).json()["repeated"] is False
        assert ann.post(path, json={"decision": "approve"}).json()["repeated"] is True
        late = bob.post(path, json={"decision": "approve"})
        assert late.status_code == 409
        assert "ann" in late.json()["detail"]
        assert bob.post(path, json={"decision": "approve", "by": "ann"}).status_code == 403


def test_two_reviewers_race_on_every_case_and_exactly_one_wins(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(requests_per_minute=100_000)) as served:
        cases = [waiting_case(served) for _ in range(30)]
        clients = [served.as_(Role.REVIEWER, name=name) for name in ("ann", "bob")]
        replies: dict[str, list[httpx.Response]] = {case: [] for _, case in cases}
        for _, case in cases:
            together = threading.Barrier(2)

            def decide(client: httpx.Client, word: str, case: str = case, gate: Any = together) -> None:
                gate.wait()
                body = {"decision": word, "reason": "so"}
                replies[case].append(client.post(f"/v1/cases/{case}/decision", json=body))

            threads = [
                threading.Thread(target=decide, args=(client, word))
                for client, word in zip(clients, ("approve", "reject"), strict=True)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        approved = 0
        for run_id, case in cases:
            assert sorted(reply.status_code for reply in replies[case]) == [200, 409]
            (decided,) = of_kind(served, run_id, Decided)
            approved += decided.decision == "approve"
            served.client.headers["Authorization"] = clients[0].headers["Authorization"]
            ended = served.client.get(f"/v1/runs/{run_id}", params={"wait_s": 20}).json()
            assert ended["state"] == "ended"
    assert len(desk_tools.calls_of("pay")) == approved


def test_five_hundred_decisions_replayed_twice_change_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, advances=False) as served:

        async def fill() -> list[str]:
            async with runtime(tmp_path, asking_then_done(), commit_every_s=0.25) as running:
                remit = next(iter(served.service.agents.values()))
                found = []
                for begin in range(0, 500, 50):
                    runs = [running.handle(remit, f"Pay {begin + n}.") for n in range(50)]
                    found += [waiting.case for waiting in await asyncio.gather(*runs)]
                return found

        cases = asyncio.run(fill())

        def replay() -> list[int]:
            return [
                served.client.post(
                    f"/v1/cases/{case}/decision", json={"decision": "approve", "by": "ann"}
                ).status_code
                for case in cases
            ]

        assert set(replay()) == {200}
        heads = served.service.log.store.rows("all_heads")
        assert set(replay()) == {200}
        assert set(replay()) == {200}
        assert served.service.log.store.rows("all_heads") == heads
        other = served.client.post(
            f"/v1/cases/{cases[0]}/decision", json={"decision": "reject", "reason": "no", "by": "ann"}
        )
        assert other.status_code == 409


def test_a_deadline_counts_also_after_the_clock_jumped(tmp_path: Path) -> None:
    clock = FrozenClock()
    with serving(tmp_path, clock=clock) as served:
        run_id, case = waiting_case(served)
        clock.advance(10_000 * 3600)
        ended = served.client.get(f"/v1/runs/{run_id}", params={"wait_s": 10})
        late = served.client.post(f"/v1/cases/{case}/decision", json={"decision": "approve", "by": "ann"})
        assert late.status_code == 409
        assert ended.status_code == 200
    assert desk_tools.calls_of("pay") == []


def test_cases_are_listed_page_by_page(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        made = [waiting_case(served)[1] for _ in range(5)]
        seen, cursor = [], None
        while True:
            params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = served.client.get("/v1/cases", params=params)
            seen += [row["case"] for row in page.json()["cases"]]
            cursor = page.json()["next"]
            if cursor is None:
                break
        assert seen == made
        assert served.client.get("/v1/cases", params={"queue": "others"}).json()["cases"] == []
        assert served.client.get("/v1/cases", params={"state": "decided"}).json()["cases"] == []


def test_feedback_stands_in_the_log_beside_its_run(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        run_id, _ = waiting_case(served)
        caller = served.as_(Role.CALLER, name="shop")
        path = f"/v1/runs/{run_id}/feedback"
        reply = caller.post(path, json={"rating": "bad", "comment": "Wrong.", "correction": {"order": "8"}})
        assert reply.status_code == 201, reply.text
        assert caller.post(path, json={"comment": "Still wrong."}).status_code == 201
        assert caller.post(path, json={}).status_code == 422
        assert caller.post(path, json={"rating": "ugly"}).status_code == 422
        assert caller.post("/v1/runs/none/feedback", json={"rating": "good"}).status_code == 404
        first, second = of_kind(served, run_id, Rated)
        assert (first.rating, first.by, first.source) == ("bad", "shop", "staff")
        assert first.correction == {"order": "8"}
        assert second.rating is None


def test_an_end_user_speaks_of_one_run_with_a_token(tmp_path: Path) -> None:
    clock = FrozenClock()
    with serving(tmp_path, clock=clock) as served:
        run_id, _ = waiting_case(served)
        other, _ = waiting_case(served)
        caller = served.as_(Role.CALLER)
        made = caller.post(f"/v1/runs/{run_id}/feedback-token", json={"user": "u1", "valid_s": 60}).json()
        token = {"Feedback-Token": made["token"]}
        said = served.client.post(f"/v1/runs/{run_id}/feedback", json={"rating": "good"}, headers=token)
        assert said.json() == {"run_id": run_id, "by": "u1", "source": "end_user"}
        assert [rated.source for rated in of_kind(served, run_id, Rated)] == ["end_user"]
        forged = made["token"][:-2] + "AA"
        for where, sent in ((other, made["token"]), ("none", made["token"]), (run_id, forged), (run_id, ".")):
            refused = served.client.post(
                f"/v1/runs/{where}/feedback", json={"rating": "good"}, headers={"Feedback-Token": sent}
            )
            assert refused.status_code == 401, refused.text
        assert served.client.get(f"/v1/runs/{run_id}", headers=token).status_code == 401
        clock.advance(61)
        late = served.client.post(f"/v1/runs/{run_id}/feedback", json={"rating": "good"}, headers=token)
        assert late.status_code == 401


def test_what_a_person_answers_after_the_run_was_passed_on_is_told_to_its_caller(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        run_id, _ = waiting_case(served)
        asked = {"reason": "I want a person."}
        assert served.client.post(f"/v1/runs/{run_id}/hand-over", json=asked).status_code == 200
        ended = served.client.get(f"/v1/runs/{run_id}", params={"wait_s": 10})
        assert (ended.json()["outcome"]["kind"], ended.json()["later"]) == ("escalated", None)
        case = ended.json()["outcome"]["case"]
        decision = {"decision": "answer", "answer": "It is on its way.", "by": "ann"}
        assert served.client.post(f"/v1/cases/{case}/decision", json=decision).status_code == 200
        again = served.client.get(f"/v1/runs/{run_id}", headers={"If-None-Match": ended.headers["ETag"]})
        assert again.json()["later"] == {"case": case, "answer": "It is on its way.", "by": "ann"}
