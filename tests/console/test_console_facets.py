"""Runs by who decided them, by the queue where they waited and by the verdict on their input."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_reading import read

from api_world import Served
from console_world import INPUTS, console_of, seed, write_desk
from remit.log import verify
from store_places import change, store_at

CURL = 'curl -H "Authorization: Bearer $KEY" '
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str], Path]]:
    """The desk after somebody decided the case that waited."""
    folder = tmp_path_factory.mktemp("facets")
    write_desk(folder)
    runs = seed(folder, INPUTS)
    with console_of(folder, advances=False) as served:
        case = served.client.get("/review?queue=refunds", headers=JSON).json()["cases"][0]["case_id"]
        assert served.client.post(f"/review/{case}", data={"decision": "approve"}).status_code == 303
        yield served, runs, folder


@pytest.mark.parametrize(
    ("query", "name"),
    [("reviewer:local", "waiting"), ("queue:refunds", "waiting"), ("verdict:out_of_scope", "refused")],
)
def test_a_click_on_a_facet_finds_its_runs(served, query: str, name: str) -> None:
    found, runs, _ = served
    facet, _, value = query.partition(":")
    root = read(found.client.get("/runs").text)
    links = {each.text(): each.attributes["href"] for each in root.one("aside", aria_label="Facets").all("a")}
    assert facet in [each.text() for each in root.one("aside", aria_label="Facets").all("h2")]
    rows = found.client.get(links[f"{value} 1"], headers=JSON).json()["runs"]
    assert [row["run_id"] for row in rows] == [runs[name]]
    assert found.client.get(f"/runs?q={facet}:nobody", headers=JSON).json()["runs"] == []


@pytest.mark.parametrize(
    ("query", "command"),
    [
        ("q=outcome:failed", "remit runs --outcome failed --since 24h"),
        ("q=tenant:%22a b%22", "remit runs --tenant 'a b' --since 24h"),
        (
            "q=ms%3E10",
            CURL + "'ADDRESS/runs?q=ms%3E10&since=24h&format=jsonl'",
        ),
        ("until=1h", CURL + "'ADDRESS/runs?since=24h&until=1h&format=jsonl'"),
    ],
)
def test_the_command_at_the_foot_asks_for_the_same(served, query: str, command: str) -> None:
    found, _, _ = served
    said = read(found.client.get(f"/runs?{query}").text).one("footer").text()
    assert said.endswith(command.replace("ADDRESS", str(found.client.base_url).rstrip("/")))


def test_a_log_from_before_these_columns_is_whole_and_other_words_in_them_are_noticed(served) -> None:
    found, _, folder = served
    store = found.service.log.store
    assert verify(store).whole
    for value, whole in ((None, True), ("mallory", False)):
        change(store_at(folder), "update event set subject = ? where kind = 'decided'", [value])
        assert verify(store).whole == whole
    change(store_at(folder), "update event set subject = ? where kind = 'decided'", ["local"])


def test_a_run_whose_call_failed_called_the_tool_too(served) -> None:
    found, runs, _ = served
    rows = found.client.get("/runs?q=tool:find_order", headers=JSON).json()["runs"]
    called = {"answered", "degraded", "escalated", "waiting"}
    assert {row["run_id"] for row in rows} == {runs[name] for name in called}
    facets = read(found.client.get("/runs").text).one("aside", aria_label="Facets")
    assert "find_order 4" in [each.text() for each in facets.all("a")]
