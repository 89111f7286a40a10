"""`remit scope`: a text is tried, a gate reported on, and a run's input becomes an example by a reviewer."""

import csv
import json
from pathlib import Path

import pytest

from cli_world import Remit, runner
from remit.embed import MINILM, can_embed

TOPICS = {
    "tell where an order is": [
        "Where is my order 1001?",
        "Has my parcel been shipped yet?",
        "When will my package arrive?",
        "What is the delivery date of my order?",
        "Is my order on its way?",
    ],
    "refund a late order": [
        "My order came a week late and I want a refund.",
        "Please give me my money back for the late delivery.",
        "Refund order 1002 as it never came on time.",
        "You delivered too late, so pay me back.",
        "I would like a refund for the delay.",
    ],
    "legal advice": ["Can I sue the courier?", "Is your contract valid under the law?"],
}
REMIT = """\
remit: 1
agent: my-desk
purpose: Answer customers' questions about their orders.
model: {use: "openai-compatible:served", base_url: "http://127.0.0.1:9", tries: 1, timeout: 1s}
handover: front-desk@example.com
does: [tell where an order is, refund a late order]
does_not: [{topic: legal advice, say: "Not here."}]
scope: {examples: scope.csv, keep: 0.9}
"""


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remit:
    if not can_embed(MINILM):
        pytest.skip("the extra `scope` is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REMIT_GATES", str(tmp_path / "gates"))
    folder = Path("agents/my-desk")
    folder.mkdir(parents=True)
    (folder / "remit.yaml").write_text(REMIT)
    rows = [f'"{text}",{topic},' for topic, texts in TOPICS.items() for text in texts]
    (folder / "scope.csv").write_text("\n".join(["text,topic,by", *rows]))
    return runner(capsys)


def test_a_text_is_tried(command: Remit) -> None:
    inside = command("scope", "try", "my-desk", "Where is my package now?", "--json").json()
    assert (inside["verdict"], inside["topic"]) == ("in_scope", "tell where an order is")
    assert inside["score"] >= inside["threshold"]
    shown = command("scope", "try", "my-desk", "What is the capital of France?")
    assert shown.code == 0
    assert shown.out.startswith("unfamiliar_input")
    assert "EXAMPLE" in shown.out


def test_a_report_and_a_check_say_what_the_gate_is_worth(command: Remit) -> None:
    report = command("scope", "report", "my-desk", "--json").json()
    assert (report["examples"], report["in_scope"]) == (12, 10)
    assert 0 <= report["kept_from"] <= report["kept_share"] <= report["kept_to"] <= 1
    assert "10 in scope that it had not seen" in command("scope", "report", "my-desk").out
    checked = command("check", "my-desk")
    assert "12 examples" in checked.out
    assert "unfamiliar_input" in checked.out


def test_an_unfamiliar_run_reaches_no_model_and_can_become_an_example(command: Remit) -> None:
    asked = command("ask", "my-desk", "How do I bake bread?", "--json")
    assert asked.json()["mode"] == "unfamiliar_input"
    events = [json.loads(line) for line in command("export", "last").out.splitlines()]
    (screened,) = [event["body"] for event in events if event["kind"] == "screened"]
    assert screened["score"] < screened["threshold"]
    assert len(screened["nearest"]) == 3
    assert not [event for event in events if event["kind"] == "model_asked"]
    refused = command("scope", "add", "last", "baking")
    assert (refused.code, "has no topic 'baking'" in refused.err) == (1, True)
    added = command("scope", "add", "last", "OUT of scope", "--by", "ann")
    assert added.code == 0
    with Path("agents/my-desk/scope.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert last == {"text": "How do I bake bread?", "topic": "out of scope", "by": "ann"}
    assert "already" in command("scope", "add", "last", "out of scope").out
    other = command("scope", "add", "last", "in scope")
    assert (other.code, "out of scope" in other.err) == (1, True)
    assert command("check", "my-desk").code == 0
    again = command("ask", "my-desk", "How do I bake bread?", "--json").json()
    assert again["mode"] == "out_of_scope"


def test_an_excluded_topic_found_by_examples_says_its_sentence(command: Remit) -> None:
    asked = command("ask", "my-desk", "May I sue you over the contract?", "--json").json()
    assert (asked["mode"], asked["message"]) == ("out_of_scope", "Not here.")


def test_an_agent_without_a_scope_is_told_what_to_add(command: Remit) -> None:
    file = Path("agents/my-desk/remit.yaml")
    file.write_text(file.read_text().replace("scope: {examples: scope.csv, keep: 0.9}\n", ""))
    shown = command("scope", "try", "my-desk", "hello")
    assert (shown.code, "has no `scope`" in shown.err) == (1, True)
    assert "scope.csv" in shown.err
