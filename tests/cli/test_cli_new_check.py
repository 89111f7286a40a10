"""From nothing to an agent, and what is said of one that is wrong."""

from pathlib import Path

import pytest

from cli_world import Remit, runner, write_agent
from remit.cli.new import LOCAL, model_for, module_of

FAULTS = """\
remit: 1
agent: bad-desk
purpose: x
model: openai-compatible:served
does: [x]
dose: [y]
tools:
  find: nowhere:find
"""


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remit:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def test_a_new_agent_passes_its_check_as_it_is(command: Remit) -> None:
    shown = command("new", "my-desk", "--model", LOCAL)
    assert shown.code == 0
    assert shown.out.splitlines()[0].startswith("agents/my-desk/remit.yaml")
    assert "remit check my-desk" in shown.err
    remit = Path("agents/my-desk/remit.yaml").read_text()
    assert len(remit.splitlines()) == 12
    assert all(len(line) <= 100 for line in remit.splitlines())
    checked = command("check", "--json").json()["agents"]
    assert [(each["agent"], each["ok"], each["problems"]) for each in checked] == [("my-desk", True, [])]
    assert [tool["effect"] for tool in checked[0]["tools"]] == ["read", "irreversible"]
    assert checked[0]["tools"][1]["asks"] == "a person is always asked first"


def test_nothing_is_overwritten(command: Remit) -> None:
    command("new", "my-desk")
    Path("agents/my-desk/remit.yaml").write_text("mine")
    Path("agents/my-desk/desk.py").unlink()
    shown = command("new", "my-desk")
    assert shown.code == 1
    assert "exists already" in shown.err
    assert Path("agents/my-desk/remit.yaml").read_text() == "mine"
    assert not Path("agents/my-desk/desk.py").exists()


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("my-desk", "desk"),
        ("Front_Desk", "desk"),
        ("desk", "desk"),
        ("desk-2", "desk"),
        ("order-json", "order"),
        ("remit", "desk"),
        ("my-class", "my"),
        ("2026", "desk"),
    ],
)
def test_the_module_is_the_last_word_that_can_be_one(name: str, module: str) -> None:
    assert module_of(name) == module


def test_the_model_is_one_that_can_be_asked() -> None:
    assert model_for({}) == LOCAL
    assert model_for({"OPENAI_API_KEY": ""}) == LOCAL
    assert model_for({"OPENAI_API_KEY": "k"}).startswith("openai:")


def test_every_problem_is_named_with_file_line_and_remedy(command: Remit) -> None:
    folder = Path("agents/bad-desk")
    folder.mkdir(parents=True)
    (folder / "remit.yaml").write_text(FAULTS)
    shown = command("check", "bad-desk")
    assert shown.code == 1
    assert "agents/bad-desk/remit.yaml:6: error: " in shown.out
    assert "Did you mean `does`?" in shown.out
    problems = command("check", "bad-desk", "--json").json()["agents"][0]["problems"]
    assert set(problems[0]) == {"file", "line", "where", "message", "suggestion", "severity"}
    refused = command("ask", "bad-desk", "x")
    assert refused.code == 1
    assert "remit.yaml:6" in refused.err
    assert not Path("remit.db").exists()


def test_check_prints_where_each_failure_leads(command: Remit, tmp_path: Path) -> None:
    write_agent(tmp_path, "http://127.0.0.1:9", "on_failure: {model_unavailable: {say: Later.}}")
    shown = command("check")
    assert shown.code == 0
    line = next(line for line in shown.out.splitlines() if line.startswith("model_unavailable"))
    assert "Later." in line
    assert line.endswith("on_failure")
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    failures = command("check", "--json").json()["agents"][0]["failures"]
    assert {"mode", "tool", "path", "declared"} == set(failures[0])


def test_one_bad_agent_among_good_ones_is_one(command: Remit, tmp_path: Path) -> None:
    write_agent(tmp_path, "http://127.0.0.1:9")
    folder = Path("agents/bad-desk")
    folder.mkdir()
    (folder / "remit.yaml").write_text(FAULTS)
    assert command("check").code == 1
    assert command("check", "my-desk").code == 0


def test_the_runbook_is_printed_or_written(command: Remit, tmp_path: Path) -> None:
    write_agent(tmp_path, "http://127.0.0.1:9")
    assert command("runbook", "my-desk").out.startswith("# Runbook of my-desk")
    shown = command("runbook", "my-desk", "--html", "--output", "runbook.html")
    assert shown.code == 0
    assert shown.out == ""
    assert Path("runbook.html").read_text().startswith("<!doctype html>")
