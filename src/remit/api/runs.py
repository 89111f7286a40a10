"""Runs over HTTP: submit, look, follow, stop."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from remit.api.body import moment
from remit.api.problems import Refused, answers
from remit.api.run_bodies import (
    CancelRequest,
    EventBody,
    EventsPage,
    LaterBody,
    RunBody,
    RunRequest,
    RunRow,
    RunsPage,
    TakeOverRequest,
)
from remit.api.streaming import MEDIA_TYPE, body_of, event_stream, last_seen, masked_line
from remit.api.unchanged import CACHING, seen, tag_of
from remit.api.who import Canceller, Reader, Submitter, TheService
from remit.app import (
    MOST,
    Act,
    Identity,
    Service,
    Wanted,
    bodies_kept,
    events_seen,
    later_answer_of,
    result_of,
    run_seen,
    runs_seen,
)
from remit.event import Admitted
from remit.log import Entry, Log
from remit.store import Row

router = APIRouter(prefix="/v1/runs", tags=["runs"])
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="The same key never makes a second run."),
]
Since = Annotated[datetime | None, Query(description="Only runs admitted since then.")]
_STREAM = {MEDIA_TYPE: {"schema": {"type": "string"}, "example": "id: 0\nevent: admitted\ndata: {}\n\n"}}
Known = Annotated[
    str | None,
    Header(
        alias="If-None-Match", description="The `ETag` of an answer that you have: 304 if it still holds."
    ),
]
_TAGGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What you have still holds: the run has ended and nothing was added."}
}
VERSION = version("remit")
_LATER = "It goes on, or waits for a person; look again at `Location`."


@router.post(
    "",
    response_model=RunBody,
    responses={
        200: {"description": "How it ended; with `mode: stream`, its steps.", "content": _STREAM},
        202: {"model": RunBody, "description": _LATER},
        **answers(400, 403, 404, 422),
    },
)
async def submit(request: RunRequest, identity: Submitter, service: TheService, key: Key = None) -> Response:
    """Give an agent one input.

    With `mode: wait` the answer is the outcome, or 202 where the run waits for a person or takes longer
    than `wait_s`. With `async` it is 202 at once. With `stream` it is the run's steps as they happen.
    """
    wanted = _wanted(request, identity, key)
    if request.mode == "async":
        run_id = await service.admit(identity, wanted)
        await run_in_threadpool(_same, service, run_id, wanted)
        return _answer(RunBody.of(run_id, request.agent, None))
    if request.mode == "stream":
        run_id = await service.admit(identity, wanted)
        await run_in_threadpool(_same, service, run_id, wanted)
        return event_stream(service.follow(run_id, -1), run_id, masked_line)
    run_id, found = await service.handle(identity, wanted, min(request.wait_s, service.limits.wait_s))
    if key is not None:
        await run_in_threadpool(_same, service, run_id, wanted)
    return _answer(RunBody.of(run_id, request.agent, found))


def _answer(body: RunBody) -> Response:
    status = 200 if body.state == "ended" else 202
    headers = {"Location": f"/v1/runs/{body.run_id}"}
    return Response(body.model_dump_json(), status, headers=headers, media_type="application/json")


def _wanted(request: RunRequest, identity: Identity, key: str | None) -> Wanted:
    tenant = request.tenant
    if tenant is None:
        tenant = identity.tenants[0] if len(identity.tenants) == 1 else ""
    if not identity.sees(tenant=tenant):
        raise Refused(
            403,
            "REMIT-TENANT",
            "This key is not for that tenant.",
            remedy=f"Name one of: {', '.join(identity.tenants)}.",
        )
    return Wanted(
        agent=request.agent,
        value=request.input,
        user=request.user,
        tenant=tenant,
        conversation=request.conversation,
        idempotency_key=key,
    )


def _same(service: Service, run_id: str, wanted: Wanted) -> None:
    """Refuses an idempotency key that stands for another input already."""
    if wanted.idempotency_key is None:
        return
    first = service.log.read_from(run_id, 0)[0].event
    if isinstance(first, Admitted) and not first.unreadable and first.input != wanted.value:
        raise Refused(
            422,
            "REMIT-IDEMPOTENCY",
            f"This idempotency key stands for another input already, in run {run_id}.",
            remedy="Use a key of its own for each input.",
        )


@router.get("", responses=answers(403, 422))
def list_runs(
    identity: Reader,
    service: TheService,
    agent: str | None = None,
    state: Literal["runnable", "waiting", "ended", "set_aside"] | None = None,
    outcome: Literal["answered", "degraded", "escalated", "refused", "failed"] | None = None,
    mode: str | None = None,
    tenant: str | None = None,
    user: str | None = None,
    conversation: str | None = None,
    release: str | None = None,
    since: Since = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> RunsPage:
    """Runs, newest first, page by page."""
    given = {
        "agent": agent,
        "state": state,
        "outcome": outcome,
        "mode": mode,
        "tenant": tenant,
        "user": user,
        "conversation": conversation,
        "release": release,
    }
    filters = {name: value for name, value in given.items() if value is not None}
    begin = since.timestamp() if since is not None else None
    page = runs_seen(service.log, identity, filters, since=begin, cursor=cursor, most=limit)
    return RunsPage(runs=[RunRow.of(row) for row in page.rows], next=page.next)


@router.get("/{run_id}", response_model=RunBody, responses={**_TAGGED, **answers(403, 404, 422)})
async def get_run(
    run_id: str,
    identity: Reader,
    service: TheService,
    known: Known = None,
    wait_s: Annotated[
        float, Query(ge=0, le=300, description="Wait so many seconds for it to end or to need a person.")
    ] = 0,
) -> Response:
    """A run as it stands: its outcome, or what it waits for.

    Once it has ended the answer has an `ETag`.
    """
    row = await run_in_threadpool(run_seen, service.log, identity, run_id)
    if wait_s > 0 and row["state"] in ("runnable", "waiting"):
        await service.followers.until_idle(run_id, min(wait_s, service.limits.wait_s))
    return await run_in_threadpool(_tagged, service, identity, run_id, "", known, partial(_body, service.log))


def _tagged(
    service: Service,
    identity: Identity,
    run_id: str,
    asked: str,
    known: str | None,
    made: Callable[[Row], BaseModel],
) -> Response:
    """What is made, with its tag where the run has ended; nothing but the tag for whoever knows it."""
    row = run_seen(service.log, identity, run_id)
    tag = tag_of(row, kept=bodies_kept(service.log, run_id), asked=asked, version=VERSION)
    headers = {"ETag": tag, "Cache-Control": CACHING} if tag is not None else {}
    if seen(known, tag):
        return Response(status_code=304, headers=headers)
    return Response(made(row).model_dump_json(), headers=headers, media_type="application/json")


def _current(service: Service, identity: Identity, run_id: str) -> RunBody:
    return _body(service.log, run_seen(service.log, identity, run_id))


def _body(log: Log, row: Row) -> RunBody:
    body = RunBody.of(row["run_id"], row["agent"], result_of(log, row), row["state"])
    later = later_answer_of(log, row)
    if later is not None:
        body.later = LaterBody(case=later.case, answer=later.answer, by=later.by)
    return body


@router.get("/{run_id}/events", response_model=EventsPage, responses={**_TAGGED, **answers(403, 404, 422)})
def get_events(
    run_id: str,
    identity: Reader,
    service: TheService,
    after: Annotated[int, Query(ge=-1, le=2**31, description="Only events after this number.")] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    unmasked: Annotated[bool, Query(description="Personal data as it is; for reviewers and admins.")] = False,
    known: Known = None,
) -> Response:
    """The trace of a run: every event in order, personal data masked.

    Once the run has ended the answer has an `ETag`, unless personal data is shown as it is.
    """
    if unmasked and not identity.may(Act.SEE_PERSONAL_DATA):
        raise Refused(403, "REMIT-ROLE", f"The role {identity.role} may not see personal data.")

    def made(_: Row | None = None) -> EventsPage:
        entries = events_seen(service.log, identity, run_id, after=after, unmasked=unmasked)
        shown = entries[:limit]
        more = shown[-1].seq if len(entries) > limit else None
        return EventsPage(events=[_event(entry) for entry in shown], next_after=more)

    if unmasked:
        # Nobody keeps personal data because it was looked at.
        return Response(made().model_dump_json(), media_type="application/json")
    return _tagged(service, identity, run_id, f"events {after} {limit}", known, made)


def _event(entry: Entry) -> EventBody:
    return EventBody(
        run_id=entry.run_id,
        seq=entry.seq,
        id=entry.id,
        at=moment(entry.at),
        kind=entry.kind,
        body=body_of(entry),
    )


@router.get(
    "/{run_id}/stream",
    response_class=Response,
    responses={
        200: {"description": "Each event of the log as it comes.", "content": _STREAM},
        204: {"description": "The run has ended and you have all of it; do not come back."},
        **answers(403, 404, 422),
    },
)
async def stream_run(
    run_id: str,
    identity: Reader,
    service: TheService,
    after: Annotated[int, Query(ge=-1, le=2**31, description="Only events after this number.")] = -1,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> Response:
    """The steps of a run as they happen, to its end; `Last-Event-ID` goes on where a stream broke."""
    row = await run_in_threadpool(run_seen, service.log, identity, run_id)
    begin = last_seen(last, after)
    if row["state"] == "ended" and begin >= row["head"]:
        return Response(status_code=204)
    return event_stream(service.follow(run_id, begin), run_id, masked_line)


@router.post("/{run_id}/cancel", response_model=RunBody, responses=answers(400, 403, 404, 409, 422))
async def cancel_run(
    run_id: str, identity: Canceller, service: TheService, request: CancelRequest | None = None
) -> Response:
    """Stop a run: nothing new is begun after this; what is under way is recorded."""
    reason = request.reason if request is not None else ""
    await run_in_threadpool(service.cancel, identity, run_id, reason)
    await service.followers.until_idle(run_id, 2.0)
    return _answer(await run_in_threadpool(_current, service, identity, run_id))


@router.post("/{run_id}/hand-over", response_model=RunBody, responses=answers(400, 403, 404, 409, 422))
async def hand_over_run(
    run_id: str, identity: Canceller, service: TheService, request: TakeOverRequest | None = None
) -> Response:
    """Have a person take a run over: nothing new is begun, and it ends with a case."""
    asked = request or TakeOverRequest()
    await run_in_threadpool(service.hand_over, identity, run_id, asked.reason, asked.queue)
    await service.followers.until_idle(run_id, 2.0)
    return _answer(await run_in_threadpool(_current, service, identity, run_id))
