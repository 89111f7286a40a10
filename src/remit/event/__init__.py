"""What can happen in a run? The words of the log: pure data and their bytes."""

from remit.event.administration import Administered
from remit.event.calls import Done, EffectUnknown, Intended, Permit, Permitted, ToolFailed
from remit.event.cases import CaseOpened, Consulted, Decided
from remit.event.confidence import PromiseExpired, Scored
from remit.event.grants import Grant, GrantFrozen, Origin, Template
from remit.event.kinds import Event
from remit.event.message import Attempt, Call, Message, ModelSaid, Part, Said, ToolSaid, Usage, Window
from remit.event.models import ModelAnswered, ModelAsked, ModelFailed, OutputChecked, WindowFitted
from remit.event.provenance import Integrity, meet
from remit.event.reviewing import DecisionStands, HandedOn, Released, Reserved, Snoozed, Undone
from remit.event.runs import (
    Admitted,
    Cancelled,
    Decides,
    Diverted,
    Ended,
    HandOverAsked,
    Late,
    Moved,
    Postponed,
    Rated,
    Screened,
    SetAside,
    Taken,
)
from remit.event.wire import FREE_FIELDS, KINDS, UnknownKind, can_hold, decode, encode, json_schema

__all__ = [
    "FREE_FIELDS",
    "KINDS",
    "Administered",
    "Admitted",
    "Attempt",
    "Call",
    "Cancelled",
    "CaseOpened",
    "Consulted",
    "Decided",
    "Decides",
    "DecisionStands",
    "Diverted",
    "Done",
    "EffectUnknown",
    "Ended",
    "Event",
    "Grant",
    "GrantFrozen",
    "HandOverAsked",
    "HandedOn",
    "Integrity",
    "Intended",
    "Late",
    "Message",
    "ModelAnswered",
    "ModelAsked",
    "ModelFailed",
    "ModelSaid",
    "Moved",
    "Origin",
    "OutputChecked",
    "Part",
    "Permit",
    "Permitted",
    "Postponed",
    "PromiseExpired",
    "Rated",
    "Released",
    "Reserved",
    "Said",
    "Scored",
    "Screened",
    "SetAside",
    "Snoozed",
    "Taken",
    "Template",
    "ToolFailed",
    "ToolSaid",
    "Undone",
    "UnknownKind",
    "Usage",
    "Window",
    "WindowFitted",
    "can_hold",
    "decode",
    "encode",
    "json_schema",
    "meet",
]
