from typing import Any, get_args, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from remit.event import Decided, Done, EffectUnknown, ToolFailed
from remit.outcome import FailureMode
from remit.tools import declined_text, denied_text, done_text, failed_text, unknown_effect_text


def done(result: Any = None, **changed: Any) -> Done:
    return Done(key="k", tool="find", result=result, **{"source": "tool", "latency_ms": 1.0, **changed})


def test_a_result_is_said_as_it_is() -> None:
    assert done_text(done({"id": "Ä-1"})) == '{"id": "Ä-1"}'
    assert done_text(done("plain")) == "plain"
    assert done_text(done(None)) == "null"


def test_a_cut_is_said() -> None:
    assert "beginning of a result of 999 bytes" in done_text(done("x", cut_from_bytes=999))


def test_a_last_known_result_carries_its_date() -> None:
    said = done_text(done(5, source="last_known", as_of=1_762_178_700.0))
    assert "unavailable" in said
    assert "2025-11-03 14:05 UTC" in said
    assert said.endswith("5")


def test_every_source_but_the_tool_is_said() -> None:
    sources = get_args(get_type_hints(Done)["source"])
    said = {source: done_text(done(5, source=source)) for source in sources}
    assert said.pop("tool") == "5"
    assert len(set(said.values())) == len(sources) - 1
    assert all(text.startswith("[") for text in said.values())


@given(st.sampled_from([FailureMode.TOOL_FAILED, FailureMode.TOOL_UNAVAILABLE]), st.text())
def test_a_failure_is_short_and_never_worded_as_a_success(mode: FailureMode, reason: str) -> None:
    said = failed_text(ToolFailed(key="k", tool="find", mode=mode, reason=reason, latency_ms=0.0))
    assert said.startswith("FAILED: find ")
    assert len(said) < 400
    assert "\x1b" not in said
    assert "\n" not in said


def test_an_unknown_effect_forbids_a_second_call() -> None:
    said = unknown_effect_text(EffectUnknown(key="k", tool="refund", reason="x", opens_at=0.0))
    assert "refund" in said
    assert "Do not call it again" in said


def test_a_call_that_was_not_made_says_so_and_why() -> None:
    assert denied_text("refund", "amount_eur is above 50") == "NOT CALLED: refund: amount_eur is above 50."
    hostile = denied_text("x\x1b\n" * 500, "there is no tool of that name\x1b[31m")
    assert "\x1b" not in hostile
    assert "\n" not in hostile
    assert len(hostile) < 150


def test_a_declined_call_gives_the_persons_reason() -> None:
    decided = Decided(case="c", decision="reject", by="ann@example.com", reason="not this one", seen_seq=1)
    said = declined_text(decided)
    assert said.startswith("NOT CALLED: a person was asked and declined.")
    assert '"not this one"' in said
