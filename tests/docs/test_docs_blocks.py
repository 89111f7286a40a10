"""Every code block of the documentation runs, and every console shows what the command prints."""

from pathlib import Path
from typing import Any

import doc_pages
import pytest
import yaml
from doc_pages import PAGES, PROJECT, Block, Session, blocks, expected_codes, sessions, settled, transcript

from remit.app import inspect
from remit.contract import parse_text

SECRETS = ("ORDERS_TOKEN", "REMIT_HOOK_KEY", "SLACK_WEBHOOK")
"""What pieces of remits name."""
LANGUAGES = ("bash", "console", "csv", "python", "yaml", "text")
WITH_BLOCKS = dict(sessions(PAGES))
FRAGMENTS = [
    block
    for page in PAGES
    for block in blocks(page)
    if block.language == "yaml" and "file" not in block.marks and "not run" not in block.marks
]
DESK = Path(__file__).parent / "fragment-desk"
ENVIRONMENT = {"OPENAI_API_KEY": "unused", "ANTHROPIC_API_KEY": "unused", "GOOGLE_API_KEY": "unused"}


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_reader_can_do_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    session = Session(tmp_path, monkeypatch)
    request.addfinalizer(session.close)
    for block in WITH_BLOCKS[page]:
        if "not run" in block.marks:
            continue
        steps = session.follow(block)
        for step in steps:
            assert step.code in expected_codes(block, step.command), f"{block.where}: {step}"
        if block.language == "console":
            assert settled(transcript(steps)) == settled(block.text), block.where


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda block: block.where)
def test_a_piece_of_a_remit_can_be_loaded(block: Block, tmp_path: Path) -> None:
    piece: dict[str, Any] = yaml.safe_load(block.text)
    whole = yaml.safe_load((DESK / "remit.yaml").read_text()) | piece
    text = yaml.safe_dump(whole, sort_keys=False)
    if "parsed" in block.marks:
        assert parse_text(text, "remit.yaml").problems == ()
        return
    for name in ("my-desk", "senior-desk"):
        (tmp_path / name).mkdir()
        for file in DESK.iterdir():
            if file.is_file():
                (tmp_path / name / file.name).write_text(file.read_text().replace("my-desk", name))
    folder = tmp_path / "my-desk"
    (folder / "remit.yaml").write_text(text)
    remit, problems = inspect(folder, environment=ENVIRONMENT | dict.fromkeys(SECRETS, "unused"))
    assert remit is not None, "\n".join(problem.line_text() for problem in problems)


def test_every_block_says_its_language() -> None:
    unknown = [b.where for found in WITH_BLOCKS.values() for b in found if b.language not in LANGUAGES]
    assert unknown == []


def test_only_printed_pages_hold_blocks_of_plain_text() -> None:
    plain = [b.where for found in WITH_BLOCKS.values() for b in found if b.language == "text"]
    assert {where.rpartition(":")[0] for where in plain} <= {
        "docs/reference/cli.md",
        "docs/reference/python.md",
    }


def test_what_is_not_run_says_why() -> None:
    reasons = [b.marks["not run"] for found in WITH_BLOCKS.values() for b in found if "not run" in b.marks]
    assert all(reason.startswith(("needs ", "would ")) for reason in reasons)


def test_a_console_that_shows_something_else_is_noticed() -> None:
    assert settled("$ remit runs\nanswered 12 ms") == settled("$ remit runs\nanswered  <1 ms\n")
    assert settled("$ remit runs\nanswered") != settled("$ remit runs\nfailed")
    assert doc_pages.settled("run 1m848z30fdtdask5") == doc_pages.settled("run 1m848z30j3ap4ta9")
