"""What people come to the console for, each on its own way through it."""

import re
from typing import Any

import httpx
import pytest
from browser_world import Desk
from playwright.sync_api import expect

CONFLICT = ("409",)
MISSING = ("404",)
FOLLOWED = "performance.getEntriesByType('resource').length > 3"
SAYS = "async words => (await (await fetch(location.href)).text()).includes(words)"


def test_what_goes_wrong_most_is_two_clicks_from_home(open_page: Any, desk: Desk) -> None:
    page = open_page("/")
    page.get_by_role("link", name="order-desk").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("order-desk")
    page.get_by_role("link", name="model unavailable").click()
    expect(page.locator("table.runs tbody tr")).to_have_count(1)
    expect(page.locator("table.runs")).to_contain_text(desk.runs["failed"])


def test_the_bad_ones_are_compared_with_the_rest(open_page: Any) -> None:
    page = open_page("/runs")
    page.get_by_role("complementary", name="Facets").get_by_role("link", name="waiting").click()
    expect(page.locator("#q")).to_have_value("state:waiting")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="What is different")).to_be_visible()


def test_an_unknown_name_is_answered_with_a_suggestion(open_page: Any) -> None:
    page = open_page("/runs")
    page.keyboard.press("/")
    page.keyboard.type("outcom:failed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean outcome:?")


def test_a_stretch_of_the_strip_becomes_the_address(open_page: Any) -> None:
    page = open_page("/runs")
    box = page.locator("svg.strip").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + 20)
    page.mouse.up()
    page.wait_for_url(re.compile("since=.*until="))
    expect(page.locator("table.runs tbody tr").first).to_be_visible()
    page.go_back()
    expect(page.locator("#until")).to_have_value("")


def test_a_run_says_why_it_ended_so_and_what_the_model_saw(open_page: Any, desk: Desk) -> None:
    page = open_page(f"/runs/{desk.runs['escalated']}")
    expect(page.locator("main")).to_contain_text("There is no order 2001.")
    page.get_by_role("link", name="scripted:model").first.click()
    expect(page.get_by_role("heading", name="What the model saw")).to_be_visible()
    expect(page.locator("ol.messages")).to_contain_text("Where is order 2001?")


def test_a_queue_is_cleared_by_the_keyboard_alone(open_page: Any, desk: Desk) -> None:
    before = len(desk.cases())
    page = open_page("/")
    page.keyboard.press("g")
    page.keyboard.press("v")
    page.wait_for_url("**/review")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/*")
    first = page.url.rpartition("/")[2].partition("?")[0]
    page.keyboard.press("a")
    page.wait_for_url(re.compile(rf"decided={first}"))
    expect(page.locator("#heading")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Decided")).to_be_visible()
    page.keyboard.press("4")
    page.keyboard.press("r")
    page.wait_for_url(lambda url: f"decided={first}" not in url and "decided=" in url)
    second = page.url.rpartition("decided=")[2]
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: second not in url and "decided=" in url)
    assert len(desk.cases()) == before - 3


def test_a_decided_case_lets_its_run_finish(open_page: Any, desk: Desk) -> None:
    page = open_page(f"/review/{desk.cases()[0]}")
    run = page.get_by_role("link", name="The whole run").get_attribute("href")
    page.get_by_role("button", name=re.compile("^Approve a$")).click()
    page.wait_for_url("**decided=**")
    page.goto(run)
    page.wait_for_function(SAYS, arg="24.50 EUR are on their way back.")


def test_a_rejection_without_a_reason_is_refused_and_nothing_typed_is_sent_by_a_key(
    open_page: Any, desk: Desk
) -> None:
    page = open_page(f"/review/{desk.cases()[0]}", expects=CONFLICT)
    page.keyboard.press("r")
    expect(page.get_by_role("alert")).to_contain_text("A rejection needs a reason.")
    reason = page.get_by_label("In words")
    reason.click()
    page.keyboard.type("a r j k s u h")
    expect(reason).to_have_value("a r j k s u h")
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_second_decider_is_told_who_was_first(open_page: Any, desk: Desk) -> None:
    case = desk.cases()[0]
    page = open_page(f"/review/{case}", expects=CONFLICT)
    first = httpx.post(f"{desk.address}/review/{case}", data={"decision": "approve"}, trust_env=False)
    assert first.status_code == 303
    page.get_by_label("In words").fill("not ours")
    page.get_by_role("button", name=re.compile("^Reject")).click()
    expect(page.get_by_role("alert")).to_contain_text("already decided: approve by local")


def test_a_case_is_decided_without_any_script(open_page: Any, desk: Desk) -> None:
    page = open_page("/review?queue=refunds", java_script_enabled=False)
    page.get_by_role("link", name=re.compile("refund with")).first.click()
    case = page.url.rpartition("/")[2]
    page.get_by_text("Approve with changes").first.click()
    page.get_by_label("Arguments").fill('{"order_id": "1002", "amount_eur": 21}')
    page.get_by_role("button", name=re.compile("^Approve with changes")).click()
    page.wait_for_url(f"**decided={case}**")
    assert case not in desk.cases()


def test_a_view_is_named_and_kept_without_any_script(open_page: Any) -> None:
    page = open_page("/runs?q=outcome:failed&since=7d", java_script_enabled=False)
    page.get_by_text("Keep this view").click()
    page.get_by_label("Its name").fill("Night watch")
    page.get_by_role("button", name="Name it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Night watch")
    expect(page.locator("#q")).to_have_value("outcome:failed")


def test_a_run_is_stopped_only_after_a_question(open_page: Any, desk: Desk) -> None:
    page = open_page(f"/runs/{desk.runs['waiting 8']}")
    page.keyboard.press("x")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("button", name="Let it go on")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("x")
    dialog.get_by_label("Reason").fill("not needed any more")
    dialog.get_by_role("button", name="Cancel the run").click()
    page.wait_for_function(SAYS, arg="not needed any more")


def test_news_is_said_politely_and_moves_nothing(open_page: Any, desk: Desk) -> None:
    page = open_page("/runs")
    page.locator("#q").focus()
    page.wait_for_function(FOLLOWED)
    body = {"agent": "order-desk", "input": "I need legal advice."}
    httpx.post(f"{desk.address}/v1/runs", json=body, trust_env=False, timeout=20)
    status = page.locator("[data-news]")
    expect(status).to_contain_text("1 new run", timeout=15_000)
    expect(page.locator("#q")).to_be_focused()
    assert status.get_attribute("role") == "status"


def test_what_is_not_there_is_a_page(open_page: Any) -> None:
    page = open_page("/runs/none", expects=MISSING)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such thing here.")


HOSTILE = ("<img src=x onerror=\"document.title='owned'\">", "<script>document.title='owned'</script>")


@pytest.mark.parametrize("text", HOSTILE, ids=["handler", "script"])
def test_hostile_text_does_not_run(open_page: Any, desk: Desk, text: str) -> None:
    body = {"agent": "order-desk", "input": f"legal {text}", "tenant": text}
    run = httpx.post(f"{desk.address}/v1/runs", json=body, trust_env=False, timeout=20).json()["run_id"]
    for path in ("/runs", f"/runs/{run}?event=0"):
        page = open_page(path)
        page.wait_for_load_state("load")
        assert "owned" not in page.title()
