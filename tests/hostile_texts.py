"""Texts that move, hide or forge what is shown around them, and an event of each kind that holds one."""

from remit.event import (
    Attempt,
    Call,
    Cancelled,
    CaseOpened,
    Diverted,
    Done,
    EffectUnknown,
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
from remit.outcome import Effect, FailureMode

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
