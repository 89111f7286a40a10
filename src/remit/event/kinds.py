"""Everything that can happen in a run: one class per kind, a closed union."""

from remit.event.administration import Administered
from remit.event.calls import (
    Done,
    EffectUnknown,
    Intended,
    Permitted,
    ToolFailed,
)
from remit.event.cases import (
    CaseOpened,
    Consulted,
    Decided,
)
from remit.event.confidence import PromiseExpired, Scored
from remit.event.grants import GrantFrozen
from remit.event.models import (
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    OutputChecked,
    WindowFitted,
)
from remit.event.reviewing import DecisionStands, HandedOn, Released, Reserved, Snoozed, Undone
from remit.event.runs import (
    Admitted,
    Cancelled,
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

Event = (
    Admitted
    | Taken
    | Screened
    | GrantFrozen
    | WindowFitted
    | ModelAsked
    | ModelAnswered
    | ModelFailed
    | OutputChecked
    | Scored
    | Permitted
    | Intended
    | Done
    | ToolFailed
    | EffectUnknown
    | Diverted
    | CaseOpened
    | Consulted
    | Decided
    | DecisionStands
    | HandedOn
    | Snoozed
    | Reserved
    | Released
    | Undone
    | Cancelled
    | HandOverAsked
    | Late
    | Postponed
    | Moved
    | SetAside
    | Rated
    | PromiseExpired
    | Ended
    | Administered
)
