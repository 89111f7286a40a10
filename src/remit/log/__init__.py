"""What happened? Append, fold and read: the one log that everything else reads."""

from remit.log.administration import ADMINISTRATION, administer, administered
from remit.log.calibration import (
    Calibration,
    calibration_of,
    calibrations,
    keep_calibration,
    named,
    newest,
)
from remit.log.copies import Break
from remit.log.figures import Statistic, Subject, percentile, statistics
from remit.log.fold import apply
from remit.log.holdings import BodiesOfAge, Keeping, keeping
from remit.log.ids import RandomBytes, new_id
from remit.log.log import Appender, Entry, Log, Subscriber
from remit.log.redact import SHORTEST, Redactor
from remit.log.retention import Purged, purge
from remit.log.state import CallState, CaseState, Note, RunState, call_key
from remit.log.verification import Verification, anchor_lines, compare_anchor, verify, verify_run

__all__ = [
    "ADMINISTRATION",
    "SHORTEST",
    "Appender",
    "BodiesOfAge",
    "Break",
    "Calibration",
    "CallState",
    "CaseState",
    "Entry",
    "Keeping",
    "Log",
    "Note",
    "Purged",
    "RandomBytes",
    "Redactor",
    "RunState",
    "Statistic",
    "Subject",
    "Subscriber",
    "Verification",
    "administer",
    "administered",
    "anchor_lines",
    "apply",
    "calibration_of",
    "calibrations",
    "call_key",
    "compare_anchor",
    "keep_calibration",
    "keeping",
    "named",
    "new_id",
    "newest",
    "percentile",
    "purge",
    "statistics",
    "verify",
    "verify_run",
]
