"""A run as spans on a line of time: one row for each call, wait and check. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from remit.event import (
    CaseOpened,
    Decided,
    Diverted,
    Done,
    EffectUnknown,
    Ended,
    Intended,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    OutputChecked,
    Permitted,
    Screened,
    ToolFailed,
)
from remit.log import Entry

Kind = Literal["model", "tool", "person", "mark"]
Tone = Literal["good", "warn", "bad", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something that took time, or a moment that is worth a mark; times are seconds since the run began."""

    seq: int
    kind: Kind
    name: str
    start_s: float
    end_s: float | None
    """None while it is under way."""
    tone: Tone
    words: str
    attempts: int = 0
    """Attempts that came to nothing before."""


def spans_of(entries: Sequence[Entry], begun: float | None = None) -> list[Span]:
    """The spans in the order in which they began, by the time since `begun` or since the first event."""
    if not entries:
        return []
    begun = entries[0].at if begun is None else begun
    found = [
        *_models(entries, begun),
        *_tools(entries, begun),
        *_people(entries, begun),
        *_marks(entries, begun),
    ]
    return sorted(found, key=lambda span: (span.start_s, span.seq))


def _models(entries: Sequence[Entry], begun: float) -> Iterator[Span]:
    asked: Entry | None = None
    for entry in entries:
        if isinstance(entry.event, ModelAsked):
            asked = entry
        elif asked is not None and isinstance(entry.event, ModelAnswered | ModelFailed):
            yield _model(asked, entry, begun)
            asked = None
    if asked is not None:
        yield _model(asked, None, begun)


def _model(asked: Entry, answered: Entry | None, begun: float) -> Span:
    assert isinstance(asked.event, ModelAsked)
    event = answered.event if answered is not None else None
    failed = isinstance(event, ModelFailed)
    known = isinstance(event, ModelAnswered | ModelFailed)
    return Span(
        seq=asked.seq,
        kind="model",
        name=asked.event.model,
        start_s=asked.at - begun,
        end_s=answered.at - begun if answered is not None else None,
        tone="bad" if failed else "plain",
        words=f"{event.mode}: {event.reason}" if isinstance(event, ModelFailed) else asked.event.purpose,
        attempts=len(event.attempts) if known else 0,
    )


def _tools(entries: Sequence[Entry], begun: float) -> Iterator[Span]:
    ends = {
        entry.event.key: entry
        for entry in entries
        if isinstance(entry.event, Done | ToolFailed | EffectUnknown)
    }
    for entry in entries:
        if not isinstance(entry.event, Intended):
            continue
        ended = ends.get(entry.event.key)
        event = ended.event if ended is not None else None
        yield Span(
            seq=entry.seq,
            kind="tool",
            name=entry.event.tool,
            start_s=entry.at - begun,
            end_s=max(entry.at, ended.at) - begun if ended is not None else None,
            tone=_tool_tone(event),
            words=event.reason if isinstance(event, ToolFailed | EffectUnknown) else str(entry.event.effect),
            attempts=len(event.attempts) if isinstance(event, Done | ToolFailed) else 0,
        )


def _tool_tone(event: object) -> Tone:
    if isinstance(event, EffectUnknown):
        return "bad"
    return "warn" if isinstance(event, ToolFailed) else "plain"


def _people(entries: Sequence[Entry], begun: float) -> Iterator[Span]:
    decided = {entry.event.case: entry for entry in entries if isinstance(entry.event, Decided)}
    ended = next((entry.at - begun for entry in entries if isinstance(entry.event, Ended)), None)
    for entry in entries:
        if isinstance(entry.event, CaseOpened):
            answer = decided.get(entry.event.case)
            yield Span(
                seq=entry.seq,
                kind="person",
                name=entry.event.queue,
                start_s=entry.at - begun,
                end_s=answer.at - begun if answer is not None else ended,
                tone="warn",
                words=entry.event.trigger,
            )


def _marks(entries: Sequence[Entry], begun: float) -> Iterator[Span]:
    for entry in entries:
        found = _mark(entry.event)
        if found is not None:
            name, words, tone = found
            at = entry.at - begun
            yield Span(seq=entry.seq, kind="mark", name=name, start_s=at, end_s=at, tone=tone, words=words)


def _mark(event: object) -> tuple[str, str, Tone] | None:
    match event:
        case Screened(verdict=verdict, reason=reason) if verdict != "in_scope":
            return "screened", f"{verdict}: {reason}", "warn"
        case Permitted(permits=permits) if against := [p for p in permits if p.verdict != "allow"]:
            return "permit", "; ".join(f"{p.tool}: {p.verdict}, {p.reason}" for p in against), "warn"
        case OutputChecked(verdict="invalid", problems=problems):
            return "output", "; ".join(problems), "warn"
        case Diverted(mode=mode, reason=reason):
            return "diverted", f"{mode}: {reason}", "bad"
        case _:
            return None
