"""Everything that a user can name is found in the reference, and the pages say only what exists."""

import ast
import re
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import click
import pytest
from doc_pages import PAGES, PROJECT

import remit
import remit.testing
from remit.cli.group import COMMANDS
from remit.cli.group import remit as command_line
from remit.contract import schema_reference
from remit.errors import RemitError
from remit.event import KINDS
from remit.outcome import FailureMode

DOCS = PROJECT / "docs"
REFERENCE = DOCS / "reference"
SOURCE = PROJECT / "src" / "remit"
LINKING = [*PAGES, PROJECT / "CHANGELOG.md", PROJECT / "benchmarks" / "README.md"]


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    """The module that prints the reference; it is a script, so it is loaded by its path."""
    spec = util.spec_from_file_location("write_reference", DOCS / "write_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.path.insert(0, str(DOCS))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DOCS))
    return module


def test_printed_pages_are_those_of_the_code(writer: ModuleType) -> None:
    stale = [name for name, text in writer.pages().items() if page(name) != text]
    assert stale == [], "`make docs` writes them anew"


def test_no_schema_is_left_of_an_event_that_is_no_more() -> None:
    assert {file.name for file in REFERENCE.glob("events/*")} == {f"{kind}.schema.json" for kind in KINDS}


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(command_line, info_name="remit")
    found = [
        ("remit", command_line),
        *((f"remit {n}", command_line.get_command(context, n)) for n in COMMANDS),
    ]
    inner = [
        (f"{name} {sub}", command.get_command(context, sub))
        for name, command in found[1:]
        if isinstance(command, click.Group)
        for sub in command.list_commands(context)
    ]
    return [(name, command) for name, command in [*found, *inner] if command is not None]


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_a_command_and_its_options_are_described(name: str, command: click.Command) -> None:
    section = page("cli.md").split(f"\n## {name}\n")[1].split("\n## ")[0]
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [opt for each in options for opt in each.opts if opt not in section] == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("events.md", [f"## {kind}\n" for kind in KINDS]),
        ("outcomes.md", ["Answered", "Degraded", "Escalated", "Refused", "Failed", "Waiting"]),
        ("failure-modes.md", [f"| `{mode}` |" for mode in FailureMode]),
        ("remit-file.md", [f"| `{row.key}` |" for row in schema_reference()]),
        ("python.md", [f"### remit.{name}\n" for name in remit.__all__]),
        ("python.md", [f"### remit.testing.{name}\n" for name in remit.testing.__all__]),
    ],
)
def test_every_word_has_its_place(file: str, words: list[str]) -> None:
    text = page(file)
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("file", ["events.md", "outcomes.md", "remit-file.md"])
def test_every_row_has_a_meaning(file: str) -> None:
    assert re.findall(r"^.*\|\s*\|$", page(file), flags=re.MULTILINE) == []


def errors(root: type[RemitError] = RemitError) -> list[type[RemitError]]:
    return [
        root,
        *(each for cls in root.__subclasses__() for each in errors(cls) if "remit." in cls.__module__),
    ]


def test_every_error_has_a_code_of_its_own_and_a_row() -> None:
    coded = [cls for cls in errors() if "code" in vars(cls)]
    assert len({cls.code for cls in coded}) == len(coded)
    assert [cls for cls in coded if f"| `{cls.code}` | `{cls.__name__}` |" not in page("errors.md")] == []


def settings_of_code() -> set[str]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py"))
    named = set(re.findall(r"\bREMIT_[A-Z]+(?:_[A-Z]+)*\b", text)) - {"REMIT_FILE", "REMIT_MODEL_PATH"}
    return named | set(re.findall(r'"([A-Z]+_API_KEY)"', text))


def test_settings_are_those_of_the_code() -> None:
    described = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", page("settings.md"))) - {"REMIT_MODEL_PATH_NAME"}
    assert described == settings_of_code()
    assert "REMIT_MODEL_PATH_" in page("settings.md")


def test_every_room_is_on_the_map_with_the_question_of_its_door() -> None:
    text = (DOCS / "explanation" / "map.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", text, flags=re.MULTILINE))
    rooms = {door.parent.name: door for door in SOURCE.glob("*/__init__.py")}
    assert set(rows) == {*rooms, "errors"}
    for room, door in rooms.items():
        docstring = ast.get_docstring(ast.parse(door.read_text(encoding="utf-8"))) or ""
        assert docstring.startswith(rows[room].rstrip("?")), room


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", LINKING, ids=lambda path: str(path.relative_to(PROJECT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{path.name}: {target}"


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)\)", index)}
    assert set(DOCS.rglob("*.md")) - {DOCS / "README.md"} == linked


def guide_rows() -> list[list[str]]:
    text = (DOCS / "explanation" / "guide-map.md").read_text(encoding="utf-8")
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ][2:]


@pytest.mark.parametrize("row", guide_rows(), ids=lambda row: row[0])
def test_a_row_of_the_guide_map_names_what_exists(row: list[str]) -> None:
    _, rooms, command, test = row
    if test == "not there yet":
        assert (rooms, command) == ("", "")
        return
    assert (PROJECT / test.strip("`")).is_file()
    for room in re.findall(r"`(\w+)`", rooms):
        assert (SOURCE / room).is_dir()
    program, word = command.strip("`").split()[:2]
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert word in COMMANDS if program == "remit" else f"\n{word}:" in makefile


def test_make_commands_of_the_pages_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    named = set(re.findall(r"`make ([\w-]+)`|^make ([\w-]+)", text, flags=re.MULTILINE))
    assert [word for pair in named for word in pair if word and f"\n{word}:" not in makefile] == []


def test_the_remit_of_the_first_page_is_the_example() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    example = (PROJECT / "examples" / "order-desk" / "remit.yaml").read_text(encoding="utf-8")
    assert f"```yaml\n{example}```" in readme
    assert len(example.splitlines()) <= 12
