"""What may be done with a case beside deciding it: hand on, snooze, reserve, release, take back. Pure.

Each gives the event to append, or why not; times are in seconds since the epoch.
"""

from remit.event import HandedOn, Released, Reserved, Snoozed, Undone
from remit.handover.case import CaseState, Terms
from remit.handover.decision import Ground, Rejected, clock_text, closed, not_entitled, taken

LONGEST_SNOOZE_S = 90 * 86_400.0
LONGEST_RESERVATION_S = 8 * 3600.0


def hand_on(
    case: CaseState, *, by: str, queue: str, unknown: str, reason: str, terms: Terms, now: float
) -> HandedOn | Rejected:
    """The case in another queue; `unknown` says why there is no such queue, where that is so."""
    refused = _refused(case, by, now)
    if refused is not None:
        return refused
    if unknown:
        return Rejected(reason=unknown, ground="unfit")
    if queue == case.queue:
        return Rejected(reason=f"The case waits in {queue} already.", ground="unfit")
    return HandedOn(case=case.opened.case, by=by, queue=queue, reason=reason.strip(), **terms)


def snooze(case: CaseState, *, by: str, until: float, now: float) -> Snoozed | Rejected:
    """The case out of sight until a time; its default applies when it would have."""
    refused = _refused(case, by, now) or _outside("put off", until - now, LONGEST_SNOOZE_S)
    return refused or Snoozed(case=case.opened.case, by=by, until=until)


def reserve(case: CaseState, *, by: str, until: float, now: float) -> Reserved | Rejected:
    """The case as one person's for a while; who has it may make it longer, others wait until it is over."""
    refused = _refused(case, by, now) or _outside("reserved", until - now, LONGEST_RESERVATION_S)
    return refused or Reserved(case=case.opened.case, by=by, until=until)


def release(case: CaseState, *, by: str, now: float) -> Released | Rejected:
    """The case as nobody's again."""
    refused = _refused(case, by, now)
    if refused is not None:
        return refused
    if case.reserved is None or case.reserved.until <= now:
        return Rejected(reason="Nobody has reserved this case.", ground="unfit")
    return Released(case=case.opened.case, by=by)


def take_back(case: CaseState, *, by: str, now: float) -> Undone | Rejected:
    """The decision undone, by who made it and before it counts."""
    decided = case.decided
    if decided is None:
        return Rejected(reason="The case is not decided: there is nothing to take back.", ground="unfit")
    if by != decided.by:
        return Rejected(reason=f"Only {decided.by} can take this decision back.", ground="not_entitled")
    if case.voided:
        return Rejected(reason=f"It is too late: {case.voided}.", ground="too_late")
    if not decided.counts_from:
        reason = "A decision counts at once in this queue: there is no time to take it back."
        return Rejected(reason=reason, ground="too_late")
    if not case.held or now >= decided.counts_from:
        reason = f"The decision counts since {clock_text(decided.counts_from)}: it is too late."
        return Rejected(reason=reason, ground="too_late")
    return Undone(case=case.opened.case, by=by)


def _refused(case: CaseState, by: str, now: float) -> Rejected | None:
    objections: tuple[tuple[Ground, str | None], ...] = (
        ("too_late", closed(case, now)),
        ("not_entitled", not_entitled(case, by)),
        ("reserved", taken(case, by, now)),
    )
    for ground, reason in objections:
        if reason is not None:
            return Rejected(reason=reason, ground=ground)
    return None


def _outside(done: str, seconds: float, most: float) -> Rejected | None:
    if 0 < seconds <= most:
        return None
    reason = f"A case is {done} for more than 0 seconds and at most {most / 3600:.0f} hours."
    return Rejected(reason=reason, ground="unfit")
