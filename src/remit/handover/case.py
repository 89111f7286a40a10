"""Opening a case: where it waits, what is asked and why, until when and what then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from remit.contract import Ask, Contract, ToQueue, deadline_of, expert_of, path_for, queue_for, queue_of
from remit.event import CaseOpened, Decided, EffectUnknown, HandOverAsked, Permit, Reserved
from remit.handover.question import BRIEF, call_text, question, value_text
from remit.handover.visible import visible
from remit.outcome import MEANING, FailureMode

_REQUEST_CHARACTERS = 400
DRAFT = "answer"
"""The name under which a case holds the answer that it is about."""
PROPOSAL = "proposal"
"""The name under which a case holds what the agent itself proposes."""
_USUAL = Ask.model_validate({"when": "always"})
OPERATORS = "operators"
"""The queue of what only those who run the workers can see to, where a remit names none."""
PAUSED = (
    "A paused process cannot be fenced from here: it might still send the call after you looked. "
    "Check that none is running."
)


class Terms(TypedDict):
    """What a case takes over from its queue."""

    priority: int
    undo_s: float
    notify: int


class ExpertTerms(TypedDict):
    """Who decides a case where that is no person, and who gets it then."""

    expert: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """A case as it stands when somebody decides it or its deadline passes."""

    opened: CaseOpened
    decided: Decided | None
    evidence_seq: int
    """The seq of the latest event that a decision must have seen."""
    user_id: str | None
    """The attested id of the user whose run caused the case."""
    run_id: str = ""
    voided: str = ""
    """Why nobody can decide the case any more, where that is so: the run ended or was cancelled."""
    queue: str = ""
    """Where it waits now."""
    undo_s: float = 0.0
    """For how many seconds a decision can be taken back; 0 where nothing waits for the decision."""
    held: bool = False
    """It is decided, and the decision can still be taken back."""
    reserved: Reserved | None = None
    """Who works on it, where somebody does."""
    snoozed_until: float = 0.0


def open_case(
    contract: Contract, *, case_id: str, permit: Permit, arguments: Mapping[str, Any], now: float
) -> CaseOpened:
    """The case of a call that needs a person's word, with the deadline and default of its `ask`.

    A tool without `ask` gets the usual deadline and is denied after it, as is a value that nobody vouches
    for. `now` is in seconds since the epoch.
    """
    rule = contract.tools.get(permit.tool)
    ask = (rule.ask if rule is not None else None) or _USUAL
    queue = queue_for(contract, ask) or _last_queue(contract)
    return CaseOpened(
        case=case_id,
        queue=queue,
        trigger="permit",
        question=question(permit.tool, arguments, rule),
        why=permit.reason,
        deadline=deadline_of(contract, queue, now, ask.deadline),
        otherwise="deny" if permit.questions else ask.otherwise,
        key=permit.key,
        tool=permit.tool,
        arguments=dict(arguments),
        origins=permit.origins,
        rule=permit.rule,
        **queue_terms(contract, queue),
    )


def case_for_unknown(
    contract: Contract,
    *,
    case_id: str,
    unknown: EffectUnknown,
    arguments: Mapping[str, Any],
    now: float,
) -> CaseOpened:
    """The case of a call of which nobody here knows whether it took place; it has no default.

    It is decided by `happened` or `not_happened`, not before `unknown.opens_at`.
    """
    rule = contract.tools.get(unknown.tool)
    queue = _unknown_queue(contract, unknown.tool)
    return CaseOpened(
        case=case_id,
        queue=queue,
        trigger="effect_unknown",
        question=f"Did this call take place: {call_text(unknown.tool, arguments, rule)}?",
        why=f"{unknown.reason} {PAUSED}".strip(),
        deadline=deadline_of(contract, queue, max(now, unknown.opens_at)),
        otherwise="none",
        key=unknown.key,
        tool=unknown.tool,
        arguments=dict(arguments),
        mode=FailureMode.EFFECT_UNKNOWN,
        opens_at=unknown.opens_at,
        **queue_terms(contract, queue),
    )


def case_for_handover(
    contract: Contract,
    *,
    case_id: str,
    queue: str,
    mode: FailureMode,
    why: str,
    request: str,
    now: float,
    rule: str = "",
) -> CaseOpened:
    """The case of a run that is a person's from now on; its deadline is the queue's, without a default."""
    return CaseOpened(
        case=case_id,
        queue=queue,
        trigger="handover",
        question=f"Please take over this request: {visible(request, characters=_REQUEST_CHARACTERS)}",
        why=f"{mode}: {MEANING[mode]}. {why}".strip(),
        deadline=deadline_of(contract, queue, now),
        otherwise="none",
        mode=mode,
        rule=rule,
        **queue_terms(contract, queue),
        **expert_terms(contract, queue),
    )


def case_for_caller(
    contract: Contract, *, case_id: str, asked: HandOverAsked, request: str, now: float
) -> CaseOpened:
    """The case of a run that somebody wants a person to take over."""
    queue = asked.queue or _last_queue(contract)
    reason = f": {asked.reason}" if asked.reason else ""
    return CaseOpened(
        case=case_id,
        queue=queue,
        trigger="caller_request",
        question=f"Please take over this request: {visible(request, characters=_REQUEST_CHARACTERS)}",
        why=f"{asked.by} wants a person to take it over{reason}",
        deadline=deadline_of(contract, queue, now),
        otherwise="none",
        **queue_terms(contract, queue),
    )


def case_for_draft(
    contract: Contract, *, case_id: str, queue: str, output: Any, why: str, now: float
) -> CaseOpened:
    """The case of an answer that is not sure enough to go out by itself; the run waits for it.

    The case holds the answer. If nobody decides in the queue's time, the run is handed over for good.
    """
    return CaseOpened(
        case=case_id,
        queue=queue,
        trigger="low_confidence",
        question=f"May this answer go out: {value_text(output, BRIEF)}?",
        why=f"{FailureMode.LOW_CONFIDENCE}: {MEANING[FailureMode.LOW_CONFIDENCE]}. {why}",
        deadline=deadline_of(contract, queue, now),
        otherwise="deny",
        arguments={DRAFT: output},
        mode=FailureMode.LOW_CONFIDENCE,
        rule="confidence",
        **queue_terms(contract, queue),
        **expert_terms(contract, queue),
    )


def case_for_audit(
    contract: Contract, *, case_id: str, queue: str, output: Any, inclusion: float, now: float
) -> CaseOpened:
    """The case of an answer that went out and was drawn to be labelled; it holds nothing up."""
    return CaseOpened(
        case=case_id,
        queue=queue,
        trigger="audit",
        question=f"Was this answer right: {value_text(output, BRIEF)}?",
        why=f"It was drawn by chance, as {inclusion * 100:.4g} % of the answers are; approve means right.",
        deadline=deadline_of(contract, queue, now),
        otherwise="none",
        arguments={DRAFT: output},
        rule="confidence.audit",
        **queue_terms(contract, queue),
    )


def _unknown_queue(contract: Contract, tool: str) -> str:
    path = path_for(contract, FailureMode.EFFECT_UNKNOWN, tool).path
    return path.queue if isinstance(path, ToQueue) else _last_queue(contract)


def _last_queue(contract: Contract) -> str:
    """Where no queue is declared, one of the agent's own name, so that no case is lost."""
    return contract.handover or contract.agent


def queue_terms(contract: Contract, queue: str) -> Terms:
    """What a case takes over from the queue that it comes to."""
    declared = queue_of(contract, queue)
    return {
        "priority": declared.priority or 0,
        "undo_s": declared.undo or 0.0,
        "notify": len(declared.notify),
    }


def expert_terms(contract: Contract, queue: str) -> ExpertTerms:
    """Which agent or model decides what comes to the queue, where one does."""
    declared = queue_of(contract, queue)
    return {"expert": expert_of(declared), "then": declared.then or ""}
