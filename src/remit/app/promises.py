"""Does the promise that an answer rested on still hold, now that a reviewer has spoken?"""

from remit.event import PromiseExpired
from remit.log import Calibration, Log, calibration_of
from remit.stats import AuditMonitor
from remit.store import Collision, Statement


def watch_promise(log: Log, run_id: str) -> PromiseExpired | None:
    """Ends the promise of a run's answer if the audits made under it raise the alarm; None if it holds.

    The alarm is the fold of all audits of the promise, so that it is raised once however often this is
    asked. Reviewers who disagree count as a wrong answer.
    """
    promise = _promise_of(log, run_id)
    if promise is None or promise.expired_at is not None:
        return None
    monitor = audits_of(log, promise)
    if not monitor.alarm:
        return None
    expired = PromiseExpired(
        promise=promise.hash,
        audits=monitor.audits,
        wrong=monitor.wrong,
        reason=f"{monitor.wrong} of {monitor.audits} audited answers were wrong",
    )
    ending = Statement(
        "expire_calibration", {"hash": promise.hash, "at": log.clock(), "reason": expired.reason}
    )
    while True:
        appender = log.appender(log.fold(run_id))
        appender.add(expired)
        appender.also(ending)
        try:
            appender.flush_from_outside()
        except Collision:
            continue
        return expired


def audits_of(log: Log, promise: Calibration) -> AuditMonitor:
    """The alarm as it stands after every audit of a promise."""
    rows = log.store.rows("audits_of_promise", {"promise": promise.hash})
    return AuditMonitor(max_error=promise.max_error).after_all(not row["correct"] for row in rows)


def _promise_of(log: Log, run_id: str) -> Calibration | None:
    scored = log.fold(run_id).scored
    if scored is None or not scored.promise or not scored.drawn:
        return None
    row = log.store.row("calibration_row", {"hash": scored.promise})
    return calibration_of(row) if row is not None else None
