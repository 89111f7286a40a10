"""The next case is one that nobody else has: no reviewer, and no other agent or model that decides it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import desk_tools
from api_world import ASKS, Served, serving
from console_world import signed_in
from desk_world import desk
from remit.app import COOKIE, Role, csrf_of
from remit.console import mount_console
from remit.testing import ScriptedModel, answer, call


@pytest.fixture(autouse=True)
def _tools() -> None:
    desk_tools.reset()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A desk whose `experts` are an agent that no process here has, so that its cases stay with it."""
    keys: dict[str, Any] = {
        "queues": {"people": {}, "experts": {"agent": "senior", "then": "people"}},
        "does_not": [{"topic": "tax advice", "queue": "experts"}],
        "handover": "people",
    }
    desk(tmp_path / "senior", agent="senior")
    remit = desk(tmp_path / "desk", "find", "pay", rules=ASKS, **keys)
    model = ScriptedModel([call("pay", order="7", amount=30), answer("Paid.")], by_turn=True)
    with serving(tmp_path, model, remits=[remit], mount=mount_console) as served:
        yield served


def following(client: httpx.Client, queue: str) -> dict[str, Any]:
    reply = client.get(f"/v1/queues/{queue}/next")
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_what_another_agent_decides_is_nobodys_next_case(served: Served) -> None:
    body = served.submitted(input="I need tax advice.", wait_s=0.2)
    case = body["waiting"]["case"]
    assert following(served.client, "experts") == {"case": None, "taken": 1, "put_off": 0}
    (count,) = served.client.get("/v1/queues").json()
    assert (count["queue"], count["open"], count["reserved"]) == ("experts", 1, 1)
    (row,) = served.client.get("/v1/cases").json()["cases"]
    assert (row["case"], row["expert"]) == (case, "agent senior")
    page = signed_in(served, Role.REVIEWER).get("/review").text
    assert "with agent senior" in page
    assert "No case is free. Of 1 open case, others work on 1." in page


def test_it_is_somebodys_as_soon_as_that_agent_has_passed_it_on(served: Served) -> None:
    case = served.submitted(input="I need tax advice.", wait_s=0.2)["waiting"]["case"]
    moved = served.client.post(f"/v1/cases/{case}/hand-over", json={"queue": "people", "by": "ann"})
    assert moved.status_code == 200, moved.text
    found = following(served.client, "people")
    assert (found["case"]["case"], found["case"]["expert"]) == (case, "")
    assert following(served.client, "experts") == {"case": None, "taken": 0, "put_off": 0}


def test_what_others_reserved_or_put_off_is_passed_over_and_counted(served: Served) -> None:
    cases = [served.submitted()["waiting"]["case"] for _ in range(3)]
    ann, bob = (served.as_(Role.REVIEWER, name) for name in ("ann", "bob"))
    order = [row["case"] for row in ann.get("/v1/cases").json()["cases"]]
    assert sorted(order) == sorted(cases)
    assert bob.post(f"/v1/cases/{order[0]}/reserve", json={}).status_code == 200
    assert following(ann, "people")["case"]["case"] == order[1]
    assert following(bob, "people")["case"]["case"] == order[0]
    assert ann.post(f"/v1/cases/{order[1]}/snooze", json={"for_s": 60}).status_code == 200
    assert bob.post(f"/v1/cases/{order[2]}/reserve", json={}).status_code == 200
    assert following(ann, "people") == {"case": None, "taken": 2, "put_off": 1}
    assert following(bob, "people")["case"]["case"] == order[0]


def test_the_console_leads_past_what_others_have_and_says_when_nothing_is_left(served: Served) -> None:
    first, second, third = (served.submitted()["waiting"]["case"] for _ in range(3))
    reviewer, bob = signed_in(served, Role.REVIEWER), served.as_(Role.REVIEWER, "bob")
    assert bob.post(f"/v1/cases/{second}/reserve", json={}).status_code == 200
    assert "No case is free" not in reviewer.get("/review").text
    form = {"decision": "reject", "reason": "No.", "queue": "people", "csrf": csrf(reviewer)}
    led = reviewer.post(f"/review/{first}", data=form).headers["location"]
    assert led.startswith(f"/review/{third}?")
    led = reviewer.post(f"/review/{third}", data=form).headers["location"]
    assert led.startswith("/review?")
    page = reviewer.get(led).text
    assert "No case is free. Of 1 open case, others work on 1." in page
    assert "with bob" in page


def csrf(client: httpx.Client) -> str:
    return csrf_of(client.cookies[COOKIE])
