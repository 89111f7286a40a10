"""Runs over HTTP: submitted, waited for, looked at, followed and stopped."""

import asyncio
import json
import threading
from pathlib import Path

import httpx
import pytest

import desk_tools
from api_world import asking_then_done, serving
from desk_world import desk, runtime
from remit.app import Role
from remit.testing import ScriptedModel, answer, call


@pytest.fixture(autouse=True)
def _tools() -> None:
    desk_tools.reset()


def steps(reply: httpx.Response) -> list[tuple[int, str]]:
    """Number and kind of each event of a stream."""
    found, number = [], None
    for line in reply.iter_lines():
        if line.startswith("id: "):
            number = int(line[4:])
        elif line.startswith("event: ") and number is not None:
            found.append((number, line[7:]))
            number = None
    return found


def test_a_run_is_waited_for_and_its_outcome_is_the_answer(tmp_path: Path) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("On its way."))) as served:
        reply = served.client.post("/v1/runs", json={"agent": "desk", "input": "Where is order 7?"})
        assert reply.status_code == 200
        body = reply.json()
        assert body["state"] == "ended"
        assert body["outcome"]["kind"] == "answered"
        assert body["outcome"]["message"] == "On its way."
        again = served.client.get(reply.headers["location"]).json()
        assert again == body


def test_a_run_that_waits_for_a_person_says_so_and_goes_on_with_the_decision(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        body = served.submitted()
        assert body["state"] == "waiting"
        assert body["outcome"] is None
        case = body["waiting"]["case"]
        taken = served.client.post(f"/v1/cases/{case}/decision", json={"decision": "approve", "by": "ann"})
        assert taken.status_code == 200, taken.text
        assert taken.json() | {"repeated": False} == {
            "case": case,
            "run_id": body["run_id"],
            "decision": "approve",
            "by": "ann",
            "repeated": False,
        }
        ended = served.client.get(f"/v1/runs/{body['run_id']}", params={"wait_s": 10}).json()
        assert ended["outcome"]["message"] == "It is done."
    assert len(desk_tools.calls_of("pay")) == 1


def test_an_async_run_is_there_at_once_and_ends_by_itself(tmp_path: Path) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        reply = served.client.post("/v1/runs", json={"agent": "desk", "input": "?", "mode": "async"})
        assert reply.status_code == 202
        run_id = reply.json()["run_id"]
        ended = served.client.get(f"/v1/runs/{run_id}", params={"wait_s": 10}).json()
        assert ended["outcome"]["kind"] == "answered"


def test_a_wait_that_is_over_leaves_the_run_going(tmp_path: Path) -> None:
    go_on = threading.Event()

    async def slowly(**_: object) -> str:
        await asyncio.to_thread(go_on.wait, 20)
        return "rain"

    desk_tools.DOES["weather"] = slowly
    remit = desk(tmp_path / "w", "weather")
    script = ScriptedModel([call("weather", city="Bern"), answer("Rain.")])
    with serving(tmp_path, script, remits=[remit]) as served:
        reply = served.client.post("/v1/runs", json={"agent": "desk", "input": "?", "wait_s": 0.2})
        assert reply.status_code == 202
        assert reply.json()["state"] == "runnable"
        go_on.set()
        ended = served.client.get(reply.headers["location"], params={"wait_s": 10}).json()
        assert ended["outcome"]["message"] == "Rain."


def test_the_same_idempotency_key_is_the_same_run(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        send = {"json": {"agent": "desk", "input": "Pay."}, "headers": {"Idempotency-Key": "k1"}}
        first = served.client.post("/v1/runs", **send).json()
        second = served.client.post("/v1/runs", **send).json()
        assert first["run_id"] == second["run_id"]
        other = served.client.post(
            "/v1/runs", json={"agent": "desk", "input": "Other."}, headers={"Idempotency-Key": "k1"}
        )
        assert other.status_code == 422
        assert other.json()["code"] == "REMIT-IDEMPOTENCY"
        assert len(served.client.get("/v1/runs").json()["runs"]) == 1


@pytest.mark.parametrize("mode", ["async", "wait"])
def test_the_same_key_at_the_same_moment_makes_one_run(tmp_path: Path, mode: str) -> None:
    with serving(tmp_path) as served:
        replies: list[httpx.Response] = []
        together = threading.Barrier(8)

        def send() -> None:
            with httpx.Client(base_url=served.address, timeout=30, trust_env=False) as client:
                together.wait()
                body = {"agent": "desk", "input": "Pay.", "mode": mode}
                replies.append(client.post("/v1/runs", json=body, headers={"Idempotency-Key": "k1"}))

        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {reply.status_code for reply in replies} == {202}
        assert len({reply.json()["run_id"] for reply in replies}) == 1
        assert len(served.client.get("/v1/runs").json()["runs"]) == 1


def test_the_trace_is_the_log_page_by_page(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        run_id = served.submitted(user={"id": "u1"})["run_id"]
        whole = served.client.get(f"/v1/runs/{run_id}/events").json()
        kinds = [event["kind"] for event in whole["events"]]
        assert kinds[0] == "admitted"
        assert kinds[-1] == "case_opened"
        assert whole["next_after"] is None
        pages, after = [], -1
        while after is not None:
            page = served.client.get(f"/v1/runs/{run_id}/events", params={"after": after, "limit": 3}).json()
            pages += page["events"]
            after = page["next_after"]
        assert pages == whole["events"]


def test_personal_data_is_masked_unless_the_role_may_see_it(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        run_id = served.submitted(input="Write to bob@example.com.")["run_id"]
        path = f"/v1/runs/{run_id}/events"
        caller, reviewer = served.as_(Role.CALLER), served.as_(Role.REVIEWER)
        assert caller.get(path).json()["events"][0]["body"]["input"] == "Write to [e-mail]."
        assert caller.get(path, params={"unmasked": True}).status_code == 403
        seen = reviewer.get(path, params={"unmasked": True}).json()
        assert seen["events"][0]["body"]["input"] == "Write to bob@example.com."


def test_runs_are_listed_page_by_page_while_new_ones_come(tmp_path: Path) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        made = [served.submitted()["run_id"] for _ in range(7)]
        seen, cursor = [], None
        while True:
            params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
            page = served.client.get("/v1/runs", params=params).json()
            seen += [row["run_id"] for row in page["runs"]]
            served.submitted()
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == made[::-1]
        assert len(served.client.get("/v1/runs", params={"outcome": "answered"}).json()["runs"]) == 10
        assert served.client.get("/v1/runs", params={"outcome": "failed"}).json()["runs"] == []
        assert served.client.get("/v1/runs", params={"cursor": "nonsense"}).status_code == 422


def test_a_stream_has_every_step_and_ends_with_the_run(tmp_path: Path) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        body = {"agent": "desk", "input": "?", "mode": "stream"}
        with served.client.stream("POST", "/v1/runs", json=body) as reply:
            assert reply.headers["content-type"].startswith("text/event-stream")
            found = steps(reply)
        run_id = served.client.get("/v1/runs").json()["runs"][0]["run_id"]
        logged = served.client.get(f"/v1/runs/{run_id}/events").json()["events"]
        assert found == [(event["seq"], event["kind"]) for event in logged]
        assert found[-1][1] == "ended"


def test_a_broken_stream_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        waiting = served.submitted()
        path, seen = f"/v1/runs/{waiting['run_id']}/stream", []
        with served.client.stream("GET", path) as reply:
            for line in reply.iter_lines():
                if line.startswith("id: "):
                    seen.append(int(line[4:]))
                if len(seen) == 3:
                    break
        case = waiting["waiting"]["case"]
        served.client.post(f"/v1/cases/{case}/decision", json={"decision": "approve", "by": "ann"})
        with served.client.stream("GET", path, headers={"Last-Event-ID": str(seen[-1])}) as reply:
            rest = steps(reply)
        assert [*seen, *(number for number, _ in rest)] == list(range(rest[-1][0] + 1))
        assert rest[-1][1] == "ended"
        over = served.client.get(path, headers={"Last-Event-ID": str(rest[-1][0])})
        assert over.status_code == 204


def test_a_stream_shows_what_another_process_appends(tmp_path: Path) -> None:
    with serving(tmp_path, advances=False) as served:
        admitted = served.client.post(
            "/v1/runs", json={"agent": "desk", "input": "Pay.", "mode": "async"}
        ).json()
        found: list[tuple[int, str]] = []

        def follow() -> None:
            with (
                httpx.Client(base_url=served.address, timeout=30, trust_env=False) as client,
                client.stream("GET", f"/v1/runs/{admitted['run_id']}/stream") as reply,
            ):
                found.extend(steps(reply))

        follower = threading.Thread(target=follow)
        follower.start()

        async def elsewhere() -> None:
            async with runtime(tmp_path, asking_then_done()) as running:
                running.register(next(iter(served.service.agents.values())))
                waiting = await running.advance(admitted["run_id"])
                await running.decide(waiting.case, "approve", by="ann")
                await running.advance(admitted["run_id"])

        asyncio.run(elsewhere())
        follower.join(20)
        assert found[-1][1] == "ended"
        assert [number for number, _ in found] == list(range(len(found)))


def test_a_run_is_cancelled_once(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        waiting = served.submitted()
        path = f"/v1/runs/{waiting['run_id']}/cancel"
        reply = served.client.post(path, json={"reason": "Asked twice."})
        assert reply.status_code == 200, reply.text
        assert reply.json()["outcome"]["mode"] == "cancelled"
        assert served.client.post(path).status_code == 409
    assert desk_tools.calls_of("pay") == []


def test_what_the_process_before_left_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, advances=False) as served:
        body = {"agent": "desk", "input": "?", "mode": "async"}
        run_id = served.client.post("/v1/runs", json=body).json()["run_id"]
    with serving(tmp_path, ScriptedModel(lambda _: answer("Late."))) as served:
        ended = served.client.get(f"/v1/runs/{run_id}", params={"wait_s": 10}).json()
        assert ended["outcome"]["message"] == "Late."


def test_the_description_has_examples_that_are_accepted(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        schema = served.client.get("/openapi.json").json()
        examples = schema["components"]["schemas"]["RunRequest"]["examples"]
        for example in examples:
            reply = served.client.post("/v1/runs", json={**example, "agent": "desk"})
            assert reply.status_code in (200, 202)
        assert schema["components"]["securitySchemes"].keys() == {"key", "session"}
        assert json.dumps(schema).count("HTTPValidationError") == 0
