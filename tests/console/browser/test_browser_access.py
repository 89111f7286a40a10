"""Everybody can use it: contrast, widths, zoom, keys, motion, forced colours, and axe on every screen."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_world import Desk
from playwright.sync_api import expect

SCREENS = (
    "home",
    "agent",
    "runs",
    "different",
    "refused search",
    "run",
    "waiting",
    "review",
    "case",
    "notifications",
    "empty",
    "missing",
    "sign-in",
)
MISSING = ("404",)
STATIC = Path(__file__).resolve().parents[3] / "src" / "remit" / "console" / "static"
TEXT = ("ink", "faint", "accent", "answered", "degraded", "escalated", "refused", "failed")
GRAPHICS = ("bar", "accent", "answered", "degraded", "escalated", "refused", "failed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SCREENS)
def test_axe_finds_nothing(open_page: Any, desk: Desk, name: str, scheme: str) -> None:
    page = open_page(desk.screens()[name], color_scheme=scheme, reduced_motion="reduce", expects=MISSING)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == []


@pytest.mark.parametrize("name", SCREENS)
def test_nothing_runs_over_the_edge(open_page: Any, desk: Desk, name: str) -> None:
    page = open_page(desk.screens()[name], expects=MISSING)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    wide = "document.documentElement.scrollWidth"
    for width in (400, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(wide) <= width
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = document.body.style.fontSize = '30px'")
    assert page.evaluate(wide) <= 1280


def palette() -> dict[str, tuple[str, str]]:
    """Each colour by its name: light, dark."""
    text = (STATIC / "console.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "raised"])
def test_the_palette_can_be_read(scheme: int, ground: str) -> None:
    colours = palette()
    behind = colours[ground][scheme]
    weak = {name: round(contrast(colours[name][scheme], behind), 2) for name in TEXT}
    assert {name: ratio for name, ratio in weak.items() if ratio < 4.5} == {}
    weak = {name: round(contrast(colours[name][scheme], behind), 2) for name in GRAPHICS}
    assert {name: ratio for name, ratio in weak.items() if ratio < 3.0} == {}
    assert contrast(colours["on-accent"][scheme], colours["accent"][scheme]) >= 4.5


def test_the_style_names_no_colour_beside_the_palette() -> None:
    text = (STATIC / "console.css").read_text(encoding="utf-8")
    rules = text[text.index("}") :]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []


def test_our_own_javascript_is_small() -> None:
    sizes = {file.name: file.stat().st_size for file in STATIC.glob("*.js")}
    assert sum(sizes.values()) < 20_000, sizes


@pytest.mark.parametrize("name", SCREENS)
def test_every_key_that_is_shown_does_something(open_page: Any, desk: Desk, name: str) -> None:
    page = open_page(desk.screens()[name], expects=MISSING)
    keys = page.evaluate("[...document.querySelectorAll('[data-key]')].map(e => e.dataset.key)")
    assert len(keys) == len(set(keys))
    shown = page.evaluate("[...document.querySelectorAll('main kbd')].map(e => e.textContent)")
    assert set(shown) <= {*keys, "Ctrl+Enter"}
    if name in ("missing", "sign-in"):
        return
    page.keyboard.press("?")
    listed = page.locator("dialog[data-keys-sheet] kbd").all_text_contents()
    rows = page.locator("[data-rows] > *, [data-spans] tbody tr").count()
    assert set(listed) == {*keys, "?", *("jk" if rows else "")}
    if rows:
        page.get_by_role("button", name="Close").click()
        page.keyboard.press("j")
        expect(page.locator("[data-at]")).to_have_count(1)


def test_single_keys_can_be_switched_off_and_stay_off(open_page: Any) -> None:
    page = open_page("/")
    page.keyboard.press("?")
    page.get_by_label("Use single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.locator("dialog[data-keys-sheet]")).to_be_hidden()
    assert page.url.endswith("/")
    page.get_by_role("button", name="Keys").click()
    expect(page.locator("dialog[data-keys-sheet]")).to_be_visible()


def test_keys_are_silent_while_somebody_types(open_page: Any) -> None:
    page = open_page("/runs")
    page.locator("#q").click()
    page.keyboard.type("grd?jk")
    expect(page.locator("#q")).to_have_value("grd?jk")
    expect(page.locator("dialog[data-keys-sheet]")).to_be_hidden()


def test_the_first_tab_leads_to_the_content_and_the_focus_is_seen(open_page: Any) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["x"] >= 0
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_nothing_moves_for_those_who_ask_for_that(open_page: Any) -> None:
    page = open_page("/", reduced_motion="reduce")
    moving = """[...document.querySelectorAll('*')].map(each => getComputedStyle(each)).filter(
        style => parseFloat(style.animationDuration) || parseFloat(style.transitionDuration)).length"""
    assert page.evaluate(moving) == 0
    assert page.evaluate("matchMedia('(prefers-reduced-motion: no-preference)').matches") is False


def test_with_forced_colours_every_outcome_still_has_its_word_and_bars_their_colour(
    open_page: Any, desk: Desk
) -> None:
    page = open_page("/runs", forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    words = page.locator("table.runs .mark").all_inner_texts()
    assert words
    assert all(re.search("[a-z]{5}", word) for word in words)
    adjusted = "getComputedStyle(document.querySelector('svg.strip rect')).forcedColorAdjust"
    assert page.evaluate(adjusted) == "none"


@pytest.mark.parametrize("name", ["home", "runs", "run", "review", "case"])
def test_what_is_clicked_is_big_enough(open_page: Any, desk: Desk, name: str) -> None:
    page = open_page(desk.screens()[name])
    small = page.evaluate(
        """[...document.querySelectorAll('button, input:not([type=hidden]), select, summary, .facet a')]
        .map(e => [e, e.getBoundingClientRect()])
        .filter(([e, box]) => box.width && (box.height < 18 || box.width < 18))
        .map(([e]) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
