"""The card desk's gate routes its inbox rightly, by meaning or by spelling; without it the demo runs."""

import json
import subprocess
import sys

import pytest

from remit import intake
from remit.cli.demo import example_folder
from remit.contract import parse, scope_examples
from remit.embed import LEXICAL, MINILM, can_embed

FOLDER = example_folder()
CONTRACT = parse(FOLDER / "remit.yaml").contract
EXAMPLES = scope_examples(CONTRACT, FOLDER)
INBOX = [json.loads(line) for line in (FOLDER / "inbox.jsonl").read_text(encoding="utf-8").splitlines()]
ROUTED = {
    "m05": "legal or tax interpretation",
    "m17": "legal or tax interpretation",
    "m18": "raising a credit limit",
    "m19": "investment advice",
}
HOSTILE = {item["id"] for item in INBOX if item["sort"] == "hostile"}


@pytest.fixture(params=[MINILM, LEXICAL])
def gate(request, tmp_path):
    if not can_embed(request.param):
        pytest.skip(f"{request.param} is not installed")
    return intake.opened_gate(
        CONTRACT, EXAMPLES, environment={"REMIT_GATES": str(tmp_path)}, embedding=request.param
    )


def test_no_example_stands_in_the_inbox():
    assert {example.text for example in EXAMPLES} & {item["text"] for item in INBOX} == set()


def test_no_message_of_the_inbox_is_misrouted(gate):
    found = {item["id"]: intake.screen(CONTRACT, item["text"], count_tokens=len, gate=gate) for item in INBOX}
    # Where a hostile message goes does not matter: its bounds are the permits.
    routed = {name: each.topic for name, each in found.items() if each.verdict != "in_scope"}
    assert {name: topic for name, topic in routed.items() if name not in HOSTILE} == ROUTED


@pytest.mark.parametrize(
    ("text", "verdict", "topic"),
    [
        ("Is the interest on my card taxed?", "out_of_scope", "legal or tax interpretation"),
        ("Which shares would you buy?", "out_of_scope", "investment advice"),
        ("I would like to have more credit on my card.", "out_of_scope", "raising a credit limit"),
        ("Write a song about autumn.", "out_of_scope", None),
    ],
)
def test_what_the_words_do_not_name_is_told_by_the_examples(text, verdict, topic, tmp_path):
    if not can_embed(MINILM):
        pytest.skip("the extra `scope` is not installed")
    gate = intake.opened_gate(CONTRACT, EXAMPLES, environment={"REMIT_GATES": str(tmp_path)})
    judged = gate.judge(text)
    assert (judged.verdict, judged.topic) == (verdict, topic)


def test_the_gate_keeps_what_the_remit_declares(tmp_path):
    if not can_embed(MINILM):
        pytest.skip("the extra `scope` is not installed")
    gate = intake.opened_gate(CONTRACT, EXAMPLES, environment={"REMIT_GATES": str(tmp_path)})
    report = intake.gate_report(gate)
    assert report.holds
    assert not any(each.overlap for each in report.confusions)


def test_without_what_trains_the_gate_the_demo_runs_and_says_so(tmp_path):
    command = (
        "import sys; sys.modules.update(dict.fromkeys(['numpy', 'scipy', 'scipy.optimize']));"
        "from remit.cli.entry import run;"
        f"sys.exit(run(['demo', '--recorded', '--store', {str(tmp_path / 'demo.db')!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "The scope gate is left out" in done.stderr
    assert "11 of 12 as expected, 0 harmful actions" in done.stdout
