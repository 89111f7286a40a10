"""Every screen over a real log: with nothing, with one of each, with many, and with what cannot be read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_reading import Element, read

from api_world import Served
from console_world import INPUTS, REMIT, console_of, seed, write_desk
from store_places import change, store_at

JSON = {"accept": "application/json"}


def page(served: Served, address: str, status: int = 200) -> Element:
    """A page, read strictly; its frame is whole."""
    reply = served.client.get(address)
    assert reply.status_code == status, reply.text[:2000]
    root = read(reply.text)
    assert len(root.all("h1")) == 1
    assert root.one("main")
    assert root.all("a")[0].text() == "To the content"
    assert "{{" not in reply.text
    assert len(reply.content) < 150_000
    return root


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    """The desk with a run of each outcome and one that waits."""
    folder = tmp_path_factory.mktemp("busy")
    write_desk(folder)
    runs = seed(folder, INPUTS)
    with console_of(folder, advances=False) as served:
        yield served, runs


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Served]:
    """The desk before its first run."""
    write_desk(tmp_path)
    with console_of(tmp_path, advances=False) as served:
        yield served


def case_of(served: Served) -> str:
    return served.client.get("/review", headers=JSON).json()["cases"][0]["case_id"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", "No case waits."),
        ("/runs", "No run is found."),
        ("/review", "Nothing waits here."),
        ("/agents/order-desk", "none waits"),
        ("/sign-in", "remit key new"),
    ],
)
def test_an_empty_screen_says_what_will_stand_there_and_how(idle: Served, address: str, words: str) -> None:
    assert words in page(idle, address).text()


def test_home_shows_what_waits_and_each_agent_with_its_numbers(busy) -> None:
    served, _ = busy
    queues, agents = page(served, "/").all("table")
    assert {row[0] for row in queues.rows()[1:]} == {"refunds", "front-desk"}
    (row,) = agents.rows()[1:]
    assert row[0] == "order-desk"
    assert row[2] == "6"
    assert row[4] == "20.0 %"


def test_the_runs_are_listed_with_word_and_sign(busy) -> None:
    served, runs = busy
    (table,) = page(served, "/runs").all("table", class_="runs")
    rows = table.rows()[1:]
    assert {row[1]: row[2].split()[-1] for row in rows} == {id_: name for name, id_ in runs.items()}
    assert all(
        mark.attributes["aria-hidden"] == "true" for mark in table.all("span") if mark.text() in "●◐▲■✕…"
    )


def test_a_facet_narrows_the_list_and_a_second_click_takes_it_back(busy) -> None:
    served, runs = busy
    aside = page(served, "/runs").one("aside")
    (failed,) = [link for link in aside.all("a") if link.text().startswith("failed")]
    narrowed = page(served, failed.attributes["href"])
    (table,) = narrowed.all("table", class_="runs")
    assert [row[1] for row in table.rows()[1:]] == [runs["failed"]]
    (chosen,) = narrowed.one("aside").all("a", aria_current="true")
    assert len(page(served, chosen.attributes["href"]).all("table", class_="runs")[0].rows()) == 7


def test_an_unknown_name_is_refused_beside_the_field(busy) -> None:
    served, _ = busy
    root = page(served, "/runs?q=outcom:failed")
    assert "Did you mean outcome:?" in root.one("div", id="problems").text()
    assert root.one("input", id="q").attributes["aria-describedby"] == "problems"


@pytest.mark.parametrize(
    "since", ["x", "99999999999999999999d", "9" * 400 + "d", "-3h", "0001-01-01", "9999-12-31", "2h 3"]
)
def test_any_time_is_a_page_or_a_sentence(busy, since: str) -> None:
    served, _ = busy
    page(served, f"/runs?since={since}")
    page(served, f"/runs?until={since}")


def test_a_stretch_of_the_strip_is_an_address_and_finds_what_it_shows(busy) -> None:
    served, _ = busy
    root = page(served, "/runs")
    strip = root.one("svg")
    assert strip.attributes["data-base"] == "/runs"
    links = [link.attributes["href"] for link in root.all("a") if "&until=" in link.attributes["href"]]
    assert links
    found = sum(len(page(served, link).all("table", class_="runs")[0].rows()) - 1 for link in links)
    assert found == 6


def test_the_end_before_the_beginning_finds_nothing_and_says_so(busy) -> None:
    served, _ = busy
    assert "The end stands before" in page(served, "/runs?since=1h&until=2h").text()


def test_a_named_view_is_an_address(busy) -> None:
    served, _ = busy
    root = page(served, "/runs?q=outcome:failed&since=7d&name=Night+watch")
    assert root.one("h1").text() == "Night watch"
    (address,) = [code.text() for code in root.all("code") if code.text().startswith("/runs?")]
    assert page(served, address).one("h1").text() == "Night watch"


def test_what_is_different_compares_with_the_rest(busy) -> None:
    served, _ = busy
    text = page(served, "/runs?q=outcome:failed&different=1").text()
    assert "1 run of this search against 5 others" in text


@pytest.mark.parametrize("name", INPUTS)
def test_a_run_is_a_story_a_picture_and_a_table(busy, name: str) -> None:
    served, runs = busy
    root = page(served, f"/runs/{runs[name]}")
    assert name in root.one("p", class_="lead").text()
    assert root.one("svg", class_="waterfall").attributes["role"] == "img"
    (table,) = [each for each in root.all("table") if "data-spans" in each.attributes]
    assert len(table.rows()) - 1 == len(root.one("svg", class_="waterfall").all("g"))


def test_waiting_for_a_person_is_hatched_and_not_a_colour_of_work(busy) -> None:
    served, runs = busy
    root = page(served, f"/runs/{runs['waiting']}")
    assert [
        group.attributes["class"].split() for group in root.all("g") if "person" in group.attributes["class"]
    ]
    assert root.one("pattern", id="hatch")


def test_a_question_shows_what_the_model_saw(busy) -> None:
    served, runs = busy
    events = served.client.get(f"/runs/{runs['answered']}", headers=JSON).json()["events"]
    asked = [event["seq"] for event in events if event["kind"] == "model_asked"]
    first = page(served, f"/runs/{runs['answered']}?event={asked[0]}")
    assert [item.text() for item in first.one("ol", class_="messages").all("li")] == [
        f"said to it third party {INPUTS['answered']}"
    ]
    second = page(served, f"/runs/{runs['answered']}?event={asked[1]}").one("ol", class_="messages")
    said = [item.text() for item in second.all("li")]
    assert len(said) == 3
    assert said[1].startswith("it said")
    assert "kettle" in said[2]


def test_a_case_holds_what_it_takes_to_decide(busy) -> None:
    served, _ = busy
    cases = served.client.get("/review?queue=refunds", headers=JSON).json()["cases"]
    root = page(served, f"/review/{cases[0]['case_id']}")
    assert "refund" in root.one("h1").text()
    rows = {row[0]: row for row in root.one("table", class_="change").rows()[1:]}
    assert rows["order_id"][1:3] == [
        '"1002"',
        '"1002" must be the order_id of something that find_order returned',
    ]
    assert rows["amount_eur"][1].startswith("24.5 paid_eur")
    assert rows["item"][1:3] == ['"desk lamp"', ""]
    text = root.text()
    assert "It cannot be taken back." in text
    assert "amount_eur > 20" in text
    assert "it counts as denied" in text
    evidence = root.one("dl", class_="evidence").text()
    assert "find_order" in evidence
    assert "third party" in evidence
    assert INPUTS["waiting"] in evidence
    form = root.one("form", action=f"/review/{cases[0]['case_id']}")
    offered = [button.attributes["value"] for button in form.all("button")]
    assert offered == ["approve", "edit", "reject", "answer"]
    acts = [each.attributes["action"].rpartition("/")[2] for each in root.all("form", method="post")]
    assert acts == ["reserve", cases[0]["case_id"], "hand", "snooze"]


def test_a_case_is_kept_let_go_put_off_and_handed_on(tmp_path: Path) -> None:
    write_desk(tmp_path)
    seed(tmp_path, {"waiting": INPUTS["waiting"]})
    with console_of(tmp_path, advances=False) as served:
        case = f"/review/{case_of(served)}"
        assert served.client.post(f"{case}/reserve").headers["location"] == f"{case}#heading"
        assert "Yours until" in page(served, case).text()
        served.client.post(f"{case}/release")
        assert "Keep it for me" in page(served, case).text()
        assert served.client.post(f"{case}/snooze", data={"for": "ever"}).status_code == 409
        served.client.post(f"{case}/snooze", data={"for": "an hour"})
        assert "put off" in page(served, "/review").text()
        served.client.post(f"{case}/hand", data={"to": "front-desk", "reason": "theirs"})
        assert [row[2] for row in page(served, "/review?queue=front-desk").all("table")[0].rows()[1:]]
        assert served.client.post(f"{case}/nothing").status_code == 409


def test_a_decision_can_be_taken_back_as_long_as_its_queue_says(tmp_path: Path) -> None:
    write_desk(tmp_path, text=REMIT.replace("deadline: 4h}}", "deadline: 4h, undo: 10s}}", 1))
    seed(tmp_path, {"waiting": INPUTS["waiting"]})
    with console_of(tmp_path, advances=False) as served:
        case = f"/review/{case_of(served)}"
        seen = page(served, case).one("input", name="seen_seq").attributes["value"]
        after = served.client.post(case, data={"decision": "approve", "seen_seq": seen}).headers["location"]
        assert "Undo u" in page(served, after.partition("#")[0]).text()
        assert served.client.post(f"{case}/undo").status_code == 303
        assert "Your decision" in page(served, case).text()


def test_a_decision_on_what_was_decided_meanwhile_is_refused_beside_the_case(tmp_path: Path) -> None:
    write_desk(tmp_path)
    seed(tmp_path, {"waiting": INPUTS["waiting"]})
    with console_of(tmp_path, advances=False) as served:
        case = f"/review/{case_of(served)}"
        assert served.client.post(case, data={"decision": "approve"}).status_code == 303
        late = served.client.post(case, data={"decision": "reject", "reason": "no"})
        assert late.status_code == 409
        assert "already decided: approve by local" in read(late.text).one("p", role="alert").text()
        assert served.client.post(case, data={"decision": "dance"}).status_code == 409


def test_a_decided_case_no_longer_speaks_of_what_would_be(tmp_path: Path) -> None:
    write_desk(tmp_path)
    seed(tmp_path, {"waiting": INPUTS["waiting"]})
    with console_of(tmp_path, advances=False) as served:
        case = f"/review/{case_of(served)}"
        before = served.client.get(case).text
        assert "What would be done" in before
        assert "then it counts as" in before
        answer = {"decision": "answer", "answer": "It went out yesterday."}
        assert served.client.post(case, data=answer).status_code == 303
        after = served.client.get(case).text
        assert "What was asked for" in after
        assert "then it counts as" not in after
        assert "It went out yesterday." in read(after).one("article").one("blockquote").text()


def test_every_page_is_data_when_data_is_asked_for(busy) -> None:
    served, runs = busy
    for address in (
        "/",
        "/runs",
        "/review",
        "/agents/order-desk",
        f"/runs/{runs['failed']}",
        f"/review/{case_of(served)}",
    ):
        reply = served.client.get(address, headers=JSON)
        assert reply.headers["content-type"] == "application/json", address
        assert reply.json()


def test_every_table_can_be_taken_along_as_json_lines(busy) -> None:
    served, runs = busy
    for address in ("/", "/runs", "/review", f"/runs/{runs['answered']}"):
        (link,) = [link for link in page(served, address).all("a") if "download" in link.attributes]
        reply = served.client.get(str(served.client.base_url.join(address).join(link.attributes["href"])))
        assert reply.headers["content-type"] == "application/jsonl"
        assert len(reply.text.splitlines()) >= 1


def test_many_runs_have_pages_with_addresses(tmp_path: Path) -> None:
    write_desk(tmp_path)
    seed(tmp_path, {str(number): INPUTS["refused"] for number in range(60)})
    with console_of(tmp_path, advances=False) as served:
        first = page(served, "/runs")
        (older,) = first.all("a", rel="next")
        second = page(served, older.attributes["href"])
        shown = [row[1] for root in (first, second) for row in root.all("table", class_="runs")[0].rows()[1:]]
        assert len(shown) == len(set(shown)) == 60
        assert not second.all("a", rel="next")


def test_what_was_erased_is_said_and_everything_else_is_shown(tmp_path: Path) -> None:
    write_desk(tmp_path)
    runs = seed(tmp_path, INPUTS)
    with console_of(tmp_path, advances=False) as served:
        cases = served.client.get("/review?queue=refunds", headers=JSON).json()["cases"]
        case = cases[0]["case_id"]
        change(store_at(tmp_path), "delete from body where run_id = ?", [runs["answered"]])
        change(store_at(tmp_path), "delete from body where run_id = ? and seq < 5", [runs["waiting"]])
        root = page(served, f"/runs/{runs['answered']}?event=2")
        assert "erased" in root.text()
        for address in ("/", "/runs", "/review", f"/runs/{runs['waiting']}?event=2"):
            page(served, address)
        assert "was erased" in page(served, f"/review/{case}", 404).text()


def test_a_kind_of_event_that_is_not_known_here_is_a_sentence_and_not_a_crash(tmp_path: Path) -> None:
    write_desk(tmp_path)
    runs = seed(tmp_path, {"answered": INPUTS["answered"]})
    with console_of(tmp_path, advances=False) as served:
        change(
            store_at(tmp_path),
            "update event set kind = 'from_the_future' where run_id = ? and seq = 2",
            [runs["answered"]],
        )
        reply = served.client.get(f"/runs/{runs['answered']}")
        assert reply.status_code in (200, 503), reply.text
        assert read(reply.text).one("h1").text()
        page(served, "/runs")


@pytest.mark.parametrize(
    "address", ["/runs/none", "/review/none", "/agents/none", "/nothing", "/static/x/y.js"]
)
def test_what_is_not_there_is_a_page_that_says_so(busy, address: str) -> None:
    served, _ = busy
    reply = served.client.get(address)
    assert reply.status_code == 404
