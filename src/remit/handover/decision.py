"""Which decision on a case counts: the first valid one, made by the right person on today's evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from remit.event import CaseOpened, Decided, DecisionStands
from remit.handover.case import DRAFT, PROPOSAL, CaseState
from remit.handover.visible import one_line, visible

DEADLINE = "deadline"
"""Who decided where nobody did."""
Decision = Literal["approve", "edit", "reject", "answer", "happened", "not_happened"]
_ALLOWED: dict[str, tuple[str, ...]] = {
    "permit": ("approve", "edit", "reject", "answer"),
    "effect_unknown": ("happened", "not_happened"),
    "handover": ("answer", "reject"),
    "caller_request": ("answer", "reject"),
    "poisoned": ("approve", "reject"),
    "release_gone": ("approve", "answer", "reject"),
    "low_confidence": ("approve", "edit", "answer", "reject"),
    "audit": ("approve", "reject"),
    "agent_request": ("approve", "edit", "answer", "reject"),
}
Ground = Literal["too_late", "too_early", "not_entitled", "reserved", "stale", "unfit"]
"""Why a decision does not count: the case is closed or not open yet, the person may not, somebody else works
on it, the evidence is newer, or the decision itself does not fit the case."""
_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The decision counts, as this event."""

    decided: Decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The decision does not count, and why."""

    reason: str
    ground: Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    decision: str
    by: str
    reason: str
    seen_seq: int
    arguments: dict[str, Any] | None
    answer: Any
    now: float


def allowed(opened: CaseOpened) -> tuple[str, ...]:
    """What may be decided on a case; of a question that proposes nothing there is nothing to approve."""
    every = _ALLOWED.get(opened.trigger, ())
    if opened.trigger == "agent_request" and not opened.arguments:
        return tuple(word for word in every if word not in ("approve", "edit"))
    return every


def validate_decision(
    case: CaseState,
    *,
    decision: str,
    by: str,
    reason: str,
    seen_seq: int,
    now: float,
    arguments: dict[str, Any] | None = None,
    answer: Any = None,
) -> Accepted | Rejected:
    """Whether a person's decision on the case counts; `now` is in seconds since the epoch.

    Edited arguments are still to be validated and judged: no decision lifts a cap.
    """
    wish = _Wish(
        decision=decision,
        by=by.strip(),
        reason=reason.strip(),
        seen_seq=seen_seq,
        arguments=arguments,
        answer=answer,
        now=now,
    )
    for ground, objection in _OBJECTIONS:
        against = objection(case, wish)
        if against is not None:
            return Rejected(reason=against, ground=ground)
    kind = next(known for known in get_args(Decision) if known == decision)
    return Accepted(
        decided=Decided(
            case=case.opened.case,
            decision=kind,
            by=wish.by,
            reason=wish.reason,
            seen_seq=seen_seq,
            arguments=arguments,
            answer=answer,
            counts_from=now + case.undo_s if case.undo_s > 0 else 0.0,
        )
    )


def due(case: CaseState, now: float) -> Decided | None:
    """The default as a decision by `deadline`, once the deadline has passed and nobody decided."""
    if case.decided is not None or case.voided or not _overdue(case, now):
        return None
    return Decided(
        case=case.opened.case,
        decision="approve" if case.opened.otherwise == "approve" else "reject",
        by=DEADLINE,
        reason="Nobody decided before the deadline; this is the declared default.",
        seen_seq=case.evidence_seq,
    )


def _overdue(case: CaseState, now: float) -> bool:
    deadline = case.opened.deadline
    return deadline is not None and case.opened.otherwise != "none" and now >= deadline


def stands(case: CaseState, now: float) -> DecisionStands | None:
    """That a decision counts from now on, once the time to take it back is over."""
    if case.decided is None or not case.held or now < case.decided.counts_from:
        return None
    return DecisionStands(case=case.opened.case)


def closed(case: CaseState, now: float) -> str | None:
    """Why nothing can be done with the case any more; None while it is open."""
    if case.decided is not None:
        return f"The case is already decided: {case.decided.decision} by {case.decided.by}."
    if case.voided:
        return f"The case can no longer be decided: {case.voided}."
    if _overdue(case, now):
        return f"The deadline has passed; the declared default, {case.opened.otherwise}, applies."
    return None


def _closed(case: CaseState, wish: _Wish) -> str | None:
    return closed(case, wish.now)


def _not_allowed(case: CaseState, wish: _Wish) -> str | None:
    possible = allowed(case.opened)
    if wish.decision not in possible:
        return (
            f"{visible(wish.decision, characters=40)} is no decision here; possible: {', '.join(possible)}."
        )
    return None


def _not_open(case: CaseState, wish: _Wish) -> str | None:
    if wish.now < case.opened.opens_at:
        wait_s = case.opened.opens_at - wish.now
        return f"The call may still be under way; the case opens for decision in {wait_s:.0f} s."
    return None


def not_entitled(case: CaseState, by: str) -> str | None:
    """Why somebody may not act on the case, where that is so."""
    if not by or not by.isprintable() or len(by) > _NAME_CHARACTERS:
        return "A decision names who made it, in printable characters."
    if by.casefold() == DEADLINE:
        return f"{DEADLINE!r} is not a person."
    if case.user_id is not None and by.casefold() == case.user_id.strip().casefold():
        return "Nobody decides a case that they caused themselves."
    return None


def _not_entitled(case: CaseState, wish: _Wish) -> str | None:
    return not_entitled(case, wish.by)


def taken(case: CaseState, by: str, now: float) -> str | None:
    """Who else works on the case at the moment and until when; None where nobody does."""
    reserved = case.reserved
    if reserved is None or reserved.by == by or reserved.until <= now:
        return None
    return f"{one_line(reserved.by)} works on this case until {clock_text(reserved.until)}."


def _taken(case: CaseState, wish: _Wish) -> str | None:
    return taken(case, wish.by, wish.now)


def clock_text(at: float) -> str:
    """A time in UTC to the second; the number itself where it is outside the calendar."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{at:.0f}"


def _stale(case: CaseState, wish: _Wish) -> str | None:
    if wish.seen_seq < case.evidence_seq:
        return (
            f"There is newer evidence (event {case.evidence_seq}) than the decision was made on "
            f"(event {wish.seen_seq}). Look at the case again."
        )
    return None


def _incomplete(case: CaseState, wish: _Wish) -> str | None:
    if wish.decision == "edit" and wish.arguments is None:
        return "An edit needs the arguments that the call shall have."
    of_answer = case.opened.trigger == "low_confidence"
    if wish.decision == "edit" and of_answer and set(wish.arguments or ()) != {DRAFT}:
        return f"An edit of an answer gives it whole, as `{DRAFT}`."
    if wish.decision == "edit" and case.opened.trigger == "agent_request" and not _proposes(wish):
        return f"An edit of what the agent proposes gives it whole, as the text `{PROPOSAL}`."
    if wish.decision != "edit" and wish.arguments is not None:
        return "Only an edit may bring arguments."
    if wish.decision == "answer" and wish.answer in (None, ""):
        return "An answer is missing."
    if wish.decision not in ("answer", "happened") and wish.answer is not None:
        return "Only `answer` and `happened` may bring an answer."
    if wish.decision == "reject" and not wish.reason:
        return "A rejection needs a reason."
    return None


def _proposes(wish: _Wish) -> bool:
    given = wish.arguments or {}
    return set(given) == {PROPOSAL} and isinstance(given[PROPOSAL], str) and bool(given[PROPOSAL].strip())


_OBJECTIONS: tuple[tuple[Ground, Callable[[CaseState, _Wish], str | None]], ...] = (
    ("too_late", _closed),
    ("unfit", _not_allowed),
    ("too_early", _not_open),
    ("not_entitled", _not_entitled),
    ("reserved", _taken),
    ("stale", _stale),
    ("unfit", _incomplete),
)
