"""What did a model see when it was asked? The messages of one question, rebuilt from the log; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from remit.event import Message, ModelAsked, Part
from remit.log import Entry, RunState, apply
from remit.loop import Shown

PURPOSES = ("step", "repair")
"""Questions that carry the task forward; the others are made of pieces and show none of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The messages of one question, each with whether it reached the model whole."""

    asked: ModelAsked
    messages: tuple[tuple[Message, str], ...]
    """Each with `dropped`, `summarised` or `split` where it did not reach the model whole."""
    why_not: str = ""
    """Why they cannot be shown, where that is so."""


def window_seen(entries: Sequence[Entry], seq: int) -> Window | None:
    """What the question with that number showed to the model; None where there is no such question."""
    asked = next((entry.event for entry in entries if entry.seq == seq), None)
    if not isinstance(asked, ModelAsked):
        return None
    if asked.purpose not in PURPOSES:
        return Window(asked=asked, messages=(), why_not=f"A {asked.purpose} is asked in words of its own.")
    state = RunState(entries[0].run_id)
    for entry in entries:
        if entry.seq >= seq:
            break
        if entry.event is None:
            return Window(asked=asked, messages=(), why_not="Part of it was erased.")
        apply(state, entry.event, entry.seq, entry.at)
    messages = Shown(()).conversation(state)
    changed = [part for part in asked.window.changed if part.run_id == state.run_id]
    return Window(asked=asked, messages=tuple((each, _how(each.seq, changed)) for each in messages))


def _how(seq: int, changed: Sequence[Part]) -> str:
    return next((part.how for part in changed if part.from_seq <= seq <= part.to_seq), "")
