"""What a reviewer does with a case beside deciding it, over HTTP."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from remit.api.body import CASE, Body, Name, Text, moment
from remit.api.cases import decider
from remit.api.problems import answers
from remit.api.who import Decider, TheService
from remit.app import RESERVED_S
from remit.event import HandedOn, Released, Reserved, Snoozed, Undone

router = APIRouter(prefix="/v1/cases", tags=["cases"])
REFUSALS = answers(400, 403, 404, 409, 422)


class HandOverRequest(Body):
    """Where the case shall wait from now on."""

    queue: Name = Field(examples=["refunds"])
    reason: Text = ""
    by: Text | None = Field(default=None, description="Who acts; only without keys.")


class TimeRequest(Body):
    """For how long."""

    for_s: float = Field(gt=0, le=90 * 86_400, examples=[7200], description="Seconds.")
    by: Text | None = Field(default=None, description="Who acts; only without keys.")


class ReserveRequest(Body):
    """For how long nobody else shall decide it."""

    for_s: float = Field(default=RESERVED_S, gt=0, le=8 * 3600, description="Seconds.")
    by: Text | None = Field(default=None, description="Who acts; only without keys.")


class ByRequest(Body):
    """Who acts."""

    by: Text | None = Field(default=None, description="Who acts; only without keys.")


class ActionBody(BaseModel):
    """What was done with the case."""

    case: str = Field(examples=[CASE])
    done: str = Field(examples=["reserved"])
    by: str
    queue: str | None = Field(default=None, description="Where it waits now, where it was handed over.")
    until: datetime | None = None

    @staticmethod
    def of(event: HandedOn | Snoozed | Reserved | Released | Undone) -> "ActionBody":
        """The event as a body."""
        until = event.until if isinstance(event, Snoozed | Reserved) else None
        return ActionBody(
            case=event.case,
            done=event.kind,
            by=event.by,
            queue=event.queue if isinstance(event, HandedOn) else None,
            until=moment(until) if until is not None else None,
        )


@router.post("/{case_id}/hand-over", responses=REFUSALS)
async def hand_over_case(
    case_id: str, request: HandOverRequest, identity: Decider, service: TheService
) -> ActionBody:
    """Put a case into another queue of its remit; its deadline and its default stay."""
    by = decider(request.by, identity)
    cases = service.reviewing(identity, case_id)
    return ActionBody.of(
        await run_in_threadpool(cases.hand_on, case_id, request.queue, by=by, reason=request.reason)
    )


@router.post("/{case_id}/snooze", responses=REFUSALS)
async def snooze_case(
    case_id: str, request: TimeRequest, identity: Decider, service: TheService
) -> ActionBody:
    """Put a case out of sight for a while; its default applies when it would have."""
    by = decider(request.by, identity)
    cases = service.reviewing(identity, case_id)
    return ActionBody.of(await run_in_threadpool(cases.snooze, case_id, by=by, for_s=request.for_s))


@router.post("/{case_id}/reserve", responses=REFUSALS)
async def reserve_case(
    case_id: str, request: ReserveRequest, identity: Decider, service: TheService
) -> ActionBody:
    """Keep a case to yourself: until then nobody else decides it. Who has it may ask again for longer."""
    by = decider(request.by, identity)
    cases = service.reviewing(identity, case_id)
    return ActionBody.of(await run_in_threadpool(cases.reserve, case_id, by=by, for_s=request.for_s))


@router.post("/{case_id}/release", responses=REFUSALS)
async def release_case(
    case_id: str, request: ByRequest, identity: Decider, service: TheService
) -> ActionBody:
    """Let a reserved case go."""
    by = decider(request.by, identity)
    cases = service.reviewing(identity, case_id)
    return ActionBody.of(await run_in_threadpool(cases.release, case_id, by=by))


@router.post("/{case_id}/undo", responses=REFUSALS)
async def undo_decision(
    case_id: str, request: ByRequest, identity: Decider, service: TheService
) -> ActionBody:
    """Take your own decision back, before it counts: as long as the queue's `undo` says."""
    by = decider(request.by, identity)
    cases = service.reviewing(identity, case_id)
    return ActionBody.of(await run_in_threadpool(cases.undo, case_id, by=by))
