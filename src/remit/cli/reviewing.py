"""What `remit decide` does with a case beside deciding it."""

from collections.abc import Callable

import click

from remit.app import RESERVED_S, Reviewing
from remit.contract import duration_seconds
from remit.event import HandedOn, Released, Reserved, Snoozed, Undone
from remit.handover import clock_text

ACTIONS = ("hand-over", "snooze", "reserve", "release", "undo")
Done = HandedOn | Snoozed | Reserved | Released | Undone


def carry_out(
    cases: Reviewing, case: str, action: str, *, by: str, reason: str, queue: str | None, time: str | None
) -> Done:
    """Does it; UsageError where an option is missing or does not belong there."""
    _fits(action, queue, time)
    given_s = _seconds(time)
    does: dict[str, Callable[[], Done]] = {
        "hand-over": lambda: cases.hand_on(case, queue or "", by=by, reason=reason),
        "snooze": lambda: cases.snooze(case, by=by, for_s=given_s or 0.0),
        "reserve": lambda: cases.reserve(case, by=by, for_s=given_s or RESERVED_S),
        "release": lambda: cases.release(case, by=by),
        "undo": lambda: cases.undo(case, by=by),
    }
    return does[action]()


def said(done: Done) -> str:
    """What was done, in one sentence."""
    match done:
        case HandedOn():
            return f"Handed over to {done.queue}, by {done.by}."
        case Snoozed():
            return f"Put off until {clock_text(done.until)}, by {done.by}; its deadline stays."
        case Reserved():
            return f"Reserved for {done.by} until {clock_text(done.until)}."
        case Released():
            return f"Released by {done.by}."
        case Undone():
            return f"Taken back by {done.by}; the case is open again."


def _fits(action: str, queue: str | None, time: str | None) -> None:
    if (queue is None) == (action == "hand-over"):
        raise click.UsageError("`hand-over` needs --to QUEUE, and nothing else takes it.")
    if action == "snooze" and time is None:
        raise click.UsageError("`snooze` needs --for, such as --for 2h.")
    if action not in ("snooze", "reserve") and time is not None:
        raise click.UsageError("--for belongs to `snooze` and `reserve`.")


def not_for_decisions(queue: str | None, time: str | None) -> None:
    """UsageError where an option is given that no decision takes."""
    if queue is not None or time is not None:
        raise click.UsageError("--to and --for belong to hand-over, snooze and reserve.")


def _seconds(time: str | None) -> float | None:
    try:
        return duration_seconds(time) if time is not None else None
    except ValueError as error:
        raise click.UsageError(f"--for: {error}.") from error
