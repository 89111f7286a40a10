"""What people say of a run: the application, its staff, or the end user with a token for this one run."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.concurrency import run_in_threadpool

from remit.api.describing import ROLES, roles_with
from remit.api.problems import Refused, answers
from remit.api.run_bodies import FeedbackBody, FeedbackRequest, TokenBody, TokenRequest
from remit.api.who import FeedbackGiver, TheService, anybody, refuse_beyond_rate
from remit.app import (
    Act,
    FeedbackToken,
    Service,
    feedback_token_text,
    read_feedback_token,
    refusal,
    run_seen,
    signing_secret,
)
from remit.errors import NotFound
from remit.event import Rated

router = APIRouter(prefix="/v1/runs", tags=["feedback"])
Token = Annotated[
    str | None,
    Header(alias="Feedback-Token", max_length=2000, description="In place of a key: an end user's token."),
]


@router.post(
    "/{run_id}/feedback",
    status_code=201,
    responses=answers(400, 403, 404, 422),
    openapi_extra={ROLES: roles_with(Act.GIVE_FEEDBACK)},
)
async def give_feedback(
    run_id: str, request: FeedbackRequest, http: Request, service: TheService, token: Token = None
) -> FeedbackBody:
    """Say how a run went: a rating, a correction, a comment. It stands in the log beside the run."""
    if request.rating is None and request.correction is None and not request.comment.strip():
        raise Refused(
            422, "REMIT-REQUEST", "Nothing is said.", remedy="Give a rating, a correction or a comment."
        )
    if token is not None:
        by = await run_in_threadpool(_end_user, service, token, run_id)
        said = FeedbackBody(run_id=run_id, by=by, source="end_user")
    else:
        said = FeedbackBody(run_id=run_id, by=await _staff(http, service, run_id), source="staff")
    rated = Rated(
        rating=request.rating,
        by=said.by,
        comment=request.comment,
        correction=request.correction,
        source=said.source,
    )
    await run_in_threadpool(service.judge, run_id, rated)
    return said


def _end_user(service: Service, token: str, run_id: str) -> str:
    known = read_feedback_token(token, signing_secret(service.log), run_id=run_id, now=service.log.clock())
    if service.log.store.row("run_row", {"run_id": run_id}) is None:
        raise NotFound(f"There is no run {run_id}.")
    refuse_beyond_rate(service, service.delay_of(f"token {run_id}"))
    return known.by


async def _staff(http: Request, service: Service, run_id: str) -> str:
    identity = await anybody(http)
    reason = refusal(identity, Act.GIVE_FEEDBACK)
    if reason is not None:
        raise Refused(403, "REMIT-ROLE", reason)
    await run_in_threadpool(run_seen, service.log, identity, run_id)
    return identity.name


@router.post("/{run_id}/feedback-token", status_code=201, responses=answers(400, 403, 404, 422))
def make_token(run_id: str, request: TokenRequest, service: TheService, identity: FeedbackGiver) -> TokenBody:
    """A token that lets one end user say how this run went, and nothing else."""
    run_seen(service.log, identity, run_id)
    expires_at = service.log.clock() + request.valid_s
    token = FeedbackToken(run_id=run_id, by=request.user, expires_at=expires_at)
    text = feedback_token_text(token, signing_secret(service.log))
    return TokenBody(token=text, expires_at=datetime.fromtimestamp(expires_at, UTC))
