"""Queues over HTTP: how much waits, and what is next."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from remit.api.case_bodies import CaseRow
from remit.api.cases import decider
from remit.api.problems import answers
from remit.api.who import CaseReader, Decider, TheService
from remit.app import cases_seen, queue_counts

router = APIRouter(prefix="/v1/queues", tags=["cases"])


class NextCase(BaseModel):
    """The case to take up next."""

    case: CaseRow | None = Field(description="None where nothing waits that is free.")


class QueueCount(BaseModel):
    """How much waits in one queue."""

    queue: str = Field(examples=["refunds"])
    open: int
    snoozed: int
    reserved: int


@router.get("", responses=answers(403))
def count_queues(identity: CaseReader, service: TheService) -> list[QueueCount]:
    """How much waits in each queue, what is put off and what somebody works on."""
    return [QueueCount.model_validate(row) for row in queue_counts(service.log, identity)]


@router.get("/{queue}/next", responses=answers(403, 422))
def next_case(
    queue: str,
    identity: Decider,
    service: TheService,
    by: Annotated[str | None, Query(max_length=200)] = None,
) -> NextCase:
    """The case of that queue to take up next: the most urgent that is neither put off nor somebody else's."""
    filters = {"state": "open", "queue": queue}
    page = cases_seen(service.log, identity, filters, most=1, free_for=decider(by, identity))
    return NextCase(case=CaseRow.of(page.rows[0]) if page.rows else None)
