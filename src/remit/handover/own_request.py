"""The agent's own question to a person: judged, packed as a case, and answered. Pure.

It gains nothing but the answer: no call is permitted by it and no value is vouched for.
"""

from typing import Any, Literal, TypedDict, cast

from remit.contract import ASK_PERSON, AskPerson, Contract, deadline_of
from remit.event import CaseOpened, Decided, Done, Integrity, Permit
from remit.handover.case import PROPOSAL, expert_terms, queue_terms
from remit.handover.decision import DEADLINE
from remit.handover.visible import visible

LONGEST_QUESTION = 400
LONGEST_PROPOSAL = 4000
QUESTION = "question"
REQUEST_DESCRIPTION = (
    "Ask a person what you need to know or may not decide alone. The person sees the conversation; "
    "you get the answer as the result."
)
REQUEST_PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        QUESTION: {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_QUESTION,
            "description": "What you ask, in one sentence.",
        },
        PROPOSAL: {
            "type": "string",
            "maxLength": LONGEST_PROPOSAL,
            "description": "What you would do or say, for the person to approve or change; may be left out.",
        },
    },
    "required": [QUESTION],
    "additionalProperties": False,
}


class _Judged(TypedDict):
    key: str
    tool: str
    rule: str


def judge_request(ask: AskPerson, *, key: str, arguments: Any, earlier: int) -> Permit:
    """The permit of a question, for any arguments at all; `earlier` were asked in this run before."""
    judged: _Judged = {"key": key, "tool": ASK_PERSON, "rule": ASK_PERSON}
    wrong = _wrong(arguments)
    if wrong:
        return Permit(verdict="invalid", reason=wrong, **judged)
    if earlier >= ask.at_most:
        reason = f"A person may be asked {ask.at_most} times in one run at most; go on without."
        return Permit(verdict="deny", reason=reason, **judged)
    reason = f"question {earlier + 1} of at most {ask.at_most} in this run"
    return Permit(verdict="ask", reason=reason, **judged)


def _wrong(arguments: Any) -> str:
    if not isinstance(arguments, dict):
        return "the arguments are not a JSON object"
    given = cast("dict[str, object]", arguments)
    unknown = sorted(str(name) for name in given if name not in (QUESTION, PROPOSAL))
    if unknown:
        return f"there is no argument {visible(unknown[0], characters=40)}"
    question, proposal = given.get(QUESTION), given.get(PROPOSAL)
    if not isinstance(question, str) or not question.strip():
        return f"`{QUESTION}` is what you ask, in one sentence"
    if len(question) > LONGEST_QUESTION:
        return f"`{QUESTION}` is longer than {LONGEST_QUESTION} characters"
    if proposal is not None and (not isinstance(proposal, str) or len(proposal) > LONGEST_PROPOSAL):
        return f"`{PROPOSAL}` is a text of at most {LONGEST_PROPOSAL} characters"
    return ""


def case_for_request(
    contract: Contract, *, queue: str, case_id: str, permit: Permit, arguments: dict[str, Any], now: float
) -> CaseOpened:
    """The case of a question that was permitted; its words are the model's, and shown as such."""
    ask = contract.ask_person
    assert ask is not None, "only where the remit lets it ask"
    asked = visible(arguments[QUESTION].strip(), characters=LONGEST_QUESTION)
    proposal: str = (arguments.get(PROPOSAL) or "").strip()
    return CaseOpened(
        case=case_id,
        queue=queue,
        trigger="agent_request",
        question=f"{contract.agent} asks: {asked}",
        why=(
            f"The agent's own request: {permit.reason}. The words are a model's, which may have read "
            "strangers' words; an answer permits no call."
        ),
        deadline=deadline_of(contract, queue, now, ask.deadline),
        otherwise="deny",
        key=permit.key,
        arguments={PROPOSAL: proposal} if proposal else None,
        rule=ASK_PERSON,
        **queue_terms(contract, queue),
        **expert_terms(contract, queue),
    )


def unanswered(decided: Decided) -> bool:
    """Whether nobody answered before the deadline."""
    return decided.by == DEADLINE


def reply_to_agent(case: CaseOpened, decided: Decided) -> Done:
    """What the agent is told of the decision: what was said and by whom, and nothing of its own words.

    A person's words are trusted as the operator's, another agent's are not.
    """
    assert case.key is not None, "a question is a call of the model"
    said: dict[str, Any] = {"said_by": decided.by, "decision": _WORDS[decided.decision]}
    if unanswered(decided):
        said = {"said_by": "nobody", "decision": "nobody answered in time"}
    elif decided.decision == "answer":
        said["answer"] = decided.answer
    elif decided.decision == "edit":
        said["instead"] = (decided.arguments or {}).get(PROPOSAL)
    if decided.reason and not unanswered(decided):
        said["reason"] = decided.reason
    return Done(
        key=case.key,
        tool=ASK_PERSON,
        result=said,
        source="asked",
        latency_ms=0.0,
        integrity=Integrity.THIRD_PARTY if decided.run else Integrity.OPERATOR,
    )


_WORDS: dict[Literal["approve", "edit", "reject", "answer", "happened", "not_happened"], str] = {
    "approve": "approved as you proposed",
    "edit": "approved with changes",
    "reject": "rejected",
    "answer": "answered",
    "happened": "it took place",
    "not_happened": "it never took place",
}
