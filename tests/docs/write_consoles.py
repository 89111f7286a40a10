"""Puts what the commands really print into the console blocks of the pages named as arguments.

A block that differs in ids and times only stays as it is.
"""

import sys
import tempfile
from pathlib import Path

import pytest
from doc_pages import Session, blocks, settled, transcript


def rewritten(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page with every console as it is now."""
    session = Session(folder, monkeypatch)
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        if "not run" not in block.marks:
            steps = session.follow(block)
            if block.language == "console" and settled(transcript(steps)) != settled(block.text):
                text = text.replace(block.text, transcript(steps), 1)
    session.close()
    return text


def main() -> None:
    """Rewrite each page that is named."""
    for name in sys.argv[1:]:
        page = Path(name).resolve()
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
            text = rewritten(page, Path(folder), monkeypatch)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
