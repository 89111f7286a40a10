"""A run as a tree of its steps, with all that is known of each. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.event import (
    Admitted,
    Cancelled,
    CaseOpened,
    Decided,
    Diverted,
    Done,
    EffectUnknown,
    Ended,
    GrantFrozen,
    HandOverAsked,
    Intended,
    Late,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    OutputChecked,
    Permit,
    PromiseExpired,
    Rated,
    Scored,
    Screened,
    SetAside,
    Taken,
    ToolFailed,
    Window,
    WindowFitted,
)
from remit.log import Entry
from remit.telling.calls import About, CallStory, calls_of, told_with_calls
from remit.telling.harmless import one_line, shortened, width_of, wrapped
from remit.telling.pieces import Line, Painted, Piece, Style, faint, strong
from remit.telling.reviews import REVIEWS, review_words
from remit.telling.times import clock_time, count, duration
from remit.telling.words import (
    OUTCOME_STYLE,
    WHOLE,
    attempts_words,
    decision_words,
    declared_words,
    done_words,
    failed_words,
    origin_words,
    outcome_words,
    part_words,
    permit_words,
    rating_words,
    template_words,
    unknown_words,
    usage_words,
    value_words,
)

GUTTER = 9
NAME = 10
LEAST_VALUE = 20


@dataclass(slots=True, kw_only=True)
class Node:
    """One line of the tree and what hangs on it; `value` is cut to the room there is, or whole."""

    name: str
    at: float | None = None
    words: str = ""
    value: Any = None
    style: Style | None = None
    below: list["Node"] = field(default_factory=list["Node"])


def tree(entries: Sequence[Entry]) -> list[Node]:
    """The steps in order; what belongs to a call hangs on the answer that asked for it."""
    calls, told = calls_of(entries), told_with_calls(entries)
    nodes: list[Node] = []
    for entry in entries:
        if entry.seq in told:
            continue
        node = _node(entry)
        if isinstance(entry.event, ModelAnswered):
            node.below += [_call(call) for call in calls[entry.seq]]
        nodes.append(node)
    return nodes


def lines_of(nodes: Sequence[Node], start: float, width: int, *, full: bool) -> list[Line]:
    """The tree as lines, each with its time since `start`."""
    return [line for node in nodes for line in _lines(node, start, "", "", width, full)]


def _lines(node: Node, start: float, branch: str, under: str, width: int, full: bool) -> Iterator[Line]:
    time = f"+{duration(max(0.0, round(node.at - start, 3)))}" if node.at is not None else ""
    prefix: list[Piece] = [faint(f"{time:>{GUTTER}}  {branch}")]
    name = strong(node.name) if not branch else node.name
    room = width - GUTTER - 2 - len(branch) - max(NAME, len(node.name)) - 1
    first, *rest = _texts(node, room, full)
    gap = " " * (max(NAME, len(node.name)) - len(node.name) + 1)
    yield (*prefix, name, gap, Painted(first, node.style) if node.style else first)
    indent = " " * (GUTTER + 2) + under + " " * (NAME + 1)
    for text in rest:
        yield (indent, text)
    for index, child in enumerate(node.below):
        last = index == len(node.below) - 1
        stem = "  " if last else "│ "
        yield from _lines(child, start, under + ("└ " if last else "├ "), under + stem, width, full)


def _texts(node: Node, room: int, full: bool) -> list[str]:
    """The words, wrapped, and the value after them: cut to one line, or whole on lines of its own."""
    lines = wrapped(node.words, max(20, room)) if node.words else []
    if node.value is None:
        return lines or [""]
    if full:
        return [*lines, *value_words(node.value, WHOLE).split("\n")]
    gap = 2 if lines else 0
    left = room - (width_of(lines[-1]) if lines else 0) - gap
    if left < LEAST_VALUE:
        return [*lines, value_words(node.value, max(LEAST_VALUE, room))]
    last = f"{lines.pop()}  " if lines else ""
    return [*lines, last + value_words(node.value, left)]


def _call(call: CallStory) -> Node:
    below = [_about(at, about) for at, about in call.followed]
    for node in below:
        if node.value == call.call.arguments and node.name == "sent":
            node.value = None  # sent as it was asked for, which stands above
    return Node(name="call", words=shortened(call.call.tool, 40), value=call.call.arguments, below=below)


def _about(at: float, about: About) -> Node:
    match about:
        case Permit():
            style = None if about.verdict == "allow" else Style.WARN
            origins = origin_words(about)
            below = [Node(name="origins", words=origins)] if origins else []
            return Node(name="permit", at=at, words=permit_words(about), style=style, below=below)
        case CaseOpened():
            return _case(at, about)
        case Decided():
            return _decided(at, about)
        case Intended():
            return Node(
                name="sent", at=at, words=f"{about.effect}, key {about.key[:12]}", value=about.arguments
            )
        case Done():
            return _done(at, about)
        case ToolFailed():
            return Node(name="failed", at=at, words=failed_words(about), style=Style.WARN)
        case EffectUnknown():
            return Node(name="unknown", at=at, words=unknown_words(about), style=Style.BAD)


def _done(at: float, done: Done) -> Node:
    cut = f"cut from {done.cut_from_bytes:,} bytes" if done.cut_from_bytes else ""
    words = (done_words(done), duration(done.latency_ms / 1000), done.integrity.value, cut)
    told = ", ".join(word for word in words if word) + attempts_words(done.attempts)
    return Node(name="result", at=at, words=told, value=done.result)


_OTHERWISE = {"approve": ", then approved", "deny": ", then denied", "none": ""}


def _case(at: float, case: CaseOpened) -> Node:
    until = f", until {clock_time(case.deadline)}{_OTHERWISE[case.otherwise]}" if case.deadline else ""
    below = [Node(name="question", words=one_line(case.question)), Node(name="why", words=one_line(case.why))]
    words = one_line(f"{case.case} in {case.queue}{until}")
    return Node(name="case", at=at, words=words, style=Style.WARN, below=below)


def _decided(at: float, decided: Decided) -> Node:
    value = decided.arguments if decided.arguments is not None else decided.answer
    return Node(name="decided", at=at, words=decision_words(decided), value=value)


def _node(entry: Entry) -> Node:
    if entry.event is None:
        return Node(name=entry.kind, at=entry.at, words="(erased)")
    return _NODES[type(entry.event)](entry.at, entry.event)


def _admitted(at: float, event: Admitted) -> Node:
    about = {"user": event.user, "tenant": event.tenant, "conversation": event.conversation}
    below = [Node(name=name, value=value) for name, value in about.items() if value]
    words = one_line(f"{event.agent}, from {event.input_from}")
    return Node(name="admitted", at=at, words=words, value=event.input, below=below)


def _grant(at: float, event: GrantFrozen) -> Node:
    count_words = count(len(event.grant.templates), "template")
    words = f"{event.grant.id}, {count_words}, made by {event.made_by}, begins with {event.integrity.value}"
    below = [Node(name="template", words=template_words(each)) for each in event.grant.templates]
    below += [Node(name="dropped", words=one_line(each), style=Style.WARN) for each in event.dropped]
    return Node(name="grant", at=at, words=words, below=below)


def _screened(at: float, event: Screened) -> Node:
    style = None if event.verdict == "in_scope" else Style.WARN
    return Node(name="screened", at=at, words=one_line(f"{event.verdict}: {event.reason}"), style=style)


def _window(at: float, event: WindowFitted) -> Node:
    words = (
        f"{event.before_tokens:,} tokens made {event.after_tokens:,} for a window of {event.limit_tokens:,}"
    )
    below = [Node(name=part.how, words=part_words(part)) for part in event.changed]
    below += [Node(name="summary", value=event.summary)] if event.summary else []
    return Node(name="window", at=at, words=words, below=below)


def _asked(at: float, event: ModelAsked) -> Node:
    words = one_line(f"{event.model} for a {event.purpose}; it sees {_shown(event.window)}")
    below = [Node(name="note", value=event.note)] if event.note else []
    return Node(name="asked", at=at, words=words, below=below)


def _shown(window: Window) -> str:
    earlier = f" and {count(window.earlier_runs[2], 'earlier run')}" if window.earlier_runs else ""
    return f"{count(window.own_messages, 'message')}{earlier}, about {count(window.tokens, 'token')}"


def _answered(at: float, event: ModelAnswered) -> Node:
    model = (
        event.model
        if event.reported_model in ("", event.model)
        else f"{event.model} ({event.reported_model})"
    )
    words = f"{model}, {duration(event.latency_ms / 1000)}, {usage_words(event.usage)}"
    words += f", {event.finish}" if event.finish else ""
    words += f", mean logprob {event.mean_logprob:.2f}" if event.mean_logprob is not None else ""
    node = Node(name="answered", at=at, words=one_line(words) + attempts_words(event.attempts))
    if event.text:
        node.below.append(Node(name="text", value=event.text))
    return node


def _model_failed(at: float, event: ModelFailed) -> Node:
    words = one_line(f"{event.mode}: {event.reason}") + attempts_words(event.attempts)
    return Node(name="no answer", at=at, words=words, style=Style.BAD)


def _checked(at: float, event: OutputChecked) -> Node:
    found = [Node(name="problem", words=one_line(problem)) for problem in event.problems]
    found += [Node(name="change", words=one_line(change)) for change in event.changes]
    style = Style.WARN if event.verdict == "invalid" else None
    return Node(name="output", at=at, words=event.verdict, value=event.output, style=style, below=found)


def _scored(at: float, event: Scored) -> Node:
    score = f"{event.score:.3f} by {event.source}" if event.score is not None else f"none by {event.source}"
    right = f", {event.probability:.0%} likely right" if event.probability is not None else ""
    drawn = ", drawn to be labelled" if event.drawn else ""
    below = [Node(name="why", words=one_line(event.reason))]
    below += [Node(name="promise", words=event.promise)] if event.promise else []
    style = Style.WARN if event.verdict == "below" else None
    return Node(name="scored", at=at, words=f"{score}{right}{drawn}", style=style, below=below)


def _diverted(at: float, event: Diverted) -> Node:
    tool = f" of {event.tool}" if event.tool else ""
    below = [Node(name="path", words=one_line(f"{event.path} {declared_words(event.declared)}"))]
    words = one_line(f"{event.mode}{tool}: {event.reason}")
    return Node(name="diverted", at=at, words=words, style=Style.WARN, below=below)


def _ended(at: float, event: Ended) -> Node:
    outcome = event.outcome
    below = [Node(name="message", value=outcome.message)]
    return Node(
        name="ended",
        at=at,
        words=outcome_words(outcome, why=False),
        style=OUTCOME_STYLE[outcome.kind],
        below=below,
    )


def _worded(
    name: str, words: Callable[[Any], str], style: Style | None = None
) -> Callable[[float, Any], Node]:
    return lambda at, event: Node(name=name, at=at, words=one_line(words(event)), style=style)


_NODES: dict[type, Callable[[float, Any], Node]] = {
    Admitted: _admitted,
    Taken: _worded("taken", lambda event: f"by {event.worker}, wake {event.wake}"),
    Screened: _screened,
    GrantFrozen: _grant,
    WindowFitted: _window,
    ModelAsked: _asked,
    ModelAnswered: _answered,
    ModelFailed: _model_failed,
    OutputChecked: _checked,
    Diverted: _diverted,
    CaseOpened: _case,
    Decided: _decided,
    **dict.fromkeys(REVIEWS, _worded("case", lambda event: review_words(event))),
    Cancelled: _worded("cancelled", lambda event: f"by {event.by}: {event.reason}", Style.WARN),
    HandOverAsked: _worded("hand over", lambda event: f"{event.by}: {event.reason}", Style.WARN),
    Late: lambda at, event: Node(name="late", at=at, words=one_line(event.what), value=event.body),
    SetAside: _worded("set aside", lambda event: event.reason, Style.BAD),
    Scored: _scored,
    PromiseExpired: _worded("promise expired", lambda event: f"{event.promise}: {event.reason}", Style.BAD),
    Rated: _worded("feedback", lambda event: f"{event.by} {rating_words(event)}"),
    Ended: _ended,
    # Told with their call; here only where the call itself was erased.
    Intended: _worded("sent", lambda event: event.tool),
    Done: lambda at, event: _about(at, event),
    ToolFailed: lambda at, event: _about(at, event),
    EffectUnknown: lambda at, event: _about(at, event),
}
