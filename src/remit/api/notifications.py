"""Notifications over HTTP: who was not told of a case, why, and another try by an operator."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from remit.api.body import AT, CASE, RUN, moment
from remit.api.problems import answers
from remit.api.who import CaseReader, Retrier, TheService
from remit.app import MOST, NotificationState, notifications_seen, tell_again
from remit.store import Row

router = APIRouter(prefix="/v1/notifications", tags=["administration"])


class NotificationBody(BaseModel):
    """One target of a queue's `notify` that is told of one case, as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "notification": f"{CASE}.7.0",
                    "case": CASE,
                    "run_id": RUN,
                    "agent": "my-desk",
                    "queue": "refunds",
                    "target": 0,
                    "state": "dead",
                    "attempts": 8,
                    "error": "it answered 503",
                    "created_at": AT,
                }
            ]
        }
    )

    notification: str = Field(examples=[f"{CASE}.7.0"])
    case: str = Field(examples=[CASE])
    run_id: str = Field(examples=[RUN])
    agent: str = Field(examples=["my-desk"])
    queue: str = Field(examples=["refunds"])
    target: int = Field(description="Its place in the queue's `notify`, from 0 on.")
    state: NotificationState = Field(description="`dead` was given up; `sent` arrived.")
    attempts: int = Field(description="How often it was tried.")
    error: str = Field(default="", description="What came back last.")
    created_at: datetime = Field(examples=[AT])

    @staticmethod
    def of(row: Row) -> "NotificationBody":
        """The row as a body."""
        return NotificationBody(
            notification=row["notification_id"],
            case=row["case_id"],
            run_id=row["run_id"],
            agent=row["agent"],
            queue=row["queue"],
            target=row["target"],
            state=row["state"],
            attempts=row["attempts"],
            error=row["error"],
            created_at=moment(row["created_at"]),
        )


class NotificationsPage(BaseModel):
    """Notifications, newest first."""

    notifications: list[NotificationBody]
    next: str | None = Field(default=None, description="The `cursor` of the next page; none on the last.")


@router.get("", responses=answers(403, 422))
def list_notifications(
    identity: CaseReader,
    service: TheService,
    state: NotificationState = "dead",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> NotificationsPage:
    """Whom queues told of their cases, by default those who were not reached, page by page."""
    page = notifications_seen(service.log, identity, state, cursor=cursor, most=limit)
    rows = [NotificationBody.of(row) for row in page.rows]
    return NotificationsPage(notifications=rows, next=page.next)


@router.post("/{notification}/retry", responses=answers(403, 404))
def retry_notification(notification: str, identity: Retrier, service: TheService) -> NotificationBody:
    """Try one again that was given up, with all its attempts; it stands in the administrative log."""
    return NotificationBody.of(tell_again(service.log, identity, notification))
