"""What goes in and out for cases and their decisions."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from remit.api.body import CASE, RUN, Body, Long, Text, moment, moment_or_none
from remit.app import CaseSeen
from remit.handover import allowed
from remit.store import Row


class CaseRow(BaseModel):
    """What a list says of a case."""

    case: str = Field(examples=[CASE])
    run_id: str = Field(examples=[RUN])
    agent: str = Field(examples=["my-desk"])
    queue: str = Field(examples=["refunds"])
    reason: str = Field(examples=["permit"])
    state: Literal["open", "decided", "void"]
    question: str
    opened_at: datetime
    opens_at: datetime | None = Field(default=None, description="From when it can be decided.")
    deadline: datetime | None = None
    priority: int = 0
    snoozed_until: datetime | None = None
    reserved_by: str | None = None
    reserved_until: datetime | None = None
    expert: str = Field(default="", description="The other agent or model that is to decide it.")

    @staticmethod
    def of(row: Row) -> "CaseRow":
        """The row as a body."""
        return CaseRow.model_validate(_case_fields(row))


def _case_fields(row: Row) -> dict[str, Any]:
    return {
        "case": row["case_id"],
        "run_id": row["run_id"],
        "agent": row["agent"],
        "queue": row["queue"],
        "reason": row["reason"],
        "state": row["state"],
        "question": row["question"],
        "opened_at": moment(row["opened_at"]),
        "opens_at": moment_or_none(row["opens_at"] or None),
        "deadline": moment_or_none(row["deadline"]),
        "priority": -row["rank"],
        "snoozed_until": moment_or_none(row["snoozed_until"] or None),
        "reserved_by": row["reserved_by"],
        "reserved_until": moment_or_none(row["reserved_until"] or None),
        "expert": row["expert"],
    }


class CasesPage(BaseModel):
    """Cases by priority, then by deadline."""

    cases: list[CaseRow]
    next: str | None = Field(default=None, description="The `cursor` of the next page; none on the last.")


class DecidedBody(BaseModel):
    """A decision that counted."""

    decision: str
    by: str
    reason: str
    arguments: dict[str, Any] | None = None
    answer: Any = None
    counts_from: datetime | None = Field(default=None, description="Until then it can be taken back.")


class CaseBody(CaseRow):
    """One case with what it takes to decide it."""

    trigger: str
    why: str
    tool: str | None = None
    arguments: dict[str, Any] | None = None
    otherwise: Literal["approve", "deny", "none"] = Field(description="What counts after the deadline.")
    evidence_seq: int = Field(description="Send it back as `seen_seq`.")
    allowed: list[str] = Field(description="Decisions that are possible here.")
    voided: str = Field(default="", description="Why it can no longer be decided.")
    decided: DecidedBody | None = None

    @staticmethod
    def of_seen(seen: CaseSeen) -> "CaseBody":
        """The case as somebody sees it who decides it."""
        facts = seen.facts
        decided = None
        if facts.decided is not None:
            decided = DecidedBody(
                decision=facts.decided.decision,
                by=facts.decided.by,
                reason=facts.decided.reason,
                arguments=facts.decided.arguments,
                answer=facts.decided.answer,
                counts_from=moment_or_none(facts.decided.counts_from or None),
            )
        return CaseBody(
            **_case_fields(seen.row),
            trigger=facts.opened.trigger,
            why=facts.opened.why,
            tool=facts.opened.tool,
            arguments=facts.opened.arguments,
            otherwise=facts.opened.otherwise,
            evidence_seq=facts.evidence_seq,
            allowed=list(allowed(facts.opened)),
            voided=facts.voided,
            decided=decided,
        )


class DecisionRequest(Body):
    """A person's decision, made on the evidence up to `seen_seq`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"decision": "approve"},
                {"decision": "edit", "arguments": {"order_id": "1002", "amount_eur": 20.0}},
                {"decision": "reject", "reason": "The order is not late."},
                {"decision": "answer", "answer": "Your refund is on its way.", "seen_seq": 7},
            ]
        },
    )

    decision: Literal["approve", "edit", "reject", "answer", "happened", "not_happened"] = Field(
        description="One of those that the case says are `allowed`."
    )
    reason: Long = Field(default="", description="Why; `reject` needs it.")
    arguments: dict[str, Any] | None = Field(
        default=None,
        description="`edit`: the case's arguments as a whole, with your changes.",
    )
    answer: Any = Field(
        default=None,
        description="`answer`: what the caller, or the agent that asked, is told; `happened`: the result.",
    )
    seen_seq: int | None = Field(
        default=None, ge=0, le=2**31, description="The case's `evidence_seq` as you saw it."
    )
    by: Text | None = Field(
        default=None, description="Who decides; only without keys, otherwise it is the key's name."
    )


class DecisionBody(BaseModel):
    """The decision that counts."""

    case: str = Field(examples=[CASE])
    run_id: str = Field(examples=[RUN])
    decision: str
    by: str
    repeated: bool = Field(description="The very same decision of the same person stood there already.")
