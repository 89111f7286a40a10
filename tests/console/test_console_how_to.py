"""The page on the console names every search, key and page that there is."""

import re
from pathlib import Path

import remit.console
from remit.console.case_page import KEYS, REASONS
from remit.console.filter_expression import EXACT, MEASURED

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "use-the-console.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
TEMPLATES = Path(remit.console.__file__).parent / "templates"


def test_every_name_to_search_by_is_there_and_no_other() -> None:
    written = {word[:-1] for word in CODE if re.fullmatch(r"[a-z]+[:>]", word)}
    assert written == {*EXACT, *MEASURED}


def test_every_key_is_there() -> None:
    texts = [file.read_text(encoding="utf-8") for file in TEMPLATES.rglob("*.html")]
    keys = {key for text in texts for key in re.findall(r'data-key="([^"{]+)"', text)}
    assert (keys | set(KEYS.values()) | {"?", "j", "k"}) - CODE == set()
    assert len(REASONS) == 4, "the page says which keys choose one"


def test_every_page_of_the_menu_is_there() -> None:
    menu = re.findall(r'<a href="(/[a-z]*)" data-key', (TEMPLATES / "base.html").read_text(encoding="utf-8"))
    assert menu
    assert set(menu) - CODE == set()
