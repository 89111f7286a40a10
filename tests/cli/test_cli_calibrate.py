"""`remit calibrate` and `remit calibration`: from labels to a promise in words, curves and a picture."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from remit.cli.entry import run

AGENT = """
remit: 1
agent: sure-desk
purpose: Answer questions.
model: openai:gpt-5.1-2025-11-13
handover: front-desk
queues: {front-desk: {}}
does: [answer questions]
"""
GATE = "confidence: {from: logprobs, max_error: 0.05, sure: 0.90}\n"


@pytest.fixture
def agents(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    monkeypatch.delenv("REMIT_STORE", raising=False)
    folder = tmp_path / "agents" / "sure-desk"
    folder.mkdir(parents=True)
    (folder / "remit.yaml").write_text(AGENT + GATE)
    rows = [*["0.9,true"] * 300, *["0.3,false"] * 60]
    (tmp_path / "labels.csv").write_text("\n".join(["score,correct", *rows]))
    return tmp_path


def typed(capsys, *words):
    code = run(list(words))
    return code, *capsys.readouterr()


def test_labels_become_a_promise_in_words(agents, capsys):
    code, out, _ = typed(capsys, "calibrate", "sure-desk", "--labels", "labels.csv")
    assert code == 0
    assert "at most 5 % wrong among those answered without a person, 90 % sure, 360 labels, since" in out
    assert "threshold" in out
    code, out, _ = typed(capsys, "calibration", "show", "sure-desk", "--svg", "curves.svg")
    assert code == 0
    assert "<- the threshold" in out
    assert "audited since: 0" in out
    picture = (agents / "curves.svg").read_text()
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("svg")
    assert "prefers-color-scheme: dark" in picture
    assert "<script" not in picture
    code, out, _ = typed(capsys, "calibration", "show", "sure-desk", "--json")
    (found,) = json.loads(out)["calibrations"]
    assert (found["state"], found["labels"], found["audited"]["audits"]) == ("holds", 360, 0)
    assert found["reliability"]
    assert found["risk_coverage"]


def test_too_few_labels_say_how_many_are_missing(agents, capsys):
    code, out, _ = typed(capsys, "calibrate", "sure-desk")
    assert code == 1
    assert "0 of about 200 labels; until then every answer goes to people" in out
    code, _, err = typed(capsys, "calibration", "show", "sure-desk")
    assert code == 1
    assert "There is no calibration" in err


def test_nothing_known_does_not_replace_what_is_known(agents, capsys):
    typed(capsys, "calibrate", "sure-desk", "--labels", "labels.csv")
    typed(capsys, "calibrate", "sure-desk")
    code, out, _ = typed(capsys, "calibration", "show", "sure-desk")
    assert code == 0
    assert "360 labels" in out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "points,right\n1,2\n", "no columns score and correct"),
        ("a.csv", "score,correct\n0.5,perhaps\n", "neither right nor wrong"),
        ("a.jsonl", '{"score": 0.5, "correct": tru}\n', "is not JSON"),
        ("a.csv", None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_why(agents, capsys, name, text, said):
    if text is not None:
        (agents / name).write_text(text)
    code, _, err = typed(capsys, "calibrate", "sure-desk", "--labels", name)
    assert code == 1
    assert said in err


def test_labels_without_a_usable_score_are_left_out_and_said(agents, capsys):
    (agents / "a.jsonl").write_text(
        '{"score": "nan", "correct": true}\n{"score": 7, "correct": false}\n{"score": 0.5, "correct": true}\n'
    )
    code, out, _ = typed(capsys, "calibrate", "sure-desk", "--labels", "a.jsonl")
    assert code == 1
    assert "1 label without a score" in out
    assert "1 label with a score outside 0..1" in out
    assert "The only label says right" in out


def test_an_agent_without_confidence_says_what_to_add(agents, capsys):
    (agents / "agents" / "sure-desk" / "remit.yaml").write_text(AGENT)
    code, _, err = typed(capsys, "calibrate", "sure-desk")
    assert code == 1
    assert "confidence: observe" in err


def test_check_and_the_runbook_say_the_bound_in_words(agents, capsys):
    for command in ("check", "runbook"):
        code, out, _ = typed(capsys, command, "sure-desk")
        assert code == 0
        assert "at most 5 % wrong among those answered without" in " ".join(out.split())
