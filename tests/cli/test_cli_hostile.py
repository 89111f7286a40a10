"""Text of models, tools and users through every command: none of it moves, hides or forges a line."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cli_world import Remit, Shown, runner, written_log

from remit.event import (
    Attempt,
    Call,
    Cancelled,
    CaseOpened,
    Decided,
    Diverted,
    Done,
    EffectUnknown,
    Ended,
    Event,
    Intended,
    Late,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    OutputChecked,
    Part,
    Permit,
    Permitted,
    Rated,
    Screened,
    SetAside,
    Taken,
    ToolFailed,
    Usage,
    Window,
    WindowFitted,
)
from remit.log import call_key
from remit.outcome import Answered, Degraded, Effect, Escalated, Failed, FailureMode, Outcome, Refused

CORPUS = {
    "colour": "\x1b[31mred\x1b[0m",
    "clear screen": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://example.com\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "c1": "\x9b31m\x9d0;x\x9c",
    "backspace": "approved\b\b\b\b\b\b\b\bdenied",
    "carriage return": "denied\rapproved",
    "forged line": "text\nEnded: answered by the agent\nremit: all is well",
    "bidi": "\u202egnp.exe \u2066x\u2069 \u200fx",
    "zero width": "pay\u200b\u200c\u200d\u2060\ufeffpal",
    "tags": "x\U000e0041\U000e0042",
    "null": "a\x00b\x7f",
    "markup": "[bold red]x[/] <script>alert(1)</script>",
    "wide": "日本語" * 60,
    "long": "x" * 1500,
    "line separator": "one\u2028two\u2029three\x85four",
}
HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
IDS = [f"{number}".zfill(15) + "r" for number in range(6)]


def hidden(shown: Shown) -> set[str]:
    """What a command printed that no terminal shows as it is."""
    return {sign for sign in shown.out + shown.err if sign != "\n" and unicodedata.category(sign) in HIDING}


def every_kind(run_id: str, text: str) -> list[Event]:
    """One event of each kind, and that text wherever somebody else's text may stand."""
    keys = [call_key(run_id, 6, index) for index in range(4)]
    attempts = (Attempt(target=text, error=text, detail=text),)
    calls = tuple(
        Call(id=f"{text}{index}", tool=text, arguments={text: text, "deep": [text, {text: 1}]})
        for index in range(3)
    )
    return [
        Taken(wake=text, worker=text),
        Screened(verdict="out_of_scope", reason=text, topic=text),
        WindowFitted(
            limit_tokens=1,
            before_tokens=2,
            after_tokens=1,
            changed=(Part(run_id=run_id, from_seq=1, to_seq=2, what="turn", how="summarised", tokens=3),),
            summary=text,
        ),
        ModelAsked(model=text, purpose="step", window=Window(own_messages=1, tokens=3), note=text),
        ModelFailed(
            asked_seq=4, mode=FailureMode.MODEL_UNAVAILABLE, reason=text, attempts=attempts, usage=Usage()
        ),
        ModelAnswered(
            asked_seq=4,
            model=text,
            reported_model=text,
            purpose="step",
            text=text,
            calls=(*calls, Call(id="raw", tool=text, arguments=text)),
            usage=Usage(),
            latency_ms=1.0,
            finish=text,
            attempts=attempts,
        ),
        Permitted(
            answer_seq=6,
            permits=(
                Permit(key=keys[0], tool=text, verdict="ask", rule=text, reason=text),
                Permit(key=keys[1], tool=text, verdict="allow", rule=text, reason=text),
                Permit(key=keys[2], tool=text, verdict="unknown_tool", rule=text, reason=text),
                Permit(key=keys[3], tool=text, verdict="deny", rule=text, reason=text),
            ),
        ),
        CaseOpened(
            case=f"{run_id[:-1]}c",
            queue=text,
            trigger="permit",
            question=text,
            why=text,
            deadline=None,
            otherwise="none",
            key=keys[0],
            tool=text,
            arguments={text: text},
        ),
        Intended(
            key=keys[0],
            wake=text,
            tool=text,
            arguments={text: text},
            effect=Effect.READ,
            call_before=0.0,
            timeout_s=1.0,
        ),
        Done(key=keys[0], tool=text, result={text: text}, source="tool", latency_ms=1.0, attempts=attempts),
        ToolFailed(
            key=keys[1],
            tool=text,
            mode=FailureMode.TOOL_FAILED,
            reason=text,
            latency_ms=1.0,
            attempts=attempts,
        ),
        EffectUnknown(key=keys[2], tool=text, reason=text, opens_at=0.0),
        OutputChecked(answer_seq=6, verdict="invalid", output=text, problems=(text,), changes=(text,)),
        Diverted(mode=FailureMode.TOOL_FAILED, path=text, declared=text, reason=text, tool=text),
        SetAside(wakes=3, reason=text),
        Cancelled(by=text, reason=text),
        Late(wake=text, what=text, body={text: text}),
        Rated(rating="bad", by=text, comment=text),
    ]


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
