"""A run as a story: who asked what, what the agent did and why, how it ended. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from remit.event import (
    Admitted,
    CaseOpened,
    Decided,
    Diverted,
    Done,
    EffectUnknown,
    Ended,
    Intended,
    ModelAnswered,
    ModelFailed,
    Permit,
    ToolFailed,
    Usage,
)
from remit.log import Entry
from remit.telling.beats import beat
from remit.telling.calls import About, CallStory, calls_of, told_with_calls
from remit.telling.harmless import one_line, wrapped
from remit.telling.pieces import Line, Painted, Style, faint, strong
from remit.telling.times import clock_time, count, duration, money
from remit.telling.words import (
    OUTCOME_STYLE,
    WHOLE,
    call_words,
    decision_words,
    done_words,
    failed_words,
    origin_words,
    outcome_words,
    permit_words,
    quoted,
    unknown_words,
    value_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: when, and how wide a line may be (`WHOLE` for everything)."""

    now: float
    room: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a story leaves out after the event `after`, and what the whole run came to."""

    after: int
    events: int
    models: int
    """Calls of models in the whole run."""
    tools: int
    tokens: int
    cost_usd: float


def story(entries: Sequence[Entry], reader: Reader, cut: Cut | None = None) -> list[Line]:
    """The story in a few lines; a body that was erased is passed over and said so.

    With a `cut` the entries are not all of the run: those after it are told without numbers.
    """
    ended = any(isinstance(entry.event, Ended) for entry in entries)
    first = [entry for entry in entries if cut is None or entry.seq <= cut.after]
    beats = list(_beats(first, reader, ended=ended))
    lines = [*_beginning(entries, reader), ()]
    for number, beat_lines in enumerate(beats, start=1):
        lines += _marked(f"{number:>2}. ", beat_lines, reader.room)
    if cut is not None:
        lines.append(
            (faint(f"    … {count(cut.events, 'event')} more; of these what was special, and the last:"),)
        )
        for beat_lines in _beats(entries[len(first) :], reader, ended=ended):
            lines += _marked("  · ", beat_lines, reader.room)
    erased = sum(entry.event is None for entry in entries)
    if erased:
        lines.append((faint(f"    ({count(erased, 'event')} erased)"),))
    return [*lines, *([()] if beats or erased else []), *_ending(entries, reader, cut)]


def _marked(mark: str, texts: Sequence[str], room: int) -> Iterator[Line]:
    """The sentences of one beat, wrapped, under its number."""
    for text in texts:
        for line in wrapped(text, max(20, room - len(mark))):
            yield (mark, line)
            mark = " " * len(mark)


def _beginning(entries: Sequence[Entry], reader: Reader) -> list[Line]:
    first = entries[0]
    if not isinstance(first.event, Admitted):
        return [(strong(f"Run {first.run_id}"),)]
    event = first.event
    head = (strong(f"Run {first.run_id} of {one_line(event.agent)}"), faint(f"  release {event.release}"))
    room = reader.room - 2
    return [
        head,
        (one_line(f"{clock_time(first.at)}, {_speaker(event)}:"),),
        (f"  {quoted(value_words(event.input, WHOLE), room)}",),
    ]


def _speaker(event: Admitted) -> str:
    user = event.user or {}
    name = f"user {user['id']}" if "id" in user else "somebody"
    attested = ", ".join(f"{key} {value}" for key, value in user.items() if key != "id")
    known = f" ({attested})" if attested else ""
    tenant = f" of {event.tenant}" if event.tenant else ""
    conversation = f" in conversation {event.conversation}" if event.conversation else ""
    return f"{name}{known}{tenant}{conversation} asked"


def _beats(entries: Sequence[Entry], reader: Reader, *, ended: bool) -> Iterator[list[str]]:
    calls, told = calls_of(entries), told_with_calls(entries)
    for entry in entries:
        if entry.seq in told:
            continue
        if isinstance(entry.event, ModelAnswered) and entry.event.calls:
            yield from (_told(call, reader.room) for call in calls[entry.seq])
        elif entry.event is not None and not (ended and isinstance(entry.event, ModelAnswered)):
            said = beat(entry.event, reader.room)
            yield from [[said]] if said else []


def _told(call: CallStory, room: int) -> list[str]:
    """The call on one line with its result where that is all; else each thing on a line of its own."""
    wish = call_words(call.call.tool, call.call.arguments, room - 6)
    parts = [words for _, about in call.followed if (words := _about(about, room))]
    if not parts:
        return [f"{wish}: nothing became of it yet"]
    if len(parts) == 1:
        return [f"{wish} {parts[0]}"]
    return [wish, *parts]


def _about(about: About, room: int) -> str:
    match about:
        case Permit(verdict="allow" | "ask"):
            return _granted(about)
        case Intended():
            return ""
        case Permit():
            return permit_words(about)
        case CaseOpened():
            return one_line(f"a person is asked in {about.queue}, case {about.case}: {about.why}")
        case Decided():
            return decision_words(about)
        case Done():
            source = done_words(about)
            return f"→ {source + ': ' if source else ''}{value_words(about.result, room)}"
        case ToolFailed():
            return failed_words(about)
        case EffectUnknown():
            return unknown_words(about)


def _granted(permit: Permit) -> str:
    """Under which template a call was judged, and where its arguments are from; nothing of a mere read."""
    if not permit.template:
        return ""
    origins = origin_words(permit)
    word = "allowed" if permit.verdict == "allow" else "a person is needed"
    told = f"{word} as {permit.template} of grant {permit.grant}"
    return one_line(told + (f" ({origins})" if origins else ""))


def _ending(entries: Sequence[Entry], reader: Reader, cut: Cut | None) -> list[Line]:
    spent = faint(f"  {_spent(entries, reader, cut)}")
    ends = [entry.event for entry in entries if isinstance(entry.event, Ended)]
    if ends:
        outcome = ends[-1].outcome
        said = f"Ended: {outcome_words(outcome, why=not _says_why(entries))}{_decided_by(entries)}"
        words = _painted(said, OUTCOME_STYLE[outcome.kind], reader.room)
        return [*words, *_indented(f"“{outcome.message}”", reader.room), (spent,)]
    waits = _open_case(entries)
    if waits is not None:
        words = f"Waits for a decision on case {waits.case} in {waits.queue}{_until(waits)}."
        return [*_painted(words, Style.WARN, reader.room), *_indented(waits.question, reader.room), (spent,)]
    return [(Painted("Under way.", Style.WARN),), (spent,)]


def _says_why(entries: Sequence[Entry]) -> bool:
    """Whether the reason of the outcome stands in the story already."""
    return any(isinstance(entry.event, Diverted) for entry in entries)


def _decided_by(entries: Sequence[Entry]) -> str:
    who = dict.fromkeys(one_line(entry.event.by) for entry in entries if isinstance(entry.event, Decided))
    return f", after a decision by {' and '.join(who)}" if who else ""


def _painted(words: str, style: Style, room: int) -> list[Line]:
    # Set in, so that no later line of it can pass for a line of its own.
    first, *rest = wrapped(words, room - 2)
    return [(Painted(first, style),), *[("  ", Painted(line, style)) for line in rest]]


def _indented(words: str, room: int) -> list[Line]:
    return [(f"  {line}",) for line in wrapped(words, room - 2)]


def _until(case: CaseOpened) -> str:
    if case.deadline is None:
        return ""
    default = {"approve": ", then it counts as approved", "deny": ", then it counts as denied"}
    return f" until {clock_time(case.deadline)}{default.get(case.otherwise, '')}"


def _open_case(entries: Sequence[Entry]) -> CaseOpened | None:
    decided = {entry.event.case for entry in entries if isinstance(entry.event, Decided)}
    cases = [entry.event for entry in entries if isinstance(entry.event, CaseOpened)]
    return next((case for case in cases if case.case not in decided), None)


def _spent(entries: Sequence[Entry], reader: Reader, cut: Cut | None) -> str:
    models, tools, tokens, cost_usd = (
        (cut.models, cut.tools, cut.tokens, cut.cost_usd) if cut is not None else _summed(entries)
    )
    ended = next((entry.at for entry in entries if isinstance(entry.event, Ended)), reader.now)
    lasted = duration(max(0.0, ended - entries[0].at))
    return (
        f"{count(models, 'model call')}, {count(tools, 'tool call')}, "
        f"{count(tokens, 'token')}, {money(cost_usd)}, {lasted}"
    )


def _summed(entries: Sequence[Entry]) -> tuple[int, int, int, float]:
    usage, asked, sent = Usage(), 0, 0
    for entry in entries:
        event: Any = entry.event
        if isinstance(event, ModelAnswered | ModelFailed):
            usage, asked = usage.plus(event.usage), asked + 1
        sent += isinstance(event, Intended)
    return asked, sent, usage.input_tokens + usage.output_tokens, usage.cost_usd
