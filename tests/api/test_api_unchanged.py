"""What has ended is not sent twice: a tag stands for the answer, and for exactly what determines it."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import desk_tools
from api_world import Served, serving
from remit.api.unchanged import seen, tag_of
from remit.app import Role
from remit.log import purge
from remit.testing import ScriptedModel, answer

FACTS = st.fixed_dictionaries(
    {
        "chain": st.binary(max_size=4),
        "run_id": st.sampled_from(["r1", "r2"]),
        "kept": st.booleans(),
        "asked": st.sampled_from(["", "events -1 500", "events 3 500"]),
        "version": st.sampled_from(["0.1.0", "0.2.0"]),
    }
)


@pytest.fixture(autouse=True)
def _tools() -> None:
    desk_tools.reset()


def tag(state: str, chain: bytes, run_id: str, kept: bool, asked: str, version: str) -> str | None:
    row = {"state": state, "chain": chain, "run_id": run_id}
    return tag_of(row, kept=kept, asked=asked, version=version)


@given(one=FACTS, other=FACTS)
def test_tags_are_the_same_exactly_where_what_determines_them_is(one: dict, other: dict) -> None:
    assert (tag("ended", **one) == tag("ended", **other)) == (one == other)


@given(facts=FACTS, state=st.sampled_from(["runnable", "waiting", "set_aside"]))
def test_what_can_change_by_itself_has_no_tag(facts: dict, state: str) -> None:
    assert tag(state, **facts) is None
    assert not seen("*", None)


@given(facts=FACTS, others=st.lists(st.sampled_from(['"a"', 'W/"b"', "", "c"])), weak=st.booleans())
def test_a_tag_is_found_among_others_and_another_is_not(facts: dict, others: list[str], weak: bool) -> None:
    own = tag("ended", **facts)
    header = ", ".join([*others, f"W/{own}" if weak else str(own)])
    assert seen(header, own)
    assert seen("*", own)
    assert not seen(", ".join(others), own)
    assert not seen(None, own)


def ended(served: Served) -> str:
    body = served.submitted()
    assert body["state"] == "ended"
    return f"/v1/runs/{body['run_id']}"


def known(client: httpx.Client, path: str, tag: str) -> httpx.Response:
    return client.get(path, headers={"If-None-Match": tag})


PATHS: dict[str, Callable[[str], str]] = {
    "the run": lambda run: run,
    "its trace": lambda run: f"{run}/events",
    "a page of its trace": lambda run: f"{run}/events?after=1&limit=2",
}


@pytest.mark.parametrize("what", PATHS)
def test_what_has_ended_is_sent_once_until_something_is_added_or_erased(tmp_path: Path, what: str) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        run = ended(served)
        path, client = PATHS[what](run), served.client
        first = client.get(path)
        assert first.headers["cache-control"] == "private, no-cache"
        again = known(client, path, first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == "private, no-cache"
        assert client.post(f"{run}/feedback", json={"rating": "bad"}).status_code == 201
        rated = known(client, path, first.headers["etag"])
        assert rated.status_code == 200
        assert known(client, path, rated.headers["etag"]).status_code == 304
        purge(served.service.log.store, time.time() + 3600, dry_run=False)
        erased = known(client, path, rated.headers["etag"])
        assert erased.status_code == 200
        assert erased.json() != rated.json()


def test_a_run_that_waits_has_no_tag_and_is_not_kept(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        body = served.submitted()
        assert body["state"] == "waiting"
        for path in (f"/v1/runs/{body['run_id']}", f"/v1/runs/{body['run_id']}/events"):
            reply = known(served.client, path, "*")
            assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-store")
            assert "etag" not in reply.headers


def test_one_answers_tag_does_not_stand_for_another(tmp_path: Path) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        first, second = ended(served), ended(served)
        tags = [
            served.client.get(make(run)).headers["etag"] for run in (first, second) for make in PATHS.values()
        ]
        assert len(set(tags)) == len(tags)


def test_whoever_may_not_see_it_is_not_told_that_it_is_unchanged(tmp_path: Path) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        run = ended(served)
        tag = served.client.get(run).headers["etag"]
        other = served.as_(Role.ADMIN, "other", tenants=("another",))
        for path in (run, f"{run}/events"):
            assert known(other, path, tag).status_code == 404
            assert known(other, path, "*").status_code == 404
            assert known(served.client, path, "*").status_code == 401


def test_personal_data_as_it_is_is_kept_by_nobody(tmp_path: Path) -> None:
    with serving(tmp_path, ScriptedModel(lambda _: answer("Yes."))) as served:
        run = ended(served)
        reply = known(served.as_(Role.REVIEWER), f"{run}/events?unmasked=true", "*")
        assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-store")
        assert "etag" not in reply.headers
