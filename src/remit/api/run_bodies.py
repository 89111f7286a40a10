"""What goes in and out for runs and what is said of them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from remit.api.body import AT, CASE, RUN, Body, Long, Name, Text, moment, moment_or_none
from remit.app import NO_DEADLINE
from remit.outcome import Answered, Degraded, Escalated, Failed, Outcome, Refused, Waiting
from remit.store import Row


class RunRequest(Body):
    """One input for one agent."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"agent": "my-desk", "input": "Where is my order 1001?", "user": {"id": "u1"}},
                {"agent": "my-desk", "input": "Please refund order 1002.", "mode": "async"},
            ]
        },
    )

    agent: Name
    input: Any = Field(description="What is asked: a text, or whatever the agent takes.")
    user: dict[str, Any] | None = Field(
        default=None, description="What you vouch for: `id`, and what the remit's `is: user.X` names."
    )
    tenant: Text | None = Field(
        default=None, description="Whose run it is; a key for one tenant alone need not say it."
    )
    conversation: Text | None = Field(default=None, description="Earlier runs of this name are seen.")
    mode: Literal["wait", "async", "stream"] = Field(
        default="wait",
        description="`wait` for the outcome, `async` to have it later, `stream` to follow the steps.",
    )
    wait_s: float = Field(
        default=60.0, ge=0, le=300, description="`wait`: the longest, in seconds; the run goes on after it."
    )


class WaitingBody(BaseModel):
    """The case that holds the run up."""

    case: str = Field(examples=[CASE])
    queue: str = Field(examples=["refunds"])
    question: str
    deadline: datetime | None = Field(default=None, description="When the declared default counts.")
    message: str = Field(description="What can be shown to the user as it is.")
    allowed: list[str] = Field(
        description="Decisions that are possible; none once it is decided and can still be taken back."
    )

    @staticmethod
    def of(waiting: Waiting) -> "WaitingBody":
        """The same as a body."""
        never = waiting.deadline == NO_DEADLINE
        return WaitingBody(
            case=waiting.case,
            queue=waiting.queue,
            question=waiting.question,
            deadline=None if never else waiting.deadline,
            message=waiting.message,
            allowed=list(waiting.allowed),
        )


class LaterBody(BaseModel):
    """What a person answered after the run had been passed on to them."""

    case: str = Field(examples=[CASE])
    answer: Any
    by: str = Field(examples=["ann@example.com"])


class RunBody(BaseModel):
    """A run as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "run_id": RUN,
                    "agent": "my-desk",
                    "state": "ended",
                    "outcome": {
                        "kind": "answered",
                        "output": "Order 1001 is on its way.",
                        "message": "Order 1001 is on its way.",
                        "by": "agent",
                        "confidence": None,
                    },
                    "waiting": None,
                    "later": None,
                }
            ]
        }
    )

    run_id: str = Field(examples=[RUN])
    agent: str = Field(examples=["my-desk"])
    state: Literal["runnable", "waiting", "ended", "set_aside"]
    outcome: Outcome | None = Field(default=None, description="How it ended.")
    waiting: WaitingBody | None = Field(default=None, description="What it waits for.")
    later: LaterBody | None = Field(
        default=None, description="What a person answered after it had been passed on to them."
    )

    @staticmethod
    def of(run_id: str, agent: str, found: Outcome | Waiting | None, state: str = "runnable") -> "RunBody":
        """A run and what became of it; `state` where nothing did."""
        match found:
            case Waiting():
                waiting = WaitingBody.of(found)
                return RunBody(run_id=run_id, agent=agent, state="waiting", waiting=waiting)
            case Answered() | Degraded() | Escalated() | Refused() | Failed():
                return RunBody.model_construct(
                    run_id=run_id, agent=agent, state="ended", outcome=found, waiting=None, later=None
                )
            case None:
                return RunBody.model_validate({"run_id": run_id, "agent": agent, "state": state})


class RunRow(BaseModel):
    """What a list says of a run."""

    run_id: str = Field(examples=[RUN])
    agent: str = Field(examples=["my-desk"])
    release: str
    state: Literal["runnable", "waiting", "ended", "set_aside"]
    outcome: str | None = Field(default=None, examples=["answered"])
    mode: str | None = Field(default=None, examples=["tool_unavailable"])
    tenant: str
    user: str | None = None
    conversation: str | None = None
    steps: int
    tokens: int
    cost_usd: float
    admitted_at: datetime = Field(examples=[AT])
    ended_at: datetime | None = None
    deadline: datetime | None = None

    @staticmethod
    def of(row: Row) -> "RunRow":
        """The row as a body."""
        return RunRow(
            run_id=row["run_id"],
            agent=row["agent"],
            release=row["release_hash"],
            state=row["state"],
            outcome=row["outcome"],
            mode=row["mode"],
            tenant=row["tenant"],
            user=row["user_id"],
            conversation=row["conversation"],
            steps=row["steps"],
            tokens=row["tokens"],
            cost_usd=row["cost_usd"],
            admitted_at=moment(row["admitted_at"]),
            ended_at=moment_or_none(row["ended_at"]),
            deadline=moment_or_none(row["deadline"]),
        )


class RunsPage(BaseModel):
    """Runs, newest first."""

    runs: list[RunRow]
    next: str | None = Field(default=None, description="The `cursor` of the next page; none on the last.")


class EventBody(BaseModel):
    """One event of a run; `body` is none where it was erased."""

    run_id: str = Field(examples=[RUN])
    seq: int = Field(examples=[0])
    id: str
    at: datetime
    kind: str = Field(examples=["admitted"])
    body: dict[str, Any] | None = None


class EventsPage(BaseModel):
    """A run's events in order."""

    events: list[EventBody]
    next_after: int | None = Field(
        default=None, description="The `after` of the next page; none where these are the last so far."
    )


class CancelRequest(Body):
    """Why a run is stopped."""

    reason: Long = ""


class TakeOverRequest(Body):
    """Why a person shall take a run over."""

    reason: Long = ""
    queue: Name | None = Field(default=None, description="Who gets it; otherwise the default queue.")


class FeedbackRequest(Body):
    """What somebody says of a run: at least one of the three."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"rating": "bad", "comment": "It named the wrong order."}]},
    )

    rating: Literal["good", "bad"] | None = None
    correction: Any = Field(default=None, description="What would have been right.")
    comment: Long = ""


class FeedbackBody(BaseModel):
    """What was recorded."""

    run_id: str = Field(examples=[RUN])
    by: str
    source: Literal["staff", "end_user"]


class TokenRequest(Body):
    """For whom, and for how long, a feedback token is good."""

    user: Name = Field(description="Who will say it.", examples=["u1"])
    valid_s: float = Field(default=7 * 86400.0, gt=0, le=90 * 86400, description="For so many seconds.")


class TokenBody(BaseModel):
    """A token for the `Feedback-Token` header; it lets its bearer speak of this one run."""

    token: str
    expires_at: datetime
