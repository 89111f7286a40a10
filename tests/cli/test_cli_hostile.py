"""Text of models, tools and users through every command: none of it moves, hides or forges a line."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from cli_world import Remit, Shown, runner, written_log
from hostile_texts import CORPUS, every_kind
from remit.event import (
    Decided,
    Ended,
)
from remit.outcome import Answered, Degraded, Escalated, Failed, FailureMode, Outcome, Refused

HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
IDS = [f"{number}".zfill(15) + "r" for number in range(6)]


def hidden(shown: Shown) -> set[str]:
    """What a command printed that no terminal shows as it is."""
    return {sign for sign in shown.out + shown.err if sign != "\n" and unicodedata.category(sign) in HIDING}


def outcomes(text: str) -> list[Outcome]:
    return [
        Answered(output=text, message=text),
        Degraded(output=text, message=text, missing=(text,), as_of=None),
        Escalated(queue=text, case=text, message=text),
        Refused(message=text, reason=text),
        Failed(mode=FailureMode.CANCELLED, message=text, reason=text),
    ]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remit:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def write(text: str) -> tuple[str, str]:
    """Runs that hold the text everywhere; one that is open and one for each way of ending."""
    facts: dict[str, Any] = {
        "agent": text[:40],
        "input": {"text": text},
        "user": {"id": text, text: text},
        "tenant": text,
        "conversation": text,
    }
    with written_log(Path("remit.db")) as log:
        for run_id, outcome in zip(IDS[1:], outcomes(text), strict=True):
            log.run(*every_kind(run_id, text), Ended(outcome=outcome), run_id=run_id, **facts)
        log.run(*every_kind(IDS[0], text), run_id=IDS[0], **facts)
        log.add(IDS[1], Decided(case=f"{IDS[1][:-1]}c", decision="reject", by=text, reason=text, seen_seq=1))
    return IDS[0], f"{IDS[0][:-1]}c"


def commands(run_id: str, case: str) -> list[tuple[str, ...]]:
    return [
        ("runs",),
        ("runs", "--json"),
        ("show", run_id),
        ("show", run_id, "--full"),
        ("show", run_id, "--mask"),
        ("show", run_id, "--json"),
        *[
            ("show", f"{number}".zfill(15) + "r", *full)
            for number in range(1, 6)
            for full in ((), ("--full",))
        ],
        ("show", f"{1}".zfill(15) + "r", "--follow"),
        ("cases",),
        ("cases", "--all", "--json"),
        ("cases", case),
        ("cases", case, "--json"),
        ("stats", "--by", "tool"),
        ("stats", "--by", "model", "--json"),
        ("verify",),
        ("export", "--all"),
        ("export", run_id, "--unmasked"),
        ("cancel", run_id, "--by", "ann"),
        ("decide", case, "approve", "--by", "ann"),
        ("worker", "--once"),
    ]


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_no_command_prints_what_hides_or_moves(text: str, command: Remit) -> None:
    for arguments in commands(*write(text)):
        shown = command(*arguments)
        assert "unexpected" not in shown.err, (arguments, shown.err)
        left = {
            sign for sign in shown.out + shown.err if sign != "\n" and unicodedata.category(sign) in HIDING
        }
        assert not left, (arguments, left)


def test_no_text_forges_a_line(command: Remit) -> None:
    for arguments in commands(*write(CORPUS["forged line"])):
        if "--json" in arguments or arguments[0] == "export":
            continue
        shown = command(*arguments)
        forged = [line for line in shown.out.splitlines() if line.startswith(("remit:", "Ended: answered"))]
        ours = "Ended: answered by the agent, after a decision by text"
        assert all(line.startswith(ours) for line in forged), arguments
        assert len(forged) <= 1, arguments
        assert not [line for line in shown.err.splitlines() if line.startswith("remit: all")], arguments


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_json_keeps_what_the_terminal_does_not_show(text: str, command: Remit) -> None:
    run_id, _ = write(text)
    events = command("show", run_id, "--json").lines()
    assert events[0]["body"]["input"] == {"text": text}
    assert [each["kind"] for each in events][:3] == ["admitted", "taken", "screened"]
    assert json.loads(command("runs", "--json").out)["runs"][0]["run_id"]


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
def test_what_is_typed_is_shown_back_as_harmlessly(text: str, command: Remit) -> None:
    typed = text.replace("\x00", "")
    for arguments in (
        ("show", typed),
        (typed,),
        ("runs", "--agent", typed),
        ("runs", "--since", typed),
        ("ask", typed, typed),
        ("new", typed),
        ("decide", typed, typed),
        ("models", "pull", typed),
        ("runs", f"--{typed}"),
    ):
        shown = command(*arguments)
        left = {
            sign for sign in shown.out + shown.err if sign != "\n" and unicodedata.category(sign) in HIDING
        }
        assert not left, (arguments, left)
        assert "Traceback" not in shown.err
