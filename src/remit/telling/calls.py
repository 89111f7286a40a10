"""A run's events, put together by call: what was asked for, permitted, decided, done."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from remit.event import (
    Call,
    CaseOpened,
    Decided,
    Done,
    EffectUnknown,
    Event,
    Intended,
    ModelAnswered,
    Permit,
    Permitted,
    ToolFailed,
)
from remit.log import Entry, call_key

About = Permit | CaseOpened | Decided | Intended | Done | ToolFailed | EffectUnknown
"""What may stand in the log about one call."""


@dataclass(slots=True, kw_only=True)
class CallStory:
    """One call that a model asked for, and all that followed, each with its time."""

    key: str
    call: Call
    followed: list[tuple[float, About]] = field(default_factory=list[tuple[float, About]])


def calls_of(entries: Iterable[Entry]) -> dict[int, list[CallStory]]:
    """The calls of each model answer, by the answer's seq; what is about none of them is left out."""
    answers: dict[int, list[CallStory]] = {}
    by_key: dict[str, CallStory] = {}
    by_case: dict[str, CallStory] = {}
    for entry in entries:
        match entry.event:
            case ModelAnswered(calls=calls):
                made = [
                    CallStory(key=call_key(entry.run_id, entry.seq, index), call=call)
                    for index, call in enumerate(calls)
                ]
                answers[entry.seq] = made
                by_key.update({story.key: story for story in made})
            case Permitted(permits=permits):
                for permit in permits:
                    _add(by_key.get(permit.key), entry.at, permit)
            case CaseOpened(key=str(key), case=case) if key in by_key:
                by_case[case] = by_key[key]
                by_key[key].followed.append((entry.at, entry.event))
            case Decided(case=case):
                _add(by_case.get(case), entry.at, entry.event)
            case Intended() | Done() | ToolFailed() | EffectUnknown():
                _add(by_key.get(entry.event.key), entry.at, entry.event)
            case _:
                pass
    return answers


def _add(story: CallStory | None, at: float, about: About) -> None:
    if story is not None:
        story.followed.append((at, about))


def told_with_calls(entries: Iterable[Entry]) -> set[int]:
    """The seqs of events that are told where their call is told, and so nowhere else."""
    keys: set[str] = set()
    cases: set[str] = set()
    told: set[int] = set()
    for entry in entries:
        event = entry.event
        if isinstance(event, ModelAnswered):
            keys |= {call_key(entry.run_id, entry.seq, index) for index in range(len(event.calls))}
        elif isinstance(event, Permitted) or _of_call(event, keys):
            told.add(entry.seq)
            if isinstance(event, CaseOpened):
                cases.add(event.case)
        elif isinstance(event, Decided) and event.case in cases:
            told.add(entry.seq)
    return told


def _of_call(event: Event | None, keys: set[str]) -> bool:
    kinds = (CaseOpened, Intended, Done, ToolFailed, EffectUnknown)
    return isinstance(event, kinds) and event.key in keys
