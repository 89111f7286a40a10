"""Events in words: short phrases that the story, the tree and the live view share."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from remit.event import (
    Attempt,
    Call,
    Decided,
    Done,
    EffectUnknown,
    Part,
    Permit,
    Rated,
    Template,
    ToolFailed,
    Usage,
)
from remit.outcome import Answered, Degraded, Escalated, Failed, Outcome, Refused
from remit.telling.harmless import one_line, shortened
from remit.telling.pieces import Style
from remit.telling.times import clock_time, count, duration, money

WHOLE = 1_000_000
ANSWER_ROOM = 300
"""How much of a person's answer stands in one line."""

OUTCOME_STYLE: dict[str, Style] = {
    "answered": Style.GOOD,
    "degraded": Style.WARN,
    "escalated": Style.WARN,
    "refused": Style.WARN,
    "failed": Style.BAD,
    "waiting": Style.WARN,
}
OUTCOMES = tuple(kind for kind in OUTCOME_STYLE if kind != "waiting")
_VERDICTS = {
    "allow": "allowed",
    "deny": "denied",
    "ask": "a person is asked",
    "invalid": "not called, the arguments do not fit",
    "unknown_tool": "not called, there is no such tool",
}
_DECISIONS = {
    "approve": "approved",
    "edit": "changed the call",
    "reject": "rejected",
    "answer": "answered in person",
    "happened": "says that it took place",
    "not_happened": "says that it never took place",
}


def value_words(value: Any, room: int) -> str:
    """A JSON value on one line, cut to the room there is."""
    text = value if isinstance(value, str) else _json(value)
    return shortened(text, room) if room < WHOLE else text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def quoted(text: str, room: int) -> str:
    """A text in quotes; on one line unless all of it is wanted."""
    return f"“{shortened(text, max(8, room - 2)) if room < WHOLE else text}”"


def call_words(tool: str, arguments: Mapping[str, Any] | str, room: int) -> str:
    """`refund(order_id="1001", amount_eur=30)`."""
    if isinstance(arguments, str):
        inside = arguments
    else:
        pairs = (
            f"{name}={json.dumps(value, ensure_ascii=False, default=str)}"
            for name, value in arguments.items()
        )
        inside = ", ".join(pairs)
    name = shortened(tool, 40)
    return f"{name}({value_words(inside, max(8, room - len(name) - 2))})"


def permit_words(permit: Permit) -> str:
    """The verdict on a call, the rule that made it and its reason."""
    by = f" as {permit.template} of grant {permit.grant}" if permit.template else ""
    return one_line(f"{_VERDICTS[permit.verdict]} by {permit.rule}{by}: {permit.reason}")


def origin_words(permit: Permit) -> str:
    """Where the arguments of a call are from, those that nobody vouches for first."""
    told = sorted(permit.origins, key=lambda origin: origin.trusted)
    return one_line("; ".join(f"{each.argument}: {each.words}" for each in told))


def template_words(template: Template) -> str:
    """A call that may be made, with what may fill each argument."""
    uses = "" if template.uses is None else f", {count(template.uses, 'use')}"
    holes = ", ".join(f"{name}: {_json(hole)}" for name, hole in template.arguments.items())
    return one_line(f"{template.id}: {template.tool}({holes}){uses}")


def decision_words(decided: Decided) -> str:
    """Who decided what, what they answered, and why."""
    answer = (
        f": {quoted(value_words(decided.answer, WHOLE), ANSWER_ROOM)}" if decided.answer is not None else ""
    )
    reason = f": {decided.reason}" if decided.reason else ""
    return one_line(f"{decided.by} {_DECISIONS[decided.decision]}{answer}{reason}")


def declared_words(declared: str) -> str:
    """Who says that a failure takes this path."""
    return "(the default)" if declared == "default" else f"(declared by {declared})"


def done_words(done: Done) -> str:
    """Where a result comes from, where it is not simply the tool's own answer of now."""
    as_of = f" of {clock_time(done.as_of)}" if done.as_of is not None else ""
    match done.source:
        case "tool":
            return ""
        case "last_known":
            return f"the last known result{as_of}"
        case "once_per":
            return f"not done again: the record{as_of} of the same action"
        case "reconciled":
            return "found by the tool's own query"
        case "person":
            return "reported by a person"
        case "asked":
            return "what came back to its own question"
        case _:
            assert_never(done.source)


def failed_words(failed: ToolFailed) -> str:
    """Why a call has no result."""
    return one_line(f"{failed.mode}: {failed.reason}") + attempts_words(failed.attempts)


def unknown_words(unknown: EffectUnknown) -> str:
    """That nobody knows what became of a call, and why."""
    return one_line(f"nobody knows whether it took place: {unknown.reason}")


def attempts_words(attempts: Sequence[Attempt]) -> str:
    """The attempts that came to nothing, each with its class of error."""
    if not attempts:
        return ""
    listing = "; ".join(
        one_line(f"{each.target} {each.error} after {duration(each.latency_ms / 1000)} {each.detail}")
        for each in attempts
    )
    return f" ({count(len(attempts), 'failed attempt')}: {listing})"


def usage_words(usage: Usage) -> str:
    """Tokens in and out, and what they cost."""
    return f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out, {money(usage.cost_usd)}"


def part_words(part: Part) -> str:
    """One stretch of the conversation that did not reach the model whole."""
    what = part.what.replace("_", " ")
    where = (
        f"event {part.from_seq}" if part.from_seq == part.to_seq else f"events {part.from_seq}-{part.to_seq}"
    )
    return f"{what} {part.how}: {where} of run {part.run_id}, {part.tokens:,} tokens"


def wish_words(calls: Sequence[Call], room: int) -> str:
    """The calls that a model asked for, in one phrase."""
    return ", ".join(call_words(call.tool, call.arguments, room) for call in calls)


def _answerer(outcome: Answered) -> str:
    match outcome.by:
        case "agent":
            return "the agent"
        case "person":
            return "a person"
        case "expert":
            return one_line(outcome.expert)


def outcome_words(outcome: Outcome, *, why: bool = True) -> str:
    """How a run ended, without the message for the caller; without its reason where that stands elsewhere."""
    because = f": {outcome.reason}" if why and isinstance(outcome, Refused | Failed) else ""
    match outcome:
        case Answered():
            sure = f", confidence {outcome.confidence:.2f}" if outcome.confidence is not None else ""
            return f"answered by {_answerer(outcome)}{sure}"
        case Degraded():
            missing = f", missing {', '.join(outcome.missing)}" if outcome.missing else ""
            as_of = f", as of {clock_time(outcome.as_of.timestamp())}" if outcome.as_of else ""
            return one_line(f"degraded{missing}{as_of}")
        case Escalated():
            mode = f" ({outcome.mode})" if outcome.mode else ""
            return one_line(f"escalated to {outcome.queue} as case {outcome.case}{mode}")
        case Refused():
            return one_line(f"refused ({outcome.mode or 'outside the remit'}){because}")
        case Failed():
            return one_line(f"failed ({outcome.mode}){because}")
        case _:
            assert_never(outcome)


def rating_words(event: Rated) -> str:
    """What somebody said of a run, after their name."""
    said = f"rated it {event.rating}." if event.rating is not None else "commented."
    right = f"Right would be: {value_words(event.correction, 200)}." if event.correction is not None else ""
    return " ".join(part for part in (said, event.comment, right) if part)
