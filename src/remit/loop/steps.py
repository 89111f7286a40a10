"""What a run does next: a closed union that `decide` chooses from and `drive` carries out."""

from dataclasses import dataclass
from typing import Any, Literal

from remit.event import HandOverAsked
from remit.log import CallState, CaseState
from remit.outcome import FailureMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenInput:
    """Look at the input before any model does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeGrant:
    """Fix what the run may call, before its model reads anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModel:
    """Ask a model to carry the task forward, or, with a note, to mend its answer."""

    purpose: Literal["step", "repair"] = "step"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCalls:
    """Judge all calls of the last answer together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeApproved:
    """Judge once more a call that a person approved: its caps still hold."""

    call: CallState


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOut:
    """Make these permitted calls."""

    calls: tuple[CallState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover:
    """A call that an earlier wake sent or may have sent: call again, or say that it is unknown."""

    call: CallState


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Ask the tool's own query, then a person, whether an unknown call took place."""

    call: CallState


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """A person said whether an unknown call took place, or answered the agent's own question."""

    call: CallState


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """Open a case for a call that needs a person's word."""

    call: CallState


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswer:
    """Hold the final answer against its schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForScore:
    """Ask a model for a second opinion on the answer."""

    purpose: Literal["sample", "judge"]
    output: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Say how sure the answer is and whether it may go out without a person."""

    output: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAboutDraft:
    """Open a case for an answer that is not sure enough."""

    output: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """End with this output."""

    output: Any
    by: Literal["agent", "person", "expert"] = "agent"
    case: CaseState | None = None
    """The case that the answer comes from, where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divert:
    """Leave the happy path."""

    mode: FailureMode
    reason: str
    tool: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """End as a person's, since somebody wants it so."""

    asked: HandOverAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """End a matter that another agent or model did not answer: people have it, or do not want it."""

    case: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A person's word is missing."""

    case: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Nothing is left to do."""


Step = (
    ScreenInput
    | FreezeGrant
    | AskModel
    | JudgeCalls
    | JudgeApproved
    | CarryOut
    | Recover
    | Reconcile
    | Settle
    | AskPerson
    | CheckAnswer
    | AskForScore
    | Score
    | AskAboutDraft
    | Answer
    | Divert
    | HandOver
    | Return
    | Wait
    | Stop
)
