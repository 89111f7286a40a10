"""A case in words: for the person who decides it and for the caller who waits."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, assert_never

from remit.event import Origin
from remit.handover.case import DRAFT, PROPOSAL, CaseState
from remit.handover.decision import allowed, clock_text
from remit.handover.question import WHOLE, name_text, value_text
from remit.handover.visible import one_line

_WAIT = {
    "permit": "This needs a person's decision; I have asked for it.",
    "effect_unknown": "I cannot say yet whether this was done; a person is looking into it.",
    "caller_request": "I have passed this on to a colleague.",
    "handover": "I have passed this on to a colleague.",
    "low_confidence": "I want to be sure of this; a person is looking at it before you get an answer.",
    "audit": "A person looks at this answer.",
    "agent_request": "I have asked a person what I need for this; I go on as soon as I know.",
    "poisoned": "Something went wrong here; a person is looking into it.",
    "release_gone": "Something changed here; a person is looking into it.",
}
_OPTIONS = {"edit": " --arguments '{...}'", "answer": " --answer TEXT", "reject": " --reason TEXT"}
_WHOLE_TEXTS = (DRAFT, PROPOSAL)
"""What is not a call's: the one text that an edit gives anew."""


def waiting_message(case: CaseState) -> str:
    """What the caller is told while the case is open; it names no queue and no argument."""
    opened = case.opened
    message = _WAIT[opened.trigger]
    if opened.trigger in ("permit", "low_confidence", "agent_request") and opened.deadline is not None:
        message += f" You will have an answer by {_time(opened.deadline)} at the latest."
    return message


def way_to(decision: str, arguments: Mapping[str, Any] | None = None) -> str:
    """What follows `remit decide CASE` to make that decision; `arguments` are those of the case.

    In capitals or dots stands what the person writes.
    """
    (name, value), *others = (arguments or {"": None}).items()
    if decision == "edit" and not others and name in _WHOLE_TEXTS and isinstance(value, str):
        return f"edit --argument {name}=TEXT"
    return f"{decision}{_OPTIONS.get(decision, '')}"


def story(case: CaseState, *, also: str = "") -> str:
    """All that a reviewer needs to decide, in lines: the question, the call, why here, until when, how.

    `also` is what each suggested command needs to find this log.
    """
    opened = case.opened
    run = f"  run {case.run_id}" if case.run_id else ""
    lines = [f"case {opened.case}  queue {opened.queue}{run}", "", opened.question]
    if opened.arguments is not None:
        origins = {origin.argument: origin for origin in opened.origins}
        lines += [
            f"  {name_text(name)} = {value_text(value, WHOLE)}{_origin(origins.get(name))}"
            for name, value in opened.arguments.items()
        ]
    lines += ["", f"Why: {one_line(opened.why)}"]
    lines += [_opening(case)] if opened.opens_at else []
    if opened.deadline is not None:
        lines.append(f"Until: {_time(opened.deadline)}; {_default(opened.otherwise)}")
    return "\n".join([*lines, "", *_ending(case, also)])


def _origin(origin: Origin | None) -> str:
    """Where the value is from, on a line of its own; nothing where nobody looked."""
    if origin is None:
        return ""
    return f"\n      {'' if origin.trusted else 'NOT VOUCHED FOR: '}{one_line(origin.words)}"


def _opening(case: CaseState) -> str:
    return f"Opens: {_time(case.opened.opens_at)}; before that the call may still be under way"


def _default(otherwise: Literal["approve", "deny", "none"]) -> str:
    match otherwise:
        case "approve":
            return "after that it counts as approved"
        case "deny":
            return "after that it counts as denied"
        case "none":
            return "nothing is decided without a person"
        case _:
            assert_never(otherwise)


def _ending(case: CaseState, also: str) -> list[str]:
    """The commands that decide the case, or what became of it."""
    if case.decided is not None:
        decided = case.decided
        if case.held:
            until = clock_text(decided.counts_from)
            return [
                one_line(f"Decided: {decided.decision} by {decided.by}. {decided.reason}"),
                f"It counts from {until} on; before that: remit decide {case.opened.case} --undo{also}",
            ]
        return [one_line(f"Decided: {decided.decision} by {decided.by}. {decided.reason}")]
    if case.voided:
        return [f"Can no longer be decided: {case.voided}."]
    name = case.opened.case
    possible = allowed(case.opened)
    commands = [f"  remit decide {name} {way_to(each, case.opened.arguments)}{also}" for each in possible]
    busy = case.reserved
    on_it = [f"{one_line(busy.by)} works on it until {clock_text(busy.until)}."] if busy is not None else []
    opened = case.opened
    if opened.expert and case.queue == opened.queue:
        on_it.append(f"For {opened.expert} to decide; what that does not answer goes to {opened.then}.")
    look = [f"  remit show {case.run_id}{also}    (the whole run)"] if case.run_id else []
    return [*on_it, "Decide with:", *commands, *look]


def _time(at: float) -> str:
    """A time in UTC to the minute; the number itself where it is outside the calendar."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return f"{at:.0f}"
