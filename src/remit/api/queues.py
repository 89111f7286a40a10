"""Queues over HTTP: how much waits, and what is next."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from remit.api.case_bodies import CaseRow
from remit.api.cases import decider
from remit.api.problems import answers
from remit.api.who import CaseReader, Decider, TheService
from remit.app import next_case, queue_counts

router = APIRouter(prefix="/v1/queues", tags=["cases"])


class NextBody(BaseModel):
    """The case to take up next; where there is none, how many wait that are not free."""

    case: CaseRow | None = Field(description="None where nothing waits that is free.")
    taken: int = Field(description="Others work on so many: people, or the agent or model that decides them.")
    put_off: int = Field(description="So many are put off.")


class QueueCount(BaseModel):
    """How much waits in one queue."""

    queue: str = Field(examples=["refunds"])
    open: int
    snoozed: int = Field(description="Put off.")
    reserved: int = Field(description="Somebody works on it, or another agent or model decides it.")


@router.get("", responses=answers(403))
def count_queues(identity: CaseReader, service: TheService) -> list[QueueCount]:
    """How much waits in each queue, what is put off and what somebody works on."""
    return [QueueCount.model_validate(row) for row in queue_counts(service.log, identity)]


@router.get("/{queue}/next", responses=answers(403, 422))
def get_next_case(
    queue: Annotated[str, Path(description="The queue's name.")],
    identity: Decider,
    service: TheService,
    by: Annotated[str | None, Query(max_length=200)] = None,
) -> NextBody:
    """The case of that queue to take up next: the most urgent that is neither put off nor another's."""
    found = next_case(service.log, identity, {"queue": queue}, by=decider(by, identity))
    case = CaseRow.of(found.row) if found.row is not None else None
    return NextBody(case=case, taken=found.taken, put_off=found.put_off)
