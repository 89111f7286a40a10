"""What of a conversation fits the model's window, and what is left out, in which order?

A *turn* is something said and all that follows until the next thing said. An *exchange* is one answer
of the model with the results of its calls; the two are never torn apart. The system text, the input
of the current run and its newest exchange always stay. What is left out or shortened is named.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, assert_never

from remit.event import Integrity, Message, ModelSaid, Part, Said, ToolSaid, meet

Strategy = Literal["drop_tool_results", "slide", "summarise", "split"]
PIECE_SHARE = 0.4
"""The share of the window that one text to be condensed may take."""
WORTH_SPLITTING_SHARE = 0.05
"""A message smaller than this share of the window is not split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What the model is shown."""

    messages: tuple[Message, ...]
    changed: tuple[Part, ...]
    before_tokens: int
    after_tokens: int
    integrity: Integrity
    """The meet of everything that was there before anything was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedSummary:
    """Each of `texts` has to be condensed by a model; then fit again with the join under `key`."""

    key: str
    kind: Literal["summarise", "split"]
    texts: tuple[str, ...]
    parts: tuple[Part, ...]
    integrity: Integrity
    """Of what is condensed, and so of whatever a model makes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhausted:
    """It does not fit by any declared means."""

    reason: str


@dataclass(slots=True, kw_only=True)
class _Work:
    messages: list[Message]
    original: tuple[Message, ...]
    limit_tokens: int
    summaries: Mapping[str, str]
    count: Callable[[Message], int]
    tokens: int
    changed: list[Part] = field(default_factory=list[Part])

    def fits(self) -> bool:
        return self.tokens <= self.limit_tokens

    def put(self, start: int, end: int, *messages: Message) -> None:
        """Replace a stretch of the messages."""
        self.tokens += sum(map(self.count, messages)) - sum(map(self.count, self.messages[start:end]))
        self.messages[start:end] = messages

    def part(self, messages: Sequence[Message], what: Any, how: Any) -> Part:
        return Part(
            run_id=messages[0].run_id,
            from_seq=messages[0].seq,
            to_seq=messages[-1].seq,
            what=what,
            how=how,
            tokens=sum(map(self.count, messages)),
        )


def fit(
    system_tokens: int,
    messages: Sequence[Message],
    limit_tokens: int,
    strategies: Sequence[Strategy],
    *,
    summaries: Mapping[str, str],
    count: Callable[[Message], int],
) -> Fitted | NeedSummary | Exhausted:
    """The conversation cut down to `limit_tokens`, system text included, by `strategies` in order.

    Each strategy does no more than is needed. `messages` end with the current run's; `summaries`
    holds, by key, what a model made of earlier needs. The result is the same for the same arguments.
    """
    before = system_tokens + sum(map(count, messages))
    work = _Work(
        messages=list(messages),
        tokens=before,
        original=tuple(messages),
        limit_tokens=limit_tokens,
        summaries=summaries,
        count=count,
    )
    for strategy in strategies:
        if work.fits():
            break
        need = _apply(strategy, work)
        if need is not None:
            return need
    if not work.fits():
        tried = ", ".join(strategies) or "no strategy"
        return Exhausted(reason=f"{work.tokens} tokens are left after {tried}; {limit_tokens} fit")
    return Fitted(
        messages=tuple(work.messages),
        changed=tuple(work.changed),
        before_tokens=before,
        after_tokens=work.tokens,
        integrity=_integrity(messages),
    )


def _integrity(messages: Sequence[Message]) -> Integrity:
    return meet(message.integrity for message in messages if not isinstance(message, ModelSaid))


def _apply(strategy: Strategy, work: _Work) -> NeedSummary | None:
    match strategy:
        case "drop_tool_results":
            return _drop_tool_results(work)
        case "slide":
            return _slide(work)
        case "summarise":
            return _summarise(work)
        case "split":
            return _split(work)
        case _:
            assert_never(strategy)


def _earlier(messages: Sequence[Message]) -> int:
    """How many messages stand before the current run's first one."""
    if not messages:
        return 0
    current = messages[-1].run_id
    return next(index for index, message in enumerate(messages) if message.run_id == current)


def _turns(messages: Sequence[Message]) -> list[list[Message]]:
    turns: list[list[Message]] = []
    for message in messages:
        if not turns or isinstance(message, Said) or turns[-1][0].run_id != message.run_id:
            turns.append([])
        turns[-1].append(message)
    return turns


def _drop_tool_results(work: _Work) -> None:
    earlier = _earlier(work.messages)
    own = [i for i, message in enumerate(work.messages) if i >= earlier and isinstance(message, ModelSaid)]
    newest = own[-1] if own else earlier
    for index, message in enumerate(work.messages[:newest]):
        if work.fits():
            return
        if not isinstance(message, ToolSaid):
            continue
        size = work.count(message)
        outcome = "an error" if message.failed else "a result"
        note = f"[The call was made and gave {outcome} of about {size} tokens, left out to save space.]"
        short = replace(message, text=note)
        if work.count(short) < size:
            work.changed.append(work.part([message], "tool_result", "dropped"))
            work.put(index, index + 1, short)


def _slide(work: _Work) -> None:
    earlier = _earlier(work.messages)
    for turn in _turns(work.messages[:earlier]):
        if work.fits():
            return
        _leave_out(work, turn, "dropped")
        work.put(0, len(turn))


def _leave_out(work: _Work, turn: Sequence[Message], how: Literal["dropped", "summarised"]) -> None:
    """Name a turn as left out, whole; it covers results in it that were named before."""
    gone = {(message.run_id, message.seq) for message in turn}
    work.changed = [part for part in work.changed if (part.run_id, part.from_seq) not in gone]
    whole = [message for message in work.original if (message.run_id, message.seq) in gone]
    work.changed.append(work.part(whole, "turn", how))


def _summarise(work: _Work) -> NeedSummary | None:
    earlier = work.messages[: _earlier(work.messages)]
    if not earlier:
        return None
    key = _key("summarise", earlier)
    summary = work.summaries.get(key)
    turns = _turns(earlier)
    if summary is None:
        return NeedSummary(
            key=key,
            kind="summarise",
            texts=_pieces("\n\n".join(map(_written, earlier)), work),
            parts=tuple(work.part(turn, "turn", "summarised") for turn in turns),
            integrity=_integrity(earlier),
        )
    last = earlier[-1]
    said = Said(
        text=f"[Summary of the conversation so far]\n{summary}",
        integrity=_integrity(earlier),
        run_id=last.run_id,
        seq=last.seq,
    )
    if work.count(said) >= sum(map(work.count, earlier)):
        return None
    for turn in turns:
        _leave_out(work, turn, "summarised")
    work.put(0, len(earlier), said)
    return None


def _split(work: _Work) -> NeedSummary | None:
    """Condense the largest text, then the next largest, as long as that is needed and worth it.

    What was condensed or left out before is not split again.
    """
    least = work.limit_tokens * WORTH_SPLITTING_SHARE
    whole = {id(message) for message in work.original}
    sizes = [work.count(message) for message in work.messages]
    for index in sorted(range(len(sizes)), key=lambda index: -sizes[index]):
        message = work.messages[index]
        if work.fits() or sizes[index] < least:
            return None
        if isinstance(message, ModelSaid) or id(message) not in whole:
            continue
        part = work.part([message], "document", "split")
        key = _key("split", [message])
        condensed = work.summaries.get(key)
        if condensed is None:
            texts = _pieces(message.text, work)
            return NeedSummary(key=key, kind="split", texts=texts, parts=(part,), integrity=message.integrity)
        short = replace(message, text=f"[Condensed from a longer text]\n{condensed}")
        if work.count(short) < sizes[index]:
            work.changed.append(part)
            work.put(index, index + 1, short)
    return None


def _key(kind: str, messages: Sequence[Message]) -> str:
    first, last = messages[0], messages[-1]
    return f"{kind}:{first.run_id}/{first.seq}-{last.run_id}/{last.seq}"


def _written(message: Message) -> str:
    match message:
        case Said():
            return f"Said: {message.text}"
        case ToolSaid():
            return f"Result of {message.tool}: {message.text}"
        case ModelSaid():
            calls = [
                f"Called {call.tool}: {json.dumps(call.arguments, default=str)}" for call in message.calls
            ]
            return "\n".join([f"Assistant: {message.text}"] * bool(message.text) + calls)
        case _:
            assert_never(message)


def _pieces(text: str, work: _Work) -> tuple[str, ...]:
    """The text in stretches that a model can condense one by one, cut at a paragraph, line or word."""
    room = max(1, int(work.limit_tokens * PIECE_SHARE))
    pieces: list[str] = []
    while text:
        end = _longest(text, room, work.count)
        if end < len(text):
            end = _cut(text, end)
        pieces.append(text[:end])
        text = text[end:]
    return tuple(pieces)


def _longest(text: str, room: int, count: Callable[[Message], int]) -> int:
    """The length of the longest beginning of at most `room` tokens; at least one character."""
    low, high = 1, min(len(text), room * 16)
    while low < high:
        middle = (low + high + 1) // 2
        if count(Said(text=text[:middle], integrity=Integrity.OPERATOR)) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(text: str, end: int) -> int:
    for mark in ("\n\n", "\n", ". ", " "):
        place = text.rfind(mark, end // 2, end)
        if place >= 0:
            return place + len(mark)
    return end
