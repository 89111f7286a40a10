"""What does a person need to decide, and which decision counts? Cases, questions, deadlines."""

from remit.handover.case import (
    DRAFT,
    OPERATORS,
    CaseState,
    Terms,
    case_for_audit,
    case_for_caller,
    case_for_draft,
    case_for_handover,
    case_for_unknown,
    open_case,
    queue_terms,
)
from remit.handover.confidence import Need, Scoring, Verdict, agreement, gate, need, slice_of
from remit.handover.decision import (
    ALLOWED,
    DEADLINE,
    Accepted,
    Rejected,
    clock_text,
    due,
    stands,
    validate_decision,
)
from remit.handover.question import WHOLE, question, value_text
from remit.handover.reviewing import hand_on, release, reserve, snooze, take_back
from remit.handover.telling import story, waiting_message
from remit.handover.visible import one_line, visible

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
    "Terms",
    "Verdict",
    "agreement",
    "case_for_audit",
    "case_for_caller",
    "case_for_draft",
    "case_for_handover",
    "case_for_unknown",
    "clock_text",
    "due",
    "gate",
    "hand_on",
    "need",
    "one_line",
    "open_case",
    "question",
    "queue_terms",
    "release",
    "reserve",
    "slice_of",
    "snooze",
    "stands",
    "story",
    "take_back",
    "validate_decision",
    "value_text",
    "visible",
    "waiting_message",
]
