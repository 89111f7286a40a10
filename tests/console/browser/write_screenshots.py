"""The pictures of the documentation, taken on the desk of the browser's tests.

`python write_screenshots.py [FOLDER] [--dark | --narrow]` writes them; docs/images by default.
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]

from browser_world import CHROMIUM, Desk, answering, served, tour  # noqa: E402 - found by the path above
from playwright.sync_api import sync_playwright  # noqa: E402 - stands with the others

from console_world import seed, write_desk  # noqa: E402 - found by the path above

IMAGES = HERE.parents[2] / "docs" / "images"
NAMES = ("home", "runs", "run", "review", "case", "agent")


def main(arguments: list[str]) -> None:
    """Writes one picture for each screen."""
    options = {each for each in arguments if each.startswith("--")}
    into = Path(next((each for each in arguments if each not in options), IMAGES))
    into.mkdir(parents=True, exist_ok=True)
    size = {"width": 400, "height": 900} if "--narrow" in options else {"width": 1120, "height": 700}
    with tempfile.TemporaryDirectory() as name, answering() as model:
        folder = Path(name)
        write_desk(folder, url=model)
        desk = Desk("", folder, seed(folder, tour()))
        with served(folder) as address, sync_playwright() as playwright:
            desk = desk._replace(address=address)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            scheme = "dark" if "--dark" in options else "light"
            page = browser.new_page(base_url=address, color_scheme=scheme, viewport=size, locale="en-GB")
            for screen in NAMES:
                page.goto(desk.screens()[screen])
                page.screenshot(path=into / f"{screen}.png", full_page="--narrow" in options)
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
