"""What must not stand in any file of the repository, and what an exemption must say."""

import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".jsonl", ".sql", ".txt", ".cfg", ".sh", ""}
SKIPPED = {"__pycache__", "build", "dist", "LICENSE", "Apache-2.0.txt", "minilm_vocab.txt"}
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.~*)}])/(work|opt|root|home|Users)/\w",
    "the address of a package index": r"pythonhosted\.org|/simple/[a-z]|artifactory|devpi|nexus\.",
    "an assistant as an author": r"(?i)co-authored-by|generated (with|by) (an? )?(ai|llm)"
    r"|claude code|copilot|codex|chatgpt",
    "a note to be done later": r"\b(TODO|FIXME|XXX)\b",
}
EXEMPTION = re.compile(r"#\s*(?:ruff:\s*)?(noqa|type: ignore|pyright: ignore)\b(?::?\s*\[?[\w, ]*\]?)?(.*)")


def tracked() -> list[Path]:
    """The text files of the repository, without those that a tool leaves behind."""
    git = shutil.which("git")
    if git is not None and (PROJECT / ".git").exists():
        listing = [git, "-C", str(PROJECT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
        files = [PROJECT / name for name in names if name]
    else:
        parts = ("src", "tests", "docs", "examples", "benchmarks")
        files = [file for part in parts for file in (PROJECT / part).rglob("*")] + list(PROJECT.glob("*.*"))
    return [
        file
        for file in files
        if file.is_file() and file.suffix in TEXT and not SKIPPED & set(file.parts) and file != Path(__file__)
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{file.relative_to(PROJECT)}:{number}: {line.strip()[:100]}"
        for file in tracked()
        for number, line in enumerate(
            file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "see /home/ann/notes"),
        ("the address of a package index", "--index-url https://x.example/simple/remit"),
        ("an assistant as an author", "Co-Authored-By: somebody"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


def exemptions(file: Path) -> list[tuple[int, str]]:
    """Each comment that exempts a line, with the reason that it gives."""
    with file.open("rb") as stream:
        comments = [token for token in tokenize.tokenize(stream.readline) if token.type == tokenize.COMMENT]
    found = [(token.start[0], EXEMPTION.search(token.string)) for token in comments]
    return [(line, match[2].strip(" -#")) for line, match in found if match is not None]


def test_every_exemption_carries_its_reason() -> None:
    silent = [
        f"{file.relative_to(PROJECT)}:{line}"
        for file in tracked()
        if file.suffix == ".py"
        for line, reason in exemptions(file)
        if len(reason) < 8
    ]
    assert silent == []


def test_rooms_keep_their_doors_and_directions() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("import-linter is not installed: `make lint` runs it")
    done = subprocess.run([program, "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
