"""What does a person need to decide, and which decision counts? Cases, questions, deadlines."""

from remit.handover.case import (
    DRAFT,
    OPERATORS,
    CaseState,
    case_for_audit,
    case_for_draft,
    case_for_handover,
    case_for_unknown,
    open_case,
)
from remit.handover.confidence import Need, Scoring, Verdict, agreement, gate, need, slice_of
from remit.handover.decision import ALLOWED, DEADLINE, Accepted, Rejected, due, validate_decision
from remit.handover.question import WHOLE, question, value_text
from remit.handover.telling import story, waiting_message
from remit.handover.visible import visible

__all__ = [
    "ALLOWED",
    "DEADLINE",
    "DRAFT",
    "OPERATORS",
    "WHOLE",
    "Accepted",
    "CaseState",
    "Need",
    "Rejected",
    "Scoring",
    "Verdict",
    "agreement",
    "case_for_audit",
    "case_for_draft",
    "case_for_handover",
    "case_for_unknown",
    "due",
    "gate",
    "need",
    "open_case",
    "question",
    "slice_of",
    "story",
    "validate_decision",
    "value_text",
    "visible",
    "waiting_message",
]
