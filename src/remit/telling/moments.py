"""One line per event, as it happens: for `ask`, `show --follow` and the worker."""

from collections.abc import Callable
from typing import Any

from remit.event import (
    Cancelled,
    CaseOpened,
    Decided,
    Diverted,
    Done,
    EffectUnknown,
    Ended,
    HandOverAsked,
    Intended,
    Late,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    OutputChecked,
    Permitted,
    PromiseExpired,
    Rated,
    Scored,
    Screened,
    SetAside,
    Taken,
    ToolFailed,
    WindowFitted,
)
from remit.log import Entry
from remit.telling.harmless import one_line, shortened, width_of
from remit.telling.pieces import Line, Painted, Style, faint, flat, text_of
from remit.telling.reviews import REVIEWS, review_words
from remit.telling.times import count, duration, money
from remit.telling.words import (
    OUTCOME_STYLE,
    attempts_words,
    decision_words,
    declared_words,
    done_words,
    failed_words,
    outcome_words,
    quoted,
    rating_words,
    unknown_words,
    value_words,
    wish_words,
)

MOST_CUT = 20
"""What happened keeps so many columns, whatever is said of its time and attempts."""


def moment(entry: Entry, room: int) -> Line | None:
    """What just happened, in at most `room` columns; None for what is only bookkeeping."""
    if entry.event is None:
        return (faint(f"{entry.kind} (erased)"),)
    words = _MOMENTS.get(type(entry.event))
    line = words(entry.event, room) if words is not None else None
    if line is None:
        return None
    first, *rest = (flat(piece) for piece in line)
    left = max(MOST_CUT, room - sum(width_of(text_of(piece)) for piece in rest))
    cut = shortened(text_of(first), left)
    return (cut if isinstance(first, str) else Painted(cut, first.style), *rest)


def waiting_for(entry: Entry) -> str | None:
    """What is under way after this event, where something is: the spinner's text."""
    match entry.event:
        case ModelAsked():
            return f"asking {one_line(entry.event.model)}"
        case Intended():
            return f"calling {one_line(entry.event.tool)}"
        case Taken():
            return "reading"
        case _:
            return None


def _screened(event: Screened, room: int) -> Line | None:
    return None if event.verdict == "in_scope" else (f"{event.verdict}: {one_line(event.reason)}",)


def _window(event: WindowFitted, _: int) -> Line:
    saved = event.before_tokens - event.after_tokens
    return (f"window: {count(len(event.changed), 'part')} left out or shortened, {saved:,} tokens",)


def _answered(event: ModelAnswered, room: int) -> Line:
    said = wish_words(event.calls, room) if event.calls else quoted(event.text, room)
    cost = f", {money(event.usage.cost_usd)}" if event.usage.cost_usd else ""
    measure = f"  {duration(event.latency_ms / 1000)}{cost}{attempts_words(event.attempts)}"
    return (f"{one_line(event.model)}: {said}", faint(measure))


def _model_failed(event: ModelFailed, _: int) -> Line:
    words = f"no model answered: {event.mode}: {one_line(event.reason)}{attempts_words(event.attempts)}"
    return (Painted(words, Style.BAD),)


def _checked(event: OutputChecked, _: int) -> Line | None:
    if event.verdict == "valid":
        return None
    return (f"answer {event.verdict}: {one_line('; '.join(event.problems or event.changes))}",)


def _permitted(event: Permitted, _: int) -> Line | None:
    against = [permit for permit in event.permits if permit.verdict != "allow"]
    if not against:
        return None
    words = "; ".join(f"{permit.tool}: {permit.verdict}, {permit.reason}" for permit in against)
    return (Painted(one_line(words), Style.WARN),)


def _done(event: Done, room: int) -> Line:
    source = done_words(event)
    shown = value_words(event.result, max(8, room - len(event.tool) - 16))
    return (f"{event.tool} → {shown}", faint(f"  {source or duration(event.latency_ms / 1000)}"))


def _ended(event: Ended, _: int) -> Line:
    return (Painted(outcome_words(event.outcome), OUTCOME_STYLE[event.outcome.kind]),)


_MOMENTS: dict[type, Callable[[Any, int], Line | None]] = {
    Screened: _screened,
    WindowFitted: _window,
    ModelAnswered: _answered,
    ModelFailed: _model_failed,
    OutputChecked: _checked,
    Permitted: _permitted,
    Done: _done,
    ToolFailed: lambda event, _: (Painted(f"{event.tool} {failed_words(event)}", Style.WARN),),
    EffectUnknown: lambda event, _: (Painted(f"{event.tool}: {unknown_words(event)}", Style.BAD),),
    Diverted: lambda event, _: (f"{event.mode}: {one_line(event.path)} {declared_words(event.declared)}",),
    CaseOpened: lambda event, _: (f"case {event.case} in {event.queue}: {one_line(event.question)}",),
    Decided: lambda event, _: (decision_words(event),),
    **dict.fromkeys(REVIEWS, lambda event, _: (one_line(review_words(event)),)),
    Cancelled: lambda event, _: (one_line(f"cancelled by {event.by}: {event.reason}"),),
    Late: lambda event, _: (one_line(f"came late: {event.what}"),),
    HandOverAsked: lambda event, _: (one_line(f"{event.by} wants a person: {event.reason}"),),
    SetAside: lambda event, _: (Painted(one_line(f"set aside: {event.reason}"), Style.BAD),),
    Scored: lambda event, _: (one_line(f"sure by {event.source}: {event.reason}"),),
    PromiseExpired: lambda event, _: (
        Painted(one_line(f"promise {event.promise} expired: {event.reason}"), Style.BAD),
    ),
    Rated: lambda event, _: (one_line(f"{event.by} {rating_words(event)}"),),
    Ended: _ended,
}
"""Every kind that is worth a line while somebody watches; the log itself holds all of them."""
