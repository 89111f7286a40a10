"""An input, its outcome, the case, the decision: through the command alone, with a model on a real port."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import postgres_server
from cli_world import Remit, calls, model_server, runner, says, write_agent
from remit import Remit as Agent
from remit.errors import ContractError
from store_places import store_at

PROGRAM = [sys.executable, "-c", "from remit.cli import main; main()"]
REFUND = calls("refund", order_id="1001", amount_eur=30)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remit:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REMIT_REVIEWER", "ann@example.com")
    return runner(capsys)


def test_a_model_named_on_the_line_needs_nothing_of_the_remits_own(
    command: Remit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    write_agent(tmp_path, "http://unused")
    file = tmp_path / "agents" / "my-desk" / "remit.yaml"
    lines = file.read_text().splitlines()
    lines[3] = "model: {use: openai:gpt-5.1-2025-11-13, fallback: [google:gemini-2.5-flash]}"
    file.write_text("\n".join(lines))
    assert "OPENAI_API_KEY is not set" in command("ask", "my-desk", "Where?").err
    with pytest.raises(ContractError):
        Agent.load(file)
    other = Agent.load(file, model="anthropic:claude-sonnet-4-5-20250929").contract.model
    assert (other.use, other.fallback) == ("anthropic:claude-sonnet-4-5-20250929", ())
    shown = command("ask", "my-desk", "Where?", "--model", "anthropic:claude-sonnet-4-5-20250929")
    assert shown.code == 1
    assert "OPENAI" not in shown.err


def test_another_providers_address_and_key_are_not_those_of_the_remit(tmp_path: Path) -> None:
    write_agent(tmp_path, "http://own")
    folder = tmp_path / "agents" / "my-desk"
    assert Agent.load(folder, model="openai-compatible:other").contract.model.base_url == "http://own"
    assert Agent.load(folder, model="anthropic:claude-sonnet-4-5-20250929").contract.model.base_url is None


def test_answered_is_zero_and_the_whole_story_is_there(command: Remit, tmp_path: Path) -> None:
    with model_server(calls("find_order", order_id="1001"), says("It is late.")) as url:
        write_agent(tmp_path, url)
        shown = command("ask", "my-desk", "Where is 1001?", "--user", "id=u1", "--tenant", "t", "--json")
    assert shown.code == 0
    outcome = shown.json()
    assert (outcome["kind"], outcome["message"]) == ("answered", "It is late.")
    story = command("show", "last").out
    assert "user u1 of t asked:" in story
    assert 'find_order(order_id="1001") → {"id": "1001", "state": "late"}' in story
    assert "Ended: answered by the agent" in story
    assert "11 tokens in, 7 out" in " ".join(story.split())
    assert all(len(line) <= 80 for line in story.splitlines())
    rows = command("runs", "--json", "--user", "u1", "--outcome", "answered").json()["runs"]
    assert [row["run_id"] for row in rows] == [outcome["run_id"]]
    assert rows[0]["input"] == "Where is 1001?"
    assert command("runs", "--json", "--user", "u2").json() == {"runs": []}
    tools = command("stats", "--by", "tool", "--json").json()["statistics"]
    assert [(line["subject"], line["calls"], line["errors"]) for line in tools] == [("find_order", 1, 0)]


@pytest.mark.parametrize(
    ("more", "asked", "message", "code", "kind"),
    [
        ("", "I want legal advice", None, 4, "refused"),
        ("", "hello", None, 3, "escalated"),
        ("on_failure: {model_unavailable: fail}", "hello", None, 6, "failed"),
        ("on_failure: {model_unavailable: {value: Later.}}", "hello", None, 0, "degraded"),
        ("", "refund 1001", REFUND, 5, "waiting"),
    ],
)
def test_each_ending_has_its_exit_code(
    more: str,
    asked: str,
    message: dict[str, Any] | None,
    code: int,
    kind: str,
    command: Remit,
    tmp_path: Path,
) -> None:
    with model_server(*([message] if message else [])) as url:
        write_agent(tmp_path, url, more)
        shown = command("ask", "my-desk", asked)
        assert shown.code == code
        assert f"remit show {command('runs', '--json').json()['runs'][0]['run_id']}" in shown.out
        if kind != "waiting":
            assert command("runs", "--outcome", kind, "--json").json()["runs"]


def waiting(command: Remit, folder: Path, url: str) -> str:
    write_agent(folder, url)
    shown = command("ask", "my-desk", "refund 1001", "--user", "id=u1", "--json")
    assert shown.code == 5
    return shown.json()["case"]


def test_a_case_is_seen_decided_and_the_run_goes_on(command: Remit, tmp_path: Path) -> None:
    with model_server(REFUND, says("Done.")) as url:
        case = waiting(command, tmp_path, url)
        assert [row["case"] for row in command("cases", "--json").json()["cases"]] == [case]
        seen = command("cases", case[:12]).out
        assert "amount_eur = 30" in seen
        assert "Waits for a decision" in seen
        assert all(len(line) <= 80 for line in seen.splitlines())
        shown = command("decide", case, "approve", "--reason", "It is late.")
    assert shown.code == 0
    assert shown.out.splitlines()[0] == "Approved, by ann@example.com."
    assert "Answered by the agent" in shown.out
    story = command("show", "last").out
    assert "ann@example.com approved: It is late." in story
    assert "30.00 EUR are on their way back." in story
    assert command("cases").out == ""
    assert "Ended: answered by the agent, after a decision by ann@example.com" in command("show", "last").out
    again = command("decide", case, "approve")
    assert again.code == 1
    assert again.err.startswith("remit: ")


def test_an_edit_changes_only_what_is_named(command: Remit, tmp_path: Path) -> None:
    with model_server(REFUND, says("Done.")) as url:
        case = waiting(command, tmp_path, url)
        shown = command("decide", case, "edit", "--argument", "amount_eur=20", "--json")
    assert shown.code == 0, shown.err
    assert shown.json()["outcome"]["kind"] == "answered"
    decided = command("cases", case, "--json").json()["decided"]
    assert decided["arguments"] == {"order_id": "1001", "amount_eur": 20}
    assert decided["by"] == "ann@example.com"
    assert "20.00 EUR are on their way back." in command("show", "last").out


def test_a_rejection_needs_a_reason_and_is_told_to_the_model(command: Remit, tmp_path: Path) -> None:
    with model_server(REFUND, says("It was not allowed.")) as url:
        case = waiting(command, tmp_path, url)
        assert command("decide", case, "reject").code == 1
        shown = command("decide", case, "reject", "--reason", "Not late.")
    assert shown.code == 0
    assert "It was not allowed." in shown.out
    assert "ann@example.com rejected: Not late." in command("show", "last").out


def test_who_caused_a_case_does_not_decide_it(command: Remit, tmp_path: Path) -> None:
    with model_server(REFUND) as url:
        case = waiting(command, tmp_path, url)
        shown = command("decide", case, "approve", "--by", "u1")
    assert shown.code == 1
    assert "caused" in shown.err


def test_a_decision_stands_where_the_agent_is_not(
    command: Remit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server(REFUND, says("Done.")) as url:
        case = waiting(command, tmp_path, url)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        monkeypatch.setenv("REMIT_STORE", str(store_at(tmp_path)))
        shown = command("decide", case, "approve")
        assert shown.code == 0
        assert shown.out.splitlines() == ["Approved, by ann@example.com."]
        assert "a worker" in shown.err
        monkeypatch.chdir(tmp_path)
        worked = command("worker", "--once")
    assert worked.code == 0, worked.err
    assert "answered by the agent" in worked.out
    assert command("runs", "--json").json()["runs"][0]["outcome"] == "answered"


def test_a_run_is_cancelled_and_rated(command: Remit, tmp_path: Path) -> None:
    with model_server(REFUND) as url:
        waiting(command, tmp_path, url)
        shown = command("cancel", "last", "--reason", "Asked twice.")
        assert shown.code == 0, shown.err
        assert "Cancelled, by ann@example.com." in shown.out
        assert command("cancel", "last").code == 1
    run = command("runs", "--json").json()["runs"][0]
    assert (run["outcome"], run["mode"]) == ("failed", "cancelled")
    assert command("rate", "last", "bad", "--comment", "Too slow.").code == 0
    assert "ann@example.com rated it bad. Too slow." in command("show", "last").out


def test_input_comes_from_stdin_or_a_file(
    command: Remit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server(says("One."), says("Two.")) as url:
        write_agent(tmp_path, url)
        stdin = io.TextIOWrapper(io.BytesIO("Grüße aus \xff".encode("latin-1")))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert command("ask", "my-desk", "-").code == 0
        (tmp_path / "message.txt").write_text("From a file")
        assert command("ask", "my-desk", "--file", "message.txt").code == 0
    inputs = [row["input"] for row in command("runs", "--json").json()["runs"]]
    assert inputs == ["From a file", "Gr\ufffd\ufffde aus \ufffd"]


def test_events_are_written_as_they_happen_and_masked(command: Remit, tmp_path: Path) -> None:
    with model_server(says("Write to ann@example.com."), says("Again.")) as url:
        write_agent(tmp_path, url)
        assert command("ask", "my-desk", "I am bob@example.com", "--log-json", "events.jsonl").code == 0
        shown = command("ask", "my-desk", "And again", "--log-json", "-")
    events = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    assert events[0]["kind"] == "admitted"
    assert events[-1]["kind"] == "ended"
    assert events[0]["body"]["input"] == "I am [e-mail]"
    assert "@example.com" not in Path("events.jsonl").read_text().replace("front-desk@", "")
    assert [line["kind"] for line in shown.lines()][-1] == "ended"
    assert "Again." in shown.err


def test_a_conversation_is_kept_together(command: Remit, tmp_path: Path) -> None:
    with model_server(says("One."), says("Two.")) as url:
        write_agent(tmp_path, url)
        for text in ("first", "second"):
            assert command("ask", "my-desk", text, "--conversation", "c1", "--user", "id=u").code == 0
    assert len(command("runs", "--conversation", "c1", "--json").json()["runs"]) == 2
    assert "1 earlier run" in command("show", "last").out


def test_a_worker_ends_when_it_is_told_to(command: Remit, tmp_path: Path) -> None:
    with model_server(says("Done.")) as url:
        write_agent(tmp_path, url)
        assert command("ask", "my-desk", "I want legal advice").code == 4
        program = subprocess.Popen(
            [*PROGRAM, "worker", "--interval", "60", "--store", str(store_at(tmp_path))],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stderr is not None
        assert program.stdout is not None
        assert program.stderr.readline() == "Working for my-desk.\n"
        os.kill(program.pid, signal.SIGTERM)
        assert program.stderr.read() == "Stopped.\n"
        program.stderr.close()
        program.stdout.close()
        assert program.wait() == 0


def test_a_worker_waits_for_a_database_that_is_started_after_it(command: Remit, tmp_path: Path) -> None:
    server = postgres_server.new_server()
    try:
        server.stop()
        write_agent(tmp_path, "http://127.0.0.1:1/v1")
        program = subprocess.Popen(
            [*PROGRAM, "worker", "--store", server.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with program as worker:
            assert worker.stderr is not None
            assert "cannot be reached yet; waiting" in worker.stderr.readline()
            server.start()
            assert worker.stderr.readline() == "Working for my-desk.\n"
            os.kill(worker.pid, signal.SIGTERM)
            assert worker.stderr.read() == "Stopped.\n"
        assert worker.returncode == 0
    finally:
        server.kill()


UNDO = "queues: {front-desk@example.com: {undo: 10m}}"


def test_a_decision_is_taken_back_while_its_queue_lets_it(command: Remit, tmp_path: Path) -> None:
    with model_server(REFUND, says("Done.")) as url:
        write_agent(tmp_path, url, UNDO)
        case = command("ask", "my-desk", "refund 1001", "--user", "id=u1", "--json").json()["case"]
        assert command("decide", case, "approve").code in (0, 5)
        assert "remit decide" in command("cases", case).out
        other = command("decide", case, "--undo", "--by", "bob@example.com")
        assert (other.code, "Only ann@example.com" in other.err) == (1, True)
        assert command("decide", case, "--undo").code == 0
        assert [row["case"] for row in command("cases", "--json").json()["cases"]] == [case]
        assert command("decide", case, "reject", "--reason", "No.").code in (0, 5)


def test_the_agents_own_question_is_answered_on_the_command_line(command: Remit, tmp_path: Path) -> None:
    ask = calls("ask_person", question="Is it late?", proposal="I would say so.")
    with model_server(ask, says("It is late.")) as url:
        write_agent(tmp_path, url, "ask_person: front-desk@example.com")
        assert "asks      The agent asks by itself" in command("check", "my-desk").out
        case = command("ask", "my-desk", "Where is 1001?", "--user", "id=u1", "--json").json()["case"]
        seen = " ".join(command("cases", case).out.split())
        assert 'my-desk asks: "Is it late?"' in seen
        assert 'proposal = "I would say so."' in seen
        shown = command("decide", case, "answer", "--answer", "Nine days.")
    assert shown.code == 0
    assert "It is late." in shown.out
    story = command("show", "last").out
    assert "ask_person" in story
    assert "Nine days." in story


def test_another_agent_beside_this_one_decides_on_the_command_line(command: Remit, tmp_path: Path) -> None:
    with model_server(says("Form 7.")) as url:
        more = "queues: {experts: {agent: senior, then: front-desk@example.com, deadline: 10m}}"
        write_agent(tmp_path, url, more)
        file = tmp_path / "agents" / "my-desk" / "remit.yaml"
        senior = tmp_path / "agents" / "senior"
        senior.mkdir()
        (senior / "desk.py").write_text((file.parent / "desk.py").read_text())
        text = file.read_text()
        own = (
            text.replace("my-desk", "senior")
            .replace(more, "")
            .replace("topic: legal advice", "topic: horses")
        )
        (senior / "remit.yaml").write_text(own)
        file.write_text(text.replace('say: "Not here."', "queue: experts"))
        assert "decided by a run of senior within 10m" in " ".join(command("check", "my-desk").out.split())
        shown = command("ask", "my-desk", "Some legal advice on 1001, please.")
    assert shown.code == 0, shown
    assert "Answered by agent senior" in shown.out
