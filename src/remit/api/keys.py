"""Keys over HTTP: an admin makes, lists and revokes them; each act stands in the log."""

from typing import Annotated

from fastapi import APIRouter, Query

from remit.api.body import moment
from remit.api.house_bodies import IssuedKeyBody, KeyBody, KeyRequest, KeysBody
from remit.api.problems import Refused, answers
from remit.api.run_bodies import EventBody, EventsPage
from remit.api.streaming import body_of
from remit.api.who import KeyKeeper, TheService
from remit.app import KeyWish, all_keys, issue_key, revoke_key
from remit.errors import AccessRefused
from remit.log import administered

router = APIRouter(prefix="/v1", tags=["administration"])


@router.post("/keys", status_code=201, responses=answers(400, 403, 422))
def make_key(request: KeyRequest, identity: KeyKeeper, service: TheService) -> IssuedKeyBody:
    """Make a key; its secret is in this answer and nowhere else."""
    now = service.log.clock()
    wish = KeyWish(
        name=request.name,
        role=request.role,
        agents=tuple(request.agents),
        queues=tuple(request.queues),
        tenants=tuple(request.tenants),
        expires_at=now + request.valid_s if request.valid_s is not None else None,
    )
    try:
        issued = issue_key(service.log, wish, by=identity.name)
    except AccessRefused as error:
        raise Refused(422, error.code, error.message, remedy=error.remedy) from error
    return IssuedKeyBody(secret=issued.secret, key=KeyBody.of(issued.key, now))


@router.get("/keys", responses=answers(403))
def list_keys(identity: KeyKeeper, service: TheService) -> KeysBody:
    """Every key that was ever made, oldest first; never a secret."""
    now = service.log.clock()
    return KeysBody(keys=[KeyBody.of(key, now) for key in all_keys(service.log)])


@router.delete("/keys/{key_id}", responses=answers(403, 404))
def end_key(key_id: str, identity: KeyKeeper, service: TheService) -> KeyBody:
    """Revoke a key: from now on it opens nothing, nor does any session that was opened with it."""
    return KeyBody.of(revoke_key(service.log, key_id, by=identity.name), service.log.clock())


@router.get("/administration", responses=answers(403, 422))
def list_acts(
    identity: KeyKeeper,
    service: TheService,
    after: Annotated[int, Query(ge=-1, le=2**31, description="Only acts after this number.")] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> EventsPage:
    """Every administrative act, from its own chain in the log."""
    entries = administered(service.log, after + 1)
    shown = entries[:limit]
    bodies = [
        EventBody(run_id=e.run_id, seq=e.seq, id=e.id, at=moment(e.at), kind=e.kind, body=body_of(e))
        for e in shown
    ]
    return EventsPage(events=bodies, next_after=shown[-1].seq if len(entries) > limit else None)
