"""A server works like any worker: it submits by the clock, asks people, and has other agents decide."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

import desk_tools
from api_world import Served, serving
from console_world import signed_in
from desk_world import desk
from remit.app import Role
from remit.console import mount_console
from remit.testing import ScriptedModel, answer, call

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def _tools() -> None:
    desk_tools.reset()


def until(look: Any) -> Any:
    """What `look` finds, once it finds something."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("nothing was found in time")


def ended(client: httpx.Client, run_id: str) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"/v1/runs/{run_id}", params={"wait_s": 20}).json()
    return body["outcome"]


def test_it_submits_what_the_clock_has(tmp_path: Path) -> None:
    remit = desk(tmp_path / "desk", schedules={"often": {"cron": "* * * * *", "input": "Report."}})
    model = ScriptedModel(lambda request: answer("All is well."))
    with serving(tmp_path, model, remits=[remit]) as served:
        runs = until(lambda: served.client.get("/v1/runs").json()["runs"])
        assert ended(served.client, runs[0]["run_id"])["message"] == "All is well."


ASK = call("ask_person", question="May it be sent twice?", proposal="Once more <b>only</b>.")


def asking(tmp_path: Path) -> list[Any]:
    return [desk(tmp_path / "desk", ask_person={"queue": "people", "at_most": 1})]


def waiting(served: Served) -> tuple[str, str]:
    body = served.submitted(input="Where is it?")
    return body["run_id"], body["waiting"]["case"]


def test_a_question_of_the_agent_is_answered_over_http(tmp_path: Path) -> None:
    model = ScriptedModel([ASK, answer("It comes.")])
    with serving(tmp_path, model, remits=asking(tmp_path)) as served:
        run_id, case = waiting(served)
        body = served.client.get(f"/v1/cases/{case}").json()
        assert (body["trigger"], body["allowed"]) == (
            "agent_request",
            ["approve", "edit", "answer", "reject"],
        )
        refused = served.client.post(
            f"/v1/cases/{case}/decision", json={"decision": "edit", "arguments": {"other": "x"}}
        )
        assert refused.status_code in (409, 422), refused.text
        reply = served.client.post(
            f"/v1/cases/{case}/decision", json={"decision": "edit", "arguments": {"proposal": "By train."}}
        )
        assert reply.status_code == 200, reply.text
        assert ended(served.client, run_id)["message"] == "It comes."
        assert model.last_request is not None
        assert '"instead": "By train."' in str(model.last_request.messages[-1])


def test_a_question_of_the_agent_is_answered_in_the_console(tmp_path: Path) -> None:
    model = ScriptedModel([ASK, answer("It comes.")])
    with serving(tmp_path, model, remits=asking(tmp_path), mount=mount_console) as served:
        run_id, case = waiting(served)
        browser = signed_in(served, Role.REVIEWER)
        page = browser.get(f"/review/{case}").text
        assert "desk asks: " in page
        assert "What the agent proposes" in page
        assert "not vouched for" in page
        assert "Once more &lt;b&gt;only&lt;/b&gt;." in page
        assert "What the agent is told" in page
        run = browser.get(f"/runs/{run_id}").text
        assert "May it be sent twice?" in run


def test_another_agent_decides_through_the_same_server(tmp_path: Path) -> None:
    queues = {"people": {}, "experts": {"agent": "senior", "then": "people"}}
    topics = [{"topic": "tax advice", "queue": "experts"}]
    senior = desk(tmp_path / "senior", agent="senior")
    first = desk(tmp_path / "desk", queues=queues, does_not=topics)
    model = ScriptedModel(lambda request: answer("Form 7."))
    with serving(tmp_path, model, remits=[first, senior], mount=mount_console) as served:
        body = served.submitted(input="I need tax advice.", mode="async")
        outcome = ended(served.client, body["run_id"])
        assert (outcome["message"], outcome["by"], outcome["expert"]) == ("Form 7.", "expert", "agent senior")
        (other,) = [
            run["run_id"] for run in served.client.get("/v1/runs").json()["runs"] if run["agent"] == "senior"
        ]
        page = served.client.get(f"/runs/{body['run_id']}").text
        assert other in page
        assert "agent senior" in page


def test_a_decision_is_taken_back_over_http_while_its_queue_lets_it(tmp_path: Path) -> None:
    scope = {"order": {"kind": "content"}, "amount": {"kind": "content"}, "memo": {"kind": "content"}}
    remit = desk(
        tmp_path / "desk",
        rules={"pay": {"ask": "always", "args": scope}},
        queues={"people": {"undo": "10m"}},
        handover="people",
    )
    model = ScriptedModel([call("pay", order="7", amount=30), answer("Paid.")])
    with serving(tmp_path, model, remits=[remit]) as served:
        run_id, case = waiting(served)
        approve = {"decision": "approve", "by": "ann"}
        assert served.client.post(f"/v1/cases/{case}/decision", json=approve).status_code == 200
        held = served.client.get(f"/v1/cases/{case}").json()["decided"]
        assert held["counts_from"] is not None
        other = served.client.post(f"/v1/cases/{case}/undo", json={"by": "bob"})
        assert other.status_code in (403, 409), other.text
        assert served.client.post(f"/v1/cases/{case}/undo", json={"by": "ann"}).status_code == 200
        assert served.client.get(f"/v1/cases/{case}").json()["decided"] is None
        assert served.client.get(f"/v1/runs/{run_id}").json()["state"] == "waiting"
        assert desk_tools.DONE == []
