"""What does a person need to decide, and which decision counts? Cases, questions, deadlines."""

from remit.handover.case import OPERATORS, CaseState, case_for_handover, case_for_unknown, open_case
from remit.handover.decision import ALLOWED, Accepted, Rejected, due, validate_decision
from remit.handover.question import question
from remit.handover.telling import story, waiting_message
from remit.handover.visible import visible

__all__ = [
    "ALLOWED",
    "OPERATORS",
    "Accepted",
    "CaseState",
    "Rejected",
    "case_for_handover",
    "case_for_unknown",
    "due",
    "open_case",
    "question",
    "story",
    "validate_decision",
    "visible",
    "waiting_message",
]
