"""A browser before a real `remit serve`: Debian's Chromium, driven by Playwright."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from browser_world import CHROMIUM, Desk, answering, served, tour
from playwright.sync_api import Browser, Page, sync_playwright

from console_world import seed, write_desk


# Playwright keeps an event loop in this thread: it ends with these tests, so that others run theirs.
@pytest.fixture(scope="module")
def browser(desk: Desk, chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def chromium() -> str:
    """The program; without it these tests are skipped, and fail where CI counts on them."""
    if CHROMIUM is None and os.environ.get("CI") == "true":
        pytest.fail("The browser tests need Chromium: apt-get install -y chromium.")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install -y chromium")
    return CHROMIUM


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Desk]:
    """The desk with everything on it, behind a real server process."""
    folder = tmp_path_factory.mktemp("desk")
    with answering() as model:
        write_desk(folder, url=model)
        runs = seed(folder, tour())
        with served(folder) as address:
            yield Desk(address, folder, runs)


@pytest.fixture
def open_page(browser: Browser, desk: Desk) -> Iterator[Any]:
    """Opens pages that must not complain, ask elsewhere, or show what a template forgot."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def opened(path: str = "/", *, expects: tuple[str, ...] = (), **named: Any) -> Page:
        context = browser.new_context(base_url=desk.address, **named)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)

        def heard(text: str) -> None:
            if not any(words in text for words in expects):
                complaints.append(text)

        page.on("console", lambda said: heard(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: heard(str(error)))
        page.on("request", lambda request: asked(request.url))
        page.goto(path)
        return page

    def asked(url: str) -> None:
        if not url.startswith((desk.address, "data:")):
            complaints.append(f"a request to {url}")

    yield opened
    for context in contexts:
        for page in context.pages:
            if "{{" in page.content() or "{%" in page.content():
                complaints.append(f"a template's own words on {page.url}")
        context.close()
    assert complaints == []
