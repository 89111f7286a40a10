"""How the model is told what became of a call: short, and never a failure in the words of a success."""

import json
from datetime import UTC, datetime
from typing import assert_never

from remit.event import Decided, Done, EffectUnknown, ToolFailed
from remit.outcome import FailureMode
from remit.tools.as_json import reason_text, without_controls
from remit.tools.invalid import shown


def done_text(done: Done) -> str:
    """The result, preceded by where it comes from if the tool did not give it just now."""
    result = done.result
    text = without_controls(result) if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    preface = _preface(done)
    cut = ""
    if done.cut_from_bytes is not None:
        cut = f"\n[Cut: this is only the beginning of a result of {done.cut_from_bytes} bytes.]"
    return f"{preface}{text}{cut}"


def failed_text(failed: ToolFailed) -> str:
    """That there is no result, and why."""
    reason = reason_text(failed.reason)
    because = f": {reason}" if reason else ""
    if failed.mode is FailureMode.TOOL_UNAVAILABLE:
        return f"FAILED: {failed.tool} is unavailable{because}. There is no result."
    return f"FAILED: {failed.tool} gave no result{because}."


def unknown_effect_text(unknown: EffectUnknown) -> str:
    """That nobody knows whether the call took place."""
    return (
        f"UNKNOWN: nobody knows yet whether the call of {unknown.tool} took place. A person decides. "
        "Do not call it again, and do not say that it was done."
    )


def denied_text(tool: str, reason: str) -> str:
    """That a call was not made, and why: denied, with wrong arguments, or of a tool that does not exist."""
    return f"NOT CALLED: {shown(tool)[1:-1]}: {_sentence(reason)}"


def declined_text(decided: Decided) -> str:
    """That a person was asked and said no."""
    said = f" They say: {shown(decided.reason)}." if decided.reason else ""
    return f"NOT CALLED: a person was asked and declined.{said} Do not ask for it again."


def _preface(done: Done) -> str:
    when = "" if done.as_of is None else f" from {datetime.fromtimestamp(done.as_of, UTC):%Y-%m-%d %H:%M} UTC"
    match done.source:
        case "tool":
            return ""
        case "last_known":
            dated = when or " of unknown date"
            return f"[{done.tool} is unavailable. Last known result{dated}; it may have changed.]\n"
        case "once_per":
            return f"[This was done before and was not done again. The result{when}:]\n"
        case "reconciled":
            return "[The call took place; its result was asked for afterwards:]\n"
        case "person":
            return "[A person says that this is the result:]\n"
        case "asked":
            return "[You asked; this is what came back:]\n"
        case _:
            assert_never(done.source)


def _sentence(reason: str) -> str:
    text = without_controls(reason).strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
