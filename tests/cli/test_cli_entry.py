"""The command as a whole: help, exit codes, errors in words, pipes and encodings."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli_world import runner, write_agent, written_log
from remit.cli import runs as runs_module
from remit.cli.group import COMMANDS, FIRST, remit
from remit.event import Rated
from remit.log import RunState
from remit.telling import OUTCOME_STYLE, OUTCOMES
from store_places import on_postgres, store_at

PROGRAM = [sys.executable, "-c", "from remit.cli import main; main()"]


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(remit)
    found: list[tuple[str, click.Command]] = []
    for name in COMMANDS:
        command = remit.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {below}", each) for below, each in command.commands.items()]
    return found


def test_every_command_of_the_list_is_there_and_explains_itself() -> None:
    for name, command in commands():
        help_text = command.get_help(click.Context(command, info_name=name, **remit.context_settings))
        if " " not in name:
            assert command.name == name
            assert "Examples:" in help_text, name
            assert f"remit {name}" in help_text, name
            assert "Exit codes:" in help_text, name
        options = [each for each in command.params if isinstance(each, click.Option)]
        assert all(option.help for option in options), name


def test_outcomes_are_those_of_the_log() -> None:
    assert set(OUTCOMES) == {"answered", "degraded", "escalated", "refused", "failed"}
    assert set(OUTCOME_STYLE) == {*OUTCOMES, "waiting"}


def test_help_lists_the_first_hour_first(capsys: pytest.CaptureFixture[str]) -> None:
    shown = runner(capsys)("--help")
    assert shown.code == 0
    lines = shown.out.splitlines()
    first, more = lines.index("Commands:"), lines.index("More:")
    assert [line.split()[0] for line in lines[first + 1 : more] if line.strip()] == list(FIRST)
    assert all(len(line) <= 80 for line in lines)


def test_without_arguments_the_help_is_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner(capsys)().code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rnus",), "Did you mean runs?"),
        (("runs", "--outcome", "answred"), "Did you mean answered?"),
        (("runs", "--mode", "tool_unavailabel"), "Did you mean tool_unavailable?"),
        (("runs", "--since", "yesterday"), "neither a stretch of time"),
        (("ask", "my-desk"), "Give the input once"),
        (("ask", "my-desk", "x", "--user", "u1"), "NAME=VALUE"),
        (("export",), "--all"),
        (("verify", "--anchor", "a"), "REMIT_ANCHOR_KEY"),
        (("decide", "x", "aprove"), "Did you mean approve?"),
        (("new", "../up"), "no agent's name"),
        (("demo", "--recorded", "--model", "a:b"), "--recorded"),
    ],
)
def test_wrong_use_is_two_and_says_what_to_do(
    arguments: tuple[str, ...],
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REMIT_ANCHOR_KEY", raising=False)
    shown = runner(capsys)(*arguments)
    assert shown.code == 2
    assert words in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite_file
@pytest.mark.parametrize(
    "arguments",
    [
        ("runs",),
        ("show", "last"),
        ("cases",),
        ("stats",),
        ("verify",),
        ("export", "--all"),
        ("rate", "last", "good"),
        ("cancel", "last"),
        ("decide", "1jq3", "approve"),
        ("ask", "nobody", "x"),
        ("check",),
        ("check", "nobody"),
        ("runbook", "nobody"),
        ("worker", "--once"),
        ("models", "path", "nothing"),
    ],
)
def test_a_problem_is_one_and_says_what_to_do(
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = runner(capsys)(*arguments)
    assert shown.code == 1
    message, *remedy = shown.err.splitlines()
    assert message.startswith("remit: ")
    assert remedy, "no remedy"
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert list(tmp_path.iterdir()) == [], "a command that only reads has made a file"


def test_the_unexpected_is_short_unless_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("on purpose \x1b[31m")

    monkeypatch.setattr(runs_module, "since", broken)
    command = runner(capsys)
    shown = command("runs", "--since", "2h")
    assert shown.code == 1
    assert shown.err.splitlines()[0].endswith("ZeroDivisionError: on purpose ")
    assert "REMIT_DEBUG=1" in shown.err
    assert "Traceback" not in shown.err
    monkeypatch.setenv("REMIT_DEBUG", "1")
    assert "Traceback" in command("runs", "--since", "2h").err


def test_the_store_is_named_before_or_after_or_by_the_environment(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "elsewhere.db"
    with written_log(path) as log:
        run_id = log.run()
    monkeypatch.chdir(tmp_path)
    address = str(store_at(tmp_path, "elsewhere.db"))
    command = runner(capsys)
    assert run_id in command("--store", address, "runs").out
    written = address if on_postgres() else f"sqlite:///{address}"
    assert run_id in command("runs", "--store", written).out
    monkeypatch.setenv("REMIT_STORE", address)
    assert run_id in command("runs").out


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, **more}


def many_runs(path: Path, count: int) -> None:
    with written_log(path) as log:
        for _ in range(count):
            log.run(input="Grüße — 日本 🙂")


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    path = tmp_path / "remit.db"
    with written_log(path) as log:
        log.run(
            *(Rated(rating="good", by="ann", comment="more than any pipe holds " * 40) for _ in range(4000))
        )
    program = subprocess.Popen(
        [*PROGRAM, "export", "last", "--unmasked", "--store", str(store_at(tmp_path))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.read(1)
    program.stdout.close()
    errors = program.stderr.read()
    program.stderr.close()
    assert errors == b""
    assert program.wait() == 141


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_no_encoding_stops_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "remit.db"
    many_runs(path, 1)
    program = subprocess.run(
        [*PROGRAM, "show", "last", "--store", str(store_at(tmp_path))],
        capture_output=True,
        env=environment(PYTHONIOENCODING=encoding),
        check=False,
    )
    assert program.returncode == 0, program.stderr
    assert "Gr" in program.stdout.decode(encoding)


def test_help_costs_little() -> None:
    code = (
        "import sys, time; sys.argv = ['remit', '--help']\n"
        "from remit.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = [name for name in ('pydantic', 'asyncio', 'rich', 'sqlite3') if name in sys.modules]\n"
        "print(heavy, file=sys.stderr)"
    )
    program = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert program.stderr.strip() == "[]"


def test_the_state_of_a_new_run_is_one_that_can_be_asked_for() -> None:
    assert RunState("x").state in runs_module.STATES


def test_agents_are_found_by_folder_and_by_path(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_agent(tmp_path, "http://127.0.0.1:9")
    monkeypatch.chdir(tmp_path)
    command = runner(capsys)
    for name in ("my-desk", "agents/my-desk", "agents/my-desk/remit.yaml", str(tmp_path / "agents/my-desk")):
        assert command("check", name).code == 0, name
    assert "Did you mean my-desk?" in command("check", "my-dsk").err
