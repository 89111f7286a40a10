"""Who was not told of a case: seen by those who see the case, tried again by those who run the agents."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from page_reading import read

from api_world import Served
from console_world import INPUTS, console_of, seed, signed_in, write_desk
from remit.app import COOKIE, Role, csrf_of
from remit.event import Administered
from remit.log import administered
from store_places import change, store_at

JSON = {"accept": "application/json"}
WHY = "connection refused <script>alert(1)</script>"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A case in `refunds` of which two targets were not told, and one is still to be."""
    write_desk(tmp_path)
    seed(tmp_path, {"waiting": INPUTS["waiting"]})
    (run_id, case), *_ = change(
        store_at(tmp_path), "select run_id, case_id from review_case where queue = 'refunds'"
    )
    for target, state in enumerate(("dead", "dead", "pending")):
        change(
            store_at(tmp_path),
            "insert into notification (notification_id, case_id, run_id, agent, queue, target, state,"
            " attempts, next_at, created_at, error)"
            " values (?, ?, ?, 'order-desk', 'refunds', ?, ?, 8, 0, 1, ?)",
            [f"{case}.{target}", case, run_id, target, state, WHY],
        )
    with console_of(tmp_path, advances=False) as served:
        yield served


def dead(client: httpx.Client) -> list[dict[str, object]]:
    return client.get("/notifications", headers=JSON).json()["notifications"]


def test_what_was_given_up_is_said_at_home_and_listed_with_its_reason(served: Served) -> None:
    assert "2 notifications did not arrive" in read(served.client.get("/").text).text()
    root = read(served.client.get("/notifications").text)
    (table,) = root.all("table")
    assert [row[1] for row in table.rows()[1:]] == [WHY, WHY]
    assert "remit notifications list --state dead" in root.one("footer").text()
    pending = read(served.client.get("/notifications?state=pending").text)
    assert len(pending.one("table").rows()) == 2
    assert not pending.all("form", action="/notifications/retry")


def test_another_try_is_the_operators_and_takes_it_off_the_list(served: Served) -> None:
    first, second = [str(row["notification_id"]) for row in dead(served.client)]
    operator = signed_in(served, Role.OPERATOR)
    form = {"notification": first, "csrf": csrf_of(operator.cookies[COOKIE])}
    assert operator.post("/notifications/retry", data=form).status_code == 303
    assert [row["notification_id"] for row in dead(operator)] == [second]
    act = administered(served.service.log)[-1].event
    assert isinstance(act, Administered)
    assert (act.act, act.subject) == ("notification_retried", first)
    again = operator.post("/notifications/retry", data=form)
    assert again.status_code == 404
    assert "was given up" in read(again.text).text()


def test_a_reviewer_sees_them_and_is_offered_nothing(served: Served) -> None:
    reviewer = signed_in(served, Role.REVIEWER)
    root = read(reviewer.get("/notifications").text)
    assert len(root.one("table").rows()) == 3
    assert not root.all("form", action="/notifications/retry")


@pytest.mark.parametrize("wish", [{"queues": ("front-desk",)}, {"tenants": ("t",)}, {"agents": ("another",)}])
def test_what_is_not_theirs_is_neither_seen_nor_tried(
    served: Served, wish: dict[str, tuple[str, ...]]
) -> None:
    notification = str(dead(served.client)[0]["notification_id"])
    operator = signed_in(served, Role.OPERATOR, **wish)
    assert dead(operator) == []
    form = {"notification": notification, "csrf": csrf_of(operator.cookies[COOKIE])}
    assert operator.post("/notifications/retry", data=form).status_code == 404


def test_where_all_arrived_the_page_says_so(tmp_path: Path) -> None:
    write_desk(tmp_path)
    with console_of(tmp_path, advances=False) as served:
        assert "None was given up." in read(served.client.get("/notifications").text).text()
        assert "did not arrive" not in read(served.client.get("/").text).text()
