"""What happened beside the calls of tools, one sentence per event. Pure."""

from collections.abc import Callable
from typing import Any

from remit.event import (
    Cancelled,
    CaseOpened,
    Decided,
    Diverted,
    Event,
    HandOverAsked,
    ModelAnswered,
    ModelFailed,
    OutputChecked,
    PromiseExpired,
    Rated,
    Scored,
    SetAside,
    WindowFitted,
)
from remit.telling.harmless import one_line
from remit.telling.reviews import REVIEWS, review_words
from remit.telling.words import decision_words, declared_words, part_words, quoted, rating_words

MOST_PARTS = 3


def beat(event: Event, room: int) -> str:
    """One sentence of the story; nothing for what a reader of the story need not know."""
    words = _BEATS.get(type(event))
    return one_line(words(event, room)) if words is not None else ""


def _window(event: WindowFitted, _: int) -> str:
    parts = "; ".join(part_words(part) for part in event.changed[:MOST_PARTS])
    more = f"; {len(event.changed) - MOST_PARTS} more" if len(event.changed) > MOST_PARTS else ""
    return f"Not everything fitted the model: {parts}{more}"


def _answered(event: ModelAnswered, room: int) -> str:
    return f"It said: {quoted(event.text, room - 14)}" if event.purpose == "step" else ""


def _checked(event: OutputChecked, _: int) -> str:
    if event.verdict == "valid":
        return ""
    if event.verdict == "repaired":
        return f"The answer was repaired: {'; '.join(event.changes)}"
    return f"The answer did not have its form: {'; '.join(event.problems)}"


def _scored(event: Scored, _: int) -> str:
    return f"How sure it is, by {event.source}: {event.reason}"


def _diverted(event: Diverted, _: int) -> str:
    tool = f" of {event.tool}" if event.tool else ""
    reason = one_line(event.reason).rstrip(".")
    return f"{reason}. So {event.mode}{tool}: {event.path} {declared_words(event.declared)}"


_BEATS: dict[type, Callable[[Any, int], str]] = {
    WindowFitted: _window,
    ModelAnswered: _answered,
    ModelFailed: lambda event, _: f"No model answered: {event.mode}, {event.reason}",
    OutputChecked: _checked,
    Diverted: _diverted,
    CaseOpened: lambda event, _: f"Case {event.case} was opened in {event.queue}",
    Decided: lambda event, _: decision_words(event),
    Cancelled: lambda event, _: f"{event.by} cancelled it. {event.reason}",
    HandOverAsked: lambda event, _: f"{event.by} wants a person to take it over. {event.reason}",
    SetAside: lambda event, _: f"It was set aside: {event.reason}",
    Scored: _scored,
    PromiseExpired: lambda event, _: f"The promise {event.promise} has expired: {event.reason}",
    Rated: lambda event, _: f"{event.by} {rating_words(event)}",
    **dict.fromkeys(REVIEWS, lambda event, _: review_words(event)),
}
