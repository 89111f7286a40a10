"""A bound in a log of many runs: what one page did not look in, the next one does."""

from pathlib import Path

import pytest
from page_reading import read

from console_world import console_of, seed, write_desk
from remit.store import MOST_MEASURED
from store_places import change

JSON = {"accept": "application/json"}
MORE = MOST_MEASURED + 100


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Path, str]:
    """A desk whose only slow run stands behind more quick ones than a page looks in."""
    write_desk(tmp_path)
    run = seed(tmp_path, {"slow": "What are your opening hours?"})["slow"]
    log = tmp_path / "remit.db"
    change(log, "update run set ended_at = admitted_at, admitted_at = admitted_at - 3600")
    columns = [name for (name,) in change(log, "select name from pragma_table_info('run')")]
    changed = {"run_id": "'quick' || n", "admitted_at": "ended_at - 0.001 * n", "ended_at": "ended_at"}
    values = ", ".join(changed.get(name, name) for name in columns)
    change(
        log,
        f"with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < {MORE})"
        f" insert into run ({', '.join(columns)}) select {values} from run, numbers",
    )
    return tmp_path, run


def test_a_bound_is_looked_for_page_by_page_until_the_last_run(desk: tuple[Path, str]) -> None:
    folder, run = desk
    with console_of(folder, advances=False) as served:
        first = read(served.client.get("/runs?q=ms>60000").text)
        assert f"Looked in {MOST_MEASURED} runs so far" in first.text()
        assert "No run is found" not in first.text()
        assert "there may be more" in first.one("aside", aria_label="Facets").text()
        (older,) = (each for each in first.all("a") if each.text() == "Go on with older ones")
        second = read(served.client.get(older.attributes["href"]).text)
        assert [row[1] for row in second.one("table", class_="runs").rows()[1:]] == [run]
        assert "Looked in" not in second.text()


def test_a_program_reads_on_where_a_page_is_empty(desk: tuple[Path, str]) -> None:
    folder, run = desk
    with console_of(folder, advances=False) as served:
        page = served.client.get("/runs?q=ms>60000", headers=JSON).json()
        assert page["runs"] == []
        query = {"q": "ms>60000", "cursor": page["next"]}
        last = served.client.get("/runs", params=query, headers=JSON).json()
        assert [each["run_id"] for each in last["runs"]] == [run]
        assert last["next"] is None
