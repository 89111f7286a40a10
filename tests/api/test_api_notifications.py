"""Notifications over HTTP: seen by who sees the case, tried again by an operator, once, and in the log."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api_world import Served
from cli_world import runner
from console_world import INPUTS, console_of, seed, write_desk
from remit.app import Role
from remit.event import Administered
from remit.log import administered, verify
from store_places import change, store_at

WHY = "it answered 503"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A case in `refunds` of which six targets were not told, and one is still to be."""
    write_desk(tmp_path)
    seed(tmp_path, {"waiting": INPUTS["waiting"]})
    address = store_at(tmp_path)
    (run_id, case), *_ = change(address, "select run_id, case_id from review_case where queue = 'refunds'")
    for target, state in enumerate(("dead",) * 6 + ("pending",)):
        change(
            address,
            "insert into notification (notification_id, case_id, run_id, agent, queue, target, state,"
            " attempts, next_at, created_at, error)"
            " values (?, ?, ?, 'order-desk', 'refunds', ?, ?, 8, 0, ?, ?)",
            [f"{case}.7.{target}", case, run_id, target, state, float(target // 2), WHY],
        )
    with console_of(tmp_path, advances=False) as served:
        yield served


def listed(client: httpx.Client, **query: str) -> list[str]:
    """Every notification of a list, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        reply = client.get("/v1/notifications", params={**query, **cursor})
        assert reply.status_code == 200, reply.text
        found += [row["notification"] for row in reply.json()["notifications"]]
        if reply.json()["next"] is None:
            return found
        cursor = {"cursor": reply.json()["next"]}


def retries(served: Served) -> list[tuple[str, str]]:
    """Who had what tried again, as the administrative log says."""
    acts = [entry.event for entry in administered(served.service.log)]
    found = [act for act in acts if isinstance(act, Administered) and act.act == "notification_retried"]
    return [(act.by, act.subject) for act in found]


def refused(reply: httpx.Response, status: int, code: str) -> None:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == code


def test_they_are_listed_page_by_page_newest_first(served: Served) -> None:
    operator = served.as_(Role.OPERATOR)
    row = operator.get("/v1/notifications").json()["notifications"][0]
    assert (row["state"], row["attempts"], row["error"], row["target"]) == ("dead", 8, WHY, 5)
    whole = listed(operator)
    assert [name.rpartition(".")[2] for name in whole] == ["5", "4", "3", "2", "1", "0"]
    for limit in ("1", "2", "4"):
        assert listed(operator, limit=limit) == whole
    assert len(listed(operator, state="pending")) == 1
    refused(operator.get("/v1/notifications?state=lost"), 422, "REMIT-REQUEST")
    refused(operator.get("/v1/notifications?cursor=x"), 422, "REMIT-CURSOR")


def test_an_operator_tries_one_again_and_that_stands_in_the_log(served: Served) -> None:
    operator = served.as_(Role.OPERATOR, "olga@example.com")
    name = listed(operator)[0]
    body = operator.post(f"/v1/notifications/{name}/retry").json()
    assert (body["notification"], body["state"], body["attempts"]) == (name, "pending", 0)
    assert retries(served) == [("olga@example.com", name)]
    refused(operator.post(f"/v1/notifications/{name}/retry"), 404, "REMIT-NOT-FOUND")
    refused(operator.post("/v1/notifications/none/retry"), 404, "REMIT-NOT-FOUND")
    assert retries(served) == [("olga@example.com", name)]
    assert verify(served.service.log.store).whole
    acts = served.as_(Role.ADMIN).get("/v1/administration").json()["events"]
    assert name in [act["body"]["subject"] for act in acts]


def test_who_does_the_same_at_the_same_moment_does_it_once(served: Served) -> None:
    names = ("ann", "bob", "eve", "joe")
    operators = [served.as_(Role.OPERATOR, name) for name in names]
    wanted = listed(operators[0])
    begin, statuses = threading.Barrier(len(operators)), list[int]()

    def race(client: httpx.Client) -> None:
        for name in wanted:
            begin.wait(20)
            statuses.append(client.post(f"/v1/notifications/{name}/retry").status_code)

    threads = [threading.Thread(target=race, args=(client,)) for client in operators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(subject for _, subject in retries(served)) == sorted(wanted)
    assert (statuses.count(200), len(statuses)) == (len(wanted), 4 * len(wanted))


@pytest.mark.parametrize("role", [Role.CALLER, Role.REVIEWER])
def test_others_do_not_try_again(served: Served, role: Role) -> None:
    name = listed(served.as_(Role.OPERATOR))[0]
    refused(served.as_(role).post(f"/v1/notifications/{name}/retry"), 403, "REMIT-ROLE")
    assert retries(served) == []


@pytest.mark.parametrize("wish", [{"queues": ("front-desk",)}, {"tenants": ("t",)}, {"agents": ("another",)}])
def test_what_is_not_theirs_is_not_there(served: Served, wish: dict[str, tuple[str, ...]]) -> None:
    name = listed(served.as_(Role.OPERATOR))[0]
    other = served.as_(Role.OPERATOR, "other", **wish)
    assert listed(other) == []
    refused(other.post(f"/v1/notifications/{name}/retry"), 404, "REMIT-NOT-FOUND")
    assert retries(served) == []


def test_the_command_does_the_same_and_says_who(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = runner(capsys)
    names = [
        row["notification"] for row in command("notifications", "list", "--json").json()["notifications"]
    ]
    shown = command("notifications", "retry", names[0], "--by", "olga@example.com")
    assert shown.out.startswith("1 notification will be tried again")
    again = command("notifications", "retry", names[0])
    assert (again.code, "was given up" in again.err) == (1, True)
    assert command("notifications", "retry", "--all", "--by", "pim").out.startswith("5 notifications")
    assert retries(served)[0] == ("olga@example.com", names[0])
    assert sorted(retries(served)[1:]) == sorted(("pim", name) for name in names[1:])


def test_it_is_described_with_an_example(served: Served) -> None:
    described = served.client.get("/openapi.json").json()
    post = described["paths"]["/v1/notifications/{notification}/retry"]["post"]
    assert {"200", "401", "403", "404"} <= post["responses"].keys()
    body = described["components"]["schemas"]["NotificationBody"]
    (example,) = body["examples"]
    assert example.keys() == body["properties"].keys()
