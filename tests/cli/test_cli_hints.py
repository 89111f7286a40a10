"""What a command suggests for a case is what decides this very case: each hint is typed as it was printed."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest

from cli_world import Remit, calls, model_server, runner, says, write_agent
from remit.cli.ending import ending_lines
from remit.outcome import Waiting
from remit.telling import text_of

ASKS = "ask_person: front-desk@example.com"
UNDO = "queues: {front-desk@example.com: {undo: 10m}}"
REFUND = calls("refund", order_id="1001", amount_eur=30)
QUESTION = calls("ask_person", question="Is it late?")
PROPOSAL = calls("ask_person", question="Is it late?", proposal="I would say so.")
WRITTEN = {"TEXT": "In words.", "{...}": '{"order_id": "1001", "amount_eur": 20}'}


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remit:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REMIT_REVIEWER", "ann@example.com")
    return runner(capsys)


def hints(shown: str) -> list[list[str]]:
    """The suggested ways to decide, as they would be typed; what is in capitals or dots is filled in."""
    lines = [line.strip() for line in shown.splitlines() if line.strip().startswith("remit decide")]
    return [[_filled(word) for word in shlex.split(line)[1:]] for line in lines]


def _filled(word: str) -> str:
    for placeholder, text in WRITTEN.items():
        word = word.replace(placeholder, text)
    return word


def waits(command: Remit, folder: Path, url: str, more: str) -> str:
    write_agent(folder, url, more)
    shown = command("--store", "other log.db", "ask", "my-desk", "Is 1001 late?", "--user", "id=u1")
    assert shown.code == 5, shown.err
    return shown.out


@pytest.mark.parametrize(
    ("wish", "more", "words"),
    [
        (REFUND, "", ["approve"]),
        (PROPOSAL, ASKS, ["approve"]),
        (QUESTION, ASKS, ["answer", "reject"]),
    ],
)
def test_each_hint_of_a_waiting_run_decides_it(
    wish: dict[str, Any], more: str, words: list[str], command: Remit, tmp_path: Path
) -> None:
    for number, word in enumerate(words):
        with model_server(wish, says("Done.")) as url:
            found = hints(waits(command, tmp_path, url, more))
            assert [hint[2] for hint in found] == words
            shown = command(*found[number])
        assert shown.code == 0, shown.err
        assert "Answered by the agent" in shown.out, word


@pytest.mark.parametrize(("wish", "more"), [(REFUND, ""), (PROPOSAL, ASKS), (QUESTION, ASKS)])
def test_each_hint_beside_a_case_decides_it(
    wish: dict[str, Any], more: str, command: Remit, tmp_path: Path
) -> None:
    tried = 0
    while True:
        with model_server(wish, says("Done.")) as url:
            case = hints(waits(command, tmp_path, url, more))[0][1]
            found = hints(command("--store", "other log.db", "cases", case).out)
            shown = command(*found[tried])
        assert shown.code == 0, shown.err
        tried += 1
        if tried == len(found):
            return


def test_a_decision_that_can_be_taken_back_suggests_that_and_no_other_one(
    command: Remit, tmp_path: Path
) -> None:
    with model_server(REFUND, says("Done.")) as url:
        first = hints(waits(command, tmp_path, url, UNDO))
        shown = command(*first[0])
        assert "Waiting for a person" not in shown.out
        assert "it can still be taken back" in shown.out
        (back,) = hints(shown.out)
        assert command(*back).code == 0
        assert "Approved" in command(*first[0]).out


def test_a_call_in_doubt_suggests_both_answers() -> None:
    waiting = Waiting(
        run_id="r1",
        case="c1",
        queue="people",
        question="Did it take place?",
        deadline=datetime(2027, 1, 15, tzinfo=UTC),
        allowed=("happened", "not_happened"),
    )
    with click.Context(click.Command("ask")):
        lines = ["".join(text_of(piece) for piece in line) for line in ending_lines("r1", waiting)]
    assert [line for line in lines if line.startswith("remit decide")] == [
        "remit decide c1 happened",
        "remit decide c1 not_happened",
    ]


def test_the_list_names_no_decision_that_may_not_fit(command: Remit, tmp_path: Path) -> None:
    with model_server(QUESTION) as url:
        waits(command, tmp_path, url, ASKS)
    shown = command("--store", "other log.db", "cases")
    assert "approve" not in shown.err
    assert "remit cases CASE --store 'other log.db'" in shown.err


def test_the_next_case_is_free_and_where_none_is_that_is_said(command: Remit, tmp_path: Path) -> None:
    with model_server(REFUND, REFUND) as url:
        write_agent(tmp_path, url)
        for _ in range(2):
            assert command("ask", "my-desk", "refund 1001", "--user", "id=u1").code == 5
    assert command("cases", "--next", "--queue", "other").err == "No case waits.\n"
    (first,) = command("cases", "--next", "--json").json()["cases"]
    assert command("decide", first["case"], "reserve", "--by", "bob").code == 0
    found = command("cases", "--next", "--json").json()
    (second,) = found["cases"]
    assert second["case"] != first["case"]
    assert command("cases", "--next", "--by", "bob", "--json").json()["cases"][0]["case"] == first["case"]
    assert command("decide", second["case"], "snooze", "--for", "2h").code == 0
    shown = command("cases", "--next")
    assert shown.out == ""
    assert shown.err == "No case is free. Of 2 open cases, others work on 1, 1 is put off.\n"
    assert command("cases", "--next", "--json").json() == {"cases": [], "taken": 1, "put_off": 1}
