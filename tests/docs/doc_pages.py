"""The code blocks of the documentation, and a folder in which they run.

Comments above a block say what a reader does not need to see:
`<!-- model: [...] -->` what the scripted model says from here on: a text, or {"tool": {arguments}};
`<!-- file: PATH -->` the block is this file; `<!-- exits: N -->` the exit code of its commands;
`<!-- parsed: REASON -->` a remit that is only parsed; `<!-- not run: REASON -->` nothing is run.
"""

import asyncio
import calendar
import contextlib
import inspect
import io
import json
import re
import shlex
import shutil
import subprocess
import threading
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from remit.api import api, listening, serve
from remit.app import Runtime, Service
from remit.cli.entry import run
from remit.cli.loading import loaded
from remit.console import mount_console
from remit.contract import Contract
from remit.event import Usage
from remit.model import Model, ModelError, ModelErrorClass, Reply, Request
from remit.testing import ScriptedModel, call

PROJECT = Path(__file__).resolve().parent.parent.parent
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").rglob("*.md"))]
ASKED = (0, 3, 4, 5, 6)
"""What `remit ask` may exit with where no comment says more."""


class Block(NamedTuple):
    """One fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str]

    @property
    def where(self) -> str:
        """Page and line, as a test names it."""
        return f"{self.page.relative_to(PROJECT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Every block of a page, with the comments above it."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    inside: list[str] | None = None
    language, begin = "", 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = re.match(r"```(\w*)", line)
        if inside is not None:
            if fence:
                found.append(Block(page, begin, language, "\n".join(inside) + "\n", marks))
                inside, marks = None, {}
            else:
                inside.append(line)
        elif fence:
            inside, language, begin = [], fence[1], number
        elif comment := re.match(r"<!-- ([a-z ]+): (.*) -->$", line):
            marks[comment[1]] = comment[2]
        elif line.strip():
            marks = {}
    return found


class Step(NamedTuple):
    """One command of a page and what it printed."""

    command: str
    shown: str
    code: int


class Session:
    """One reader who does what a page says, in a folder of their own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._replies: deque[Any] = deque()
        self._names: dict[str, Any] = {"__name__": "page"}
        self._servers = contextlib.ExitStack()
        self._address = ""
        monkeypatch.chdir(folder)
        monkeypatch.setenv("OPENAI_API_KEY", "unused")
        monkeypatch.setenv("USER", "ann")
        # The shipped scripted model stands where a provider's would; all else is the real thing.
        monkeypatch.setattr("remit.app.releases.models_of", self._models)
        shutil.copytree(
            PROJECT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__")
        )

    def _models(self, contract: Contract, environment: Any) -> list[Model]:
        return [ScriptedModel(self._next, name=contract.model.use)]

    def _next(self, request: Request) -> Any:
        if not self._replies:
            raise ModelError(ModelErrorClass.AUTHENTICATION, "the page's model has no more to say")
        said = self._replies.popleft()
        usage = Usage(input_tokens=len(str(request)) // 4, output_tokens=len(str(said)) // 4)
        if isinstance(said, str):
            return Reply(text=said, usage=usage, finish="stop")
        ((tool, arguments),) = said.items()
        return Reply(text="", calls=(call(tool, **arguments),), usage=usage, finish="tool_calls")

    def close(self) -> None:
        """Stops what the page started."""
        self._servers.close()

    def follow(self, block: Block) -> list[Step]:
        """Does what the block says; the commands that it ran."""
        self._replies.extend(json.loads(block.marks.get("model", "[]")))
        if "file" in block.marks:
            path = self.folder / block.marks["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            self._execute(block)
        elif block.language in ("bash", "console"):
            return [self._typed(command) for command in commands_of(block)]
        return []

    def _execute(self, block: Block) -> None:
        code = compile(block.text, block.where, "exec", flags=PyCF_ALLOW_TOP_LEVEL_AWAIT)
        with contextlib.redirect_stdout(io.StringIO()):
            result = eval(code, self._names)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        for name in [name for name in self._names if name.startswith("test_")]:
            self._names.pop(name)(self.folder)

    def _typed(self, command: str) -> Step:
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self._monkeypatch.setenv(name, value)
            return Step(command, "", 0)
        if command.startswith("remit serve") and command.endswith("&"):
            self._address = self._servers.enter_context(served())
            return Step(command, "", 0)
        if command.startswith("curl "):
            return self._asked(command)
        typed, _, target = self._filled(command).partition(" > ")
        program, *arguments = shlex.split(typed, comments=True)
        if program in ("cp", "cat"):
            return self._copied(command, program, arguments)
        assert program == "remit", f"a page may type remit, cp, cat and export, not {program}"
        shown, code = printed(arguments, results_alone=bool(target))
        if target:
            (self.folder / target.strip()).write_text(shown, encoding="utf-8")
        return Step(command, "" if target else shown, code)

    def _copied(self, command: str, program: str, arguments: list[str]) -> Step:
        text = (self.folder / arguments[0]).read_bytes()
        if program == "cp":
            (self.folder / arguments[1]).write_bytes(text)
            return Step(command, "", 0)
        return Step(command, text.decode(), 0)

    def _asked(self, command: str) -> Step:
        """What a real curl prints, from the server that the page started, wherever that listens."""
        typed = self._filled(command).replace("localhost:8321", self._address)
        typed = typed.replace("curl ", "curl --fail-with-body ", 1)
        done = subprocess.run(
            ["bash", "-c", typed], cwd=self.folder, capture_output=True, text=True, check=False
        )
        return Step(command, done.stdout + done.stderr, done.returncode)

    def _filled(self, command: str) -> str:
        """CASE and RUN stand for the most urgent open case and the newest run, as a reader copies them."""
        if re.search(r"\bCASE\b", command):
            shown, _ = printed(["cases", "--json"])
            command = re.sub(r"\bCASE\b", json.loads(shown)["cases"][0]["case"], command)
        if re.search(r"\bRUN\b", command):
            shown, _ = printed(["runs", "--json"])
            command = re.sub(r"\bRUN\b", json.loads(shown)["runs"][0]["run_id"], command)
        return command


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address at which the agents of this folder are served, by the parts of `remit serve`."""
    ready, held = threading.Event(), {}

    async def whole() -> None:
        held["stop"], held["loop"] = asyncio.Event(), asyncio.get_running_loop()
        async with Runtime("remit.db") as runtime:
            service = Service(runtime, loaded(()), loopback=True)
            listener = listening("127.0.0.1", 0)
            held["port"] = listener.getsockname()[1]
            app = api(service)
            mount_console(app, service)
            await serve(app, service, listener, drain_s=5, told=ready.set, stop=held["stop"])
            listener.close()

    thread = threading.Thread(target=asyncio.run, args=(whole(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield f"127.0.0.1:{held['port']}"
    finally:
        held["loop"].call_soon_threadsafe(held["stop"].set)
        thread.join(30)


def printed(arguments: list[str], *, results_alone: bool = False) -> tuple[str, int]:
    """What one command prints on a terminal that speaks UTF-8, and its exit code."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    notes = io.StringIO() if results_alone else stream
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(notes):
        code = run(arguments)
    stream.seek(0)
    return re.sub(r"by \S+-\d+-([0-9a-f]{8})", r"by host-1-\1", stream.read()), code


def commands_of(block: Block) -> list[str]:
    """The commands of a block; a console shows them after `$ `."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        return [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def expected_codes(block: Block, command: str) -> tuple[int, ...]:
    """What a command of the block may exit with."""
    if "exits" in block.marks:
        return tuple(int(code) for code in block.marks["exits"].split())
    return ASKED if command.startswith("remit ask") else (0,)


def transcript(steps: list[Step]) -> str:
    """The steps as a console shows them."""
    return "".join(f"$ {step.command}\n{step.shown}" for step in steps)


def settled(text: str) -> str:
    """The text without what differs from run to run: ids, hashes, times, durations, line breaks."""
    for pattern, word in (
        (r"\b(?=[0-9a-z]*[0-9])[0-9a-z]{16}\b", "ID"),
        (r"\b[0-9a-f]{12}\b", "KEY"),
        (r"\b\w[\w.-]*-\d+-[0-9a-f]{8}\b", "WORKER"),
        (r"\b(\d{4}-)?\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?\b", "TIME"),
        (rf"\b\d{{1,2}} ({'|'.join(calendar.month_name[1:])})\b", "DAY"),
        (r"[\d,]+ (tokens|out)\b", "SOME"),
        (r"[+<]?\b[\d,.]+ (ms|s|min|h)\b", "LONG"),
        (r"[─-╿\s]+", " "),
        (r"(\S+ ?)?\S*…", "…"),
    ):
        text = re.sub(pattern, word, text)
    return text.strip()


def sessions(pages: list[Path]) -> Iterator[tuple[Path, list[Block]]]:
    """Each page with its blocks, where it has some."""
    for page in pages:
        found = blocks(page)
        if found:
            yield page, found
