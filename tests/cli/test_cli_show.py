"""What is shown of runs, prefixes, following, masking, whole values, tampering."""

import threading
from pathlib import Path

import pytest

from cli_world import Remit, runner, written_log
from remit.cli import show as show_module
from remit.event import Call as ToolCall
from remit.event import (
    Diverted,
    Done,
    Ended,
    Intended,
    ModelAnswered,
    ModelAsked,
    Part,
    Permit,
    Permitted,
    Taken,
    Usage,
    Window,
    WindowFitted,
)
from remit.log import call_key
from remit.outcome import Answered, Effect, FailureMode
from store_places import change, store_at

ENDED = Ended(outcome=Answered(output="It is late.", message="It is late."))
RUN = "000000000000001r"


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remit:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return runner(capsys)


def test_a_run_is_found_by_its_beginning(command: Remit) -> None:
    with written_log(Path("remit.db")) as log:
        log.run(ENDED, run_id="1aaaaaaaaaaaaaaa")
        log.run(ENDED, run_id="1abbbbbbbbbbbbbb")
    assert "Run 1abbbbbbbbbbbbbb" in command("show", "1AB").out
    assert "Run 1abbbbbbbbbbbbbb" in command("show", "last").out
    several = command("show", "1a")
    assert several.code == 1
    assert "1aaaaaaaaaaaaaaa, 1abbbbbbbbbbbbbb" in several.err
    for none in ("1z", "%", "_", "1a%", "", "1a' or 1=1"):
        assert command("show", none).code == 1


def test_what_did_not_fit_and_why_it_went_elsewhere_is_told(command: Remit) -> None:
    with written_log(Path("remit.db")) as log:
        part = Part(run_id="earlier", from_seq=2, to_seq=4, what="tool_result", how="dropped", tokens=900)
        log.run(
            WindowFitted(limit_tokens=1000, before_tokens=1900, after_tokens=1000, changed=(part,)),
            Diverted(
                mode=FailureMode.TOOL_UNAVAILABLE,
                path="hand over to front-desk",
                declared="on_failure",
                reason="find_order is resting",
                tool="find_order",
            ),
            ENDED,
        )
    shown = command("show", "last").out
    assert "tool result dropped: events 2-4 of run earlier, 900 tokens" in " ".join(shown.split())
    assert "hand over to front-desk (declared by on_failure)" in " ".join(shown.split())


def test_long_values_are_cut_unless_all_is_wanted(command: Remit) -> None:
    long = "word " * 200 + "END"
    with written_log(Path("remit.db")) as log:
        log.run(Ended(outcome=Answered(output=long, message=long)), input=long)
    assert "…" in command("show", "last").out
    whole = command("show", "last", "--full").out
    assert whole.count("END") >= 3
    assert "…" not in whole


def test_personal_data_is_masked_where_asked(command: Remit) -> None:
    text = "I am bob@example.com, card 4111 1111 1111 1111"
    with written_log(Path("remit.db")) as log:
        log.run(ENDED, input={"text": text, "number": 4111111111111111, "latency": 0.1234567890123456})
    assert "bob@example.com" in command("show", "last").out
    masked = command("show", "last", "--mask", "--full").out
    assert "[e-mail], card [card number]" in masked
    assert "4111" not in masked
    (event, _) = command("export", "last").lines()
    assert event["body"]["input"] == {
        "text": "I am [e-mail], card [card number]",
        "number": "[card number]",
        "latency": 0.1234567890123456,
    }
    assert command("export", "last", "--unmasked").lines()[0]["body"]["input"]["text"] == text


def test_following_ends_with_the_run(command: Remit, monkeypatch: pytest.MonkeyPatch) -> None:
    key = call_key(RUN, 3, 0)
    with written_log(Path("remit.db")) as log:
        log.run(run_id=RUN)
        steps = [
            [Taken(wake="w", worker="me"), ModelAsked(model="m", purpose="step", window=Window())],
            [
                ModelAnswered(
                    asked_seq=2,
                    model="m",
                    reported_model="m",
                    purpose="step",
                    text="",
                    calls=(ToolCall(id="1", tool="find_order", arguments={"order_id": "1001"}),),
                    usage=Usage(),
                    latency_ms=2.0,
                ),
                Permitted(
                    answer_seq=3,
                    permits=(Permit(key=key, tool="find_order", verdict="allow", rule="r", reason="ok"),),
                ),
                Intended(
                    key=key,
                    wake="w",
                    tool="find_order",
                    arguments={"order_id": "1001"},
                    effect=Effect.READ,
                    call_before=9e9,
                    timeout_s=1.0,
                ),
            ],
            [Done(key=key, tool="find_order", result="late", source="tool", latency_ms=1.0), ENDED],
        ]

        def next_step(_: float) -> None:
            log.add(RUN, *steps.pop(0))

        monkeypatch.setattr(show_module.time, "sleep", next_step)
        shown = command("show", RUN, "--follow")
        assert steps == []
    assert shown.code == 0
    assert "find_order → late" in shown.out
    assert shown.out.count("find_order → late") == 1
    assert "Ended: answered by the agent" in shown.out
    events = command("show", RUN, "--follow", "--json").lines()
    assert [event["seq"] for event in events] == list(range(len(events)))


def tampered(statement: str) -> None:
    change(store_at(Path.cwd()), statement)


def test_a_changed_body_is_found_and_shown_run_says_so(command: Remit) -> None:
    with written_log(Path("remit.db")) as log:
        log.run(ENDED, run_id="1aaaaaaaaaaaaaaa")
        log.run(ENDED, run_id="1bbbbbbbbbbbbbbb")
    assert command("verify").code == 0
    tampered("update body set data = x'7b7d' where run_id = '1aaaaaaaaaaaaaaa' and seq = 1")
    shown = command("verify")
    assert shown.code == 1
    assert "1aaaaaaaaaaaaaaa" in shown.out
    assert "1bbbbbbbbbbbbbbb" not in shown.out
    assert command("verify", "--json").json()["breaks"] == [
        {"run_id": "1aaaaaaaaaaaaaaa", "seq": 1, "reason": "the body was changed"}
    ]
    assert "remit verify" in command("show", "1a").err


def test_an_erased_body_is_said_and_does_not_stop_the_story(command: Remit) -> None:
    with written_log(Path("remit.db")) as log:
        log.run(ENDED)
    tampered("delete from body where seq = 0")
    assert command("verify").code == 0
    shown = command("show", "last")
    assert shown.code == 0
    assert "(1 event erased)" in shown.out
    assert "(erased)" in command("runs").out
    assert command("export", "--all").lines()[0]["body"] is None


def test_an_anchor_shows_the_loss_of_a_whole_run(command: Remit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMIT_ANCHOR_KEY", "kept elsewhere")
    with written_log(Path("remit.db")) as log:
        log.run(ENDED, run_id="1aaaaaaaaaaaaaaa")
        log.run(ENDED, run_id="1bbbbbbbbbbbbbbb")
    assert command("verify", "--anchor", "anchor").code == 0
    assert command("verify", "--against", "anchor").code == 0
    for table in ("body", "event", "run"):
        tampered(f"delete from {table} where run_id = '1bbbbbbbbbbbbbbb'")
    assert command("verify").code == 0
    lost = command("verify", "--against", "anchor")
    assert lost.code == 1
    assert "1bbbbbbbbbbbbbbb" in lost.out
    monkeypatch.setenv("REMIT_ANCHOR_KEY", "another")
    assert "signature" in command("verify", "--against", "anchor").out
    Path("anchor").write_text("no anchor\nat all")
    assert command("verify", "--against", "anchor").code == 1
    assert command("verify", "--against", "missing").code == 1


@pytest.mark.sqlite_file
@pytest.mark.parametrize(
    "content", [b"", b"not a database at all" * 300, b"SQLite format 3\0" + b"\0" * 2000]
)
def test_a_file_that_is_no_log_is_said_to_be_none(content: bytes, command: Remit) -> None:
    Path("remit.db").write_bytes(content)
    shown = command("runs")
    assert "unexpected" not in shown.err
    assert shown.code == (0 if content == b"" else 1)


def test_two_readers_at_once_do_not_disturb_each_other(command: Remit) -> None:
    with written_log(Path("remit.db")) as log:
        run_id = log.run()
        writer = threading.Thread(target=lambda: log.add(run_id, ENDED))
        writer.start()
        assert command("runs").code == 0
        writer.join()


def test_colour_only_where_it_is_wanted(
    command: Remit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    with written_log(Path("remit.db")) as log:
        log.run(ENDED)
    assert "\x1b" not in command("show", "last").out
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[1m" in command("show", "last").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in command("show", "last").out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in command("show", "last").out
