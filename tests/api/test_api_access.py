"""Who gets in, how far, and what everybody else is told."""

import asyncio
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

import desk_tools
from api_world import Served, serving
from remit.app import MAY, Act, Limits, Role, revoke_key
from remit.log import administered, verify
from remit.testing import ScriptedModel, answer


@pytest.fixture(autouse=True)
def _tools() -> None:
    desk_tools.reset()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as found:
        yield found


class JumpingClock:
    """A clock that somebody sets forward and back."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.sleep = asyncio.sleep

    def __call__(self) -> float:
        return self.now


def problem(reply: httpx.Response, status: int, code: str) -> dict[str, object]:
    """The problem that the reply is, with every field that a problem has."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:remit:error:{code}"
    assert body["title"]
    assert body["detail"]
    return body


def test_nobody_needs_a_key_until_one_was_made_and_everybody_from_then_on(served: Served) -> None:
    assert served.client.get("/v1/runs").status_code == 200
    key = served.issue(Role.ADMIN)
    reply = served.client.get("/v1/runs")
    problem(reply, 401, "REMIT-ACCESS")
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert served.with_key(key.secret).get("/v1/runs").status_code == 200
    revoke_key(served.service.log, key.key.id, by="root")
    problem(served.client.get("/v1/runs"), 401, "REMIT-ACCESS")


@pytest.mark.parametrize("presented", ["x", "remit_", "remit_aaaaaaaa_" + "a" * 52, "remit_é", "a b c"])
def test_what_is_no_key_opens_nothing(served: Served, presented: str) -> None:
    served.issue(Role.ADMIN)
    reply = served.client.get("/v1/runs", headers={"Authorization": f"Bearer {presented}".encode()})
    problem(reply, 401, "REMIT-ACCESS")
    problem(served.client.get("/v1/runs", headers={"Authorization": "Basic YTpi"}), 401, "REMIT-ACCESS")


def test_half_a_key_says_nothing_of_the_other_half(served: Served) -> None:
    key = served.issue(Role.ADMIN)
    revoke_key(served.service.log, key.key.id, by="root")
    guessed = key.secret[:-4] + "aaaa"
    told = problem(served.with_key(guessed).get("/v1/runs"), 401, "REMIT-ACCESS")
    assert "revoked" not in str(told["detail"])
    told = problem(served.with_key(key.secret).get("/v1/runs"), 401, "REMIT-ACCESS")
    assert "revoked" in str(told["detail"])


def test_a_key_ends_by_itself_also_when_the_clock_jumps(tmp_path: Path) -> None:
    clock = JumpingClock()
    with serving(tmp_path, clock=clock) as served:
        key = served.issue(Role.ADMIN, expires_at=clock() + 60)
        client = served.with_key(key.secret)
        assert client.get("/v1/runs").status_code == 200
        clock.now += 3600
        told = problem(client.get("/v1/runs"), 401, "REMIT-ACCESS")
        assert "expired" in str(told["detail"])
        clock.now -= 7200
        assert client.get("/v1/runs").status_code == 200


def test_keys_are_kept_as_digests_and_every_act_is_in_the_log(served: Served, tmp_path: Path) -> None:
    key = served.issue(Role.CALLER, name="shop", agents=("desk",))
    revoke_key(served.service.log, key.key.id, by="ann", reason="It stood in a mail.")
    revoke_key(served.service.log, key.key.id, by="bob")
    acts = [entry.event for entry in administered(served.service.log)]
    assert [(act.act, act.by, act.subject) for act in acts] == [
        ("key_issued", "root", key.key.id),
        ("key_revoked", "ann", key.key.id),
    ]
    assert verify(served.service.log.store).whole
    content = b"".join(file.read_bytes() for file in tmp_path.glob("remit.db*"))
    assert key.key.id.encode() in content
    assert key.secret[15:].encode() not in content


def test_a_changed_act_is_noticed(served: Served) -> None:
    served.issue(Role.ADMIN)
    store = served.service.log.store
    (entry,) = administered(served.service.log)
    with closing(sqlite3.connect(store.address)) as connection, connection:
        change = "update body set data = replace(data, 'root', 'toor') where run_id = ?"
        connection.execute(change, [entry.run_id])
    assert [found.run_id for found in verify(store).breaks] == ["administration"]


ROUTES: dict[Act, tuple[str, str, object]] = {
    Act.SUBMIT: ("POST", "/v1/runs", {"agent": "desk", "input": "?"}),
    Act.READ: ("GET", "/v1/runs", None),
    Act.CANCEL: ("POST", "/v1/runs/none/cancel", {}),
    Act.GIVE_FEEDBACK: ("POST", "/v1/runs/none/feedback", {"rating": "good"}),
    Act.SEE_CASES: ("GET", "/v1/cases", None),
    Act.DECIDE: ("POST", "/v1/cases/none/decision", {"decision": "approve"}),
    Act.SEE_AGENTS: ("GET", "/v1/agents", None),
    Act.SEE_METRICS: ("GET", "/metrics", None),
    Act.SEE_PERSONAL_DATA: ("GET", "/v1/runs/none/events?unmasked=true", None),
    Act.RETRY_NOTIFICATIONS: ("POST", "/v1/notifications/none/retry", None),
    Act.MANAGE_KEYS: ("GET", "/v1/keys", None),
}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_it_is_for_and_nothing_else(tmp_path: Path, role: Role) -> None:
    assert ROUTES.keys() == set(Act)
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        client = served.as_(role)
        for act, (method, path, body) in ROUTES.items():
            reply = client.request(method, path, json=body)
            if act in MAY[role]:
                assert reply.status_code in (200, 404), f"{act}: {reply.text}"
            else:
                problem(reply, 403, "REMIT-ROLE")


def test_another_tenants_run_is_not_there(served: Served) -> None:
    north, south = (served.as_(Role.ADMIN, name=name, tenants=(name,)) for name in ("north", "south"))
    waiting = served.submitted(north)
    run_id, case = waiting["run_id"], waiting["waiting"]["case"]
    assert north.get(f"/v1/runs/{run_id}").status_code == 200
    for method, path, body in (
        ("GET", f"/v1/runs/{run_id}", None),
        ("GET", f"/v1/runs/{run_id}/events", None),
        ("GET", f"/v1/runs/{run_id}/stream", None),
        ("POST", f"/v1/runs/{run_id}/cancel", {}),
        ("POST", f"/v1/runs/{run_id}/feedback", {"rating": "bad"}),
        ("POST", f"/v1/runs/{run_id}/feedback-token", {"user": "u1"}),
        ("GET", f"/v1/cases/{case}", None),
        ("POST", f"/v1/cases/{case}/decision", {"decision": "approve"}),
    ):
        problem(south.request(method, path, json=body), 404, "REMIT-NOT-FOUND")
    assert south.get("/v1/runs").json()["runs"] == []
    assert south.get("/v1/cases").json()["cases"] == []
    assert [row["tenant"] for row in north.get("/v1/runs").json()["runs"]] == ["north"]
    refused = south.post("/v1/runs", json={"agent": "desk", "input": "?", "tenant": "north"})
    problem(refused, 403, "REMIT-TENANT")


def test_a_key_for_other_agents_and_queues_sees_none_of_this_one(served: Served) -> None:
    waiting = served.submitted()
    elsewhere = served.as_(Role.ADMIN, name="a", agents=("other",))
    others = served.as_(Role.ADMIN, name="b", queues=("others",))
    assert elsewhere.get("/v1/agents").json() == {"agents": []}
    problem(elsewhere.get("/v1/agents/desk/runbook"), 404, "REMIT-NOT-FOUND")
    problem(elsewhere.post("/v1/runs", json={"agent": "desk", "input": "?"}), 404, "REMIT-NOT-FOUND")
    assert elsewhere.get("/v1/runs").json()["runs"] == []
    assert others.get("/v1/cases").json()["cases"] == []
    problem(others.get(f"/v1/cases/{waiting['waiting']['case']}"), 404, "REMIT-NOT-FOUND")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"X-Forwarded-For": "10.0.0.1"},
        {"Forwarded": "for=10.0.0.1"},
    ],
)
def test_without_keys_only_this_machine_is_answered(served: Served, headers: dict[str, str]) -> None:
    problem(served.client.get("/v1/runs", headers=headers), 401, "REMIT-ACCESS")
    problem(served.client.post("/v1/runs", json={}, headers=headers), 401, "REMIT-ACCESS")


def test_a_public_server_without_keys_answers_nobody(tmp_path: Path) -> None:
    with serving(tmp_path, loopback=False) as served:
        problem(served.client.get("/v1/runs"), 401, "REMIT-ACCESS")
        assert served.client.get("/health/live").status_code == 200


def test_a_key_asks_so_often_and_then_waits(tmp_path: Path) -> None:
    moments = iter([0.0] * 4 + [100.0] * 50)
    with serving(tmp_path, limits=Limits(requests_per_minute=3)) as served:
        served.service._monotonic = lambda: next(moments)
        client, other = served.as_(Role.CALLER, name="a"), served.as_(Role.CALLER, name="b")
        assert [client.get("/v1/runs").status_code for _ in range(3)] == [200, 200, 200]
        reply = client.get("/v1/runs")
        problem(reply, 429, "REMIT-RATE")
        assert int(reply.headers["retry-after"]) >= 1
        assert other.get("/v1/runs").status_code == 200
        assert client.get("/v1/runs").status_code == 200


def test_fifty_megabytes_are_refused_before_they_are_read(served: Served) -> None:
    host, port = served.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST /v1/runs HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 52428800\r\n\r\n{{".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_a_body_that_grows_without_saying_so_is_cut_off(served: Served) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"agent": "desk", "input": "'
        for _ in range(50):
            yield b"x" * 1_000_000

    try:
        reply = served.client.post("/v1/runs", content=chunks(), headers={"Content-Type": "application/json"})
    except httpx.WriteError:
        return
    problem(reply, 413, "REMIT-TOO-LARGE")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"agent": "desk", "input": 1, "more": 2}', "application/json", 422),
        (b'{"agent": "desk", "input": "?"}', "text/plain", 422),
        (b'{"agent": "none", "input": "?"}', "application/json", 404),
        (b'{"agent": "desk", "input": ' + b"[" * 5000 + b"]" * 5000 + b"}", "application/json", 400),
        (b'{"agent": "desk", "input": "?", "wait_s": 1e999}', "application/json", 422),
    ],
)
def test_a_body_that_does_not_fit_is_a_problem(served: Served, body: bytes, kind: str, status: int) -> None:
    reply = served.client.post("/v1/runs", content=body, headers={"Content-Type": kind})
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert served.client.get("/v1/runs").json()["runs"] == []


def test_a_path_or_method_that_is_not_there_is_a_problem(served: Served) -> None:
    problem(served.client.get("/v1/nothing"), 404, "REMIT-REQUEST")
    problem(served.client.put("/v1/runs"), 405, "REMIT-REQUEST")


def test_an_error_of_ours_is_a_problem_without_a_trace(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the password is x")

    monkeypatch.setattr(served.service.log.store, "select", broken)
    told = problem(served.client.get("/v1/runs"), 500, "REMIT-UNEXPECTED")
    assert "password" not in str(told)


def test_a_session_is_opened_with_a_key_and_guarded_against_forged_requests(served: Served) -> None:
    key = served.issue(Role.ADMIN, name="ann")
    browser = served.client_with()
    problem(browser.post("/v1/session", json={"key": "remit_no"}), 401, "REMIT-ACCESS")
    forged = browser.post("/v1/session", json={"key": key.secret}, headers={"Origin": "http://evil.example"})
    problem(forged, 403, "REMIT-ORIGIN")
    opened = browser.post("/v1/session", json={"key": key.secret})
    assert opened.status_code == 201
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/v1/session").json()["name"] == "ann"
    body = {"name": "shop", "role": "caller"}
    problem(browser.post("/v1/keys", json=body), 401, "REMIT-ACCESS")
    guard = {"X-CSRF-Token": opened.json()["csrf"]}
    cross = browser.post("/v1/keys", json=body, headers={**guard, "Origin": "http://evil.example"})
    problem(cross, 401, "REMIT-ACCESS")
    made = browser.post("/v1/keys", json=body, headers=guard)
    assert made.status_code == 201
    assert browser.delete(f"/v1/keys/{key.key.id}", headers=guard).status_code == 200
    problem(browser.get("/v1/runs"), 401, "REMIT-ACCESS")


def test_a_session_ends_when_it_is_closed(served: Served) -> None:
    key = served.issue(Role.REVIEWER, name="ann")
    browser = served.client_with()
    browser.post("/v1/session", json={"key": key.secret})
    kept = dict(browser.cookies)
    assert browser.delete("/v1/session").status_code == 204
    thief = served.client_with({"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())})
    problem(thief.get("/v1/runs"), 401, "REMIT-ACCESS")
    acts = [entry.event.act for entry in administered(served.service.log)]
    assert acts == ["key_issued", "signed_in", "signed_out"]


def test_an_admin_keeps_the_keys_over_http(served: Served) -> None:
    admin = served.as_(Role.ADMIN)
    made = admin.post("/v1/keys", json={"name": "shop", "role": "caller", "valid_s": 60}).json()
    assert served.with_key(made["secret"]).get("/v1/runs").status_code == 200
    listed = admin.get("/v1/keys").json()["keys"]
    assert [key["state"] for key in listed] == ["valid", "valid"]
    assert made["secret"] not in str(listed)
    assert admin.delete(f"/v1/keys/{made['key']['key']}").json()["state"] == "revoked"
    problem(admin.delete("/v1/keys/none"), 404, "REMIT-NOT-FOUND")
    problem(admin.post("/v1/keys", json={"name": "deadline", "role": "caller"}), 422, "REMIT-ACCESS")
    acts = admin.get("/v1/administration").json()["events"]
    assert [act["body"]["act"] for act in acts] == ["key_issued", "key_issued", "key_revoked"]
