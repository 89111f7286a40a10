"""Cases over HTTP: list, look, decide."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from remit.api.case_bodies import CaseBody, CaseRow, CasesPage, DecisionBody, DecisionRequest
from remit.api.problems import Refused, answers
from remit.api.who import CaseReader, Decider, TheService
from remit.app import MOST, DecisionWish, Identity, case_seen, cases_seen

router = APIRouter(prefix="/v1/cases", tags=["cases"])


@router.get("", responses=answers(403, 422))
def list_cases(
    identity: CaseReader,
    service: TheService,
    state: Literal["open", "decided", "void", "any"] = "open",
    queue: str | None = None,
    agent: str | None = None,
    run: str | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> CasesPage:
    """What waits for a person, by priority and then by deadline, page by page."""
    given = {"state": None if state == "any" else state, "queue": queue, "agent": agent, "run": run}
    filters = {name: value for name, value in given.items() if value is not None}
    page = cases_seen(service.log, identity, filters, cursor=cursor, most=limit)
    return CasesPage(cases=[CaseRow.of(row) for row in page.rows], next=page.next)


@router.get("/{case_id}", responses=answers(403, 404))
def get_case(case_id: str, identity: CaseReader, service: TheService) -> CaseBody:
    """One case with everything that it takes to decide it."""
    return CaseBody.of_seen(case_seen(service.log, identity, case_id))


@router.post("/{case_id}/decision", responses=answers(400, 403, 404, 409, 422))
async def decide_case(
    case_id: str, request: DecisionRequest, identity: Decider, service: TheService
) -> DecisionBody:
    """Decide a case: the first valid decision counts, and its run goes on.

    The very same decision of the same person again changes nothing and is answered alike; any other one
    is a conflict that names who was first.
    """
    wish = DecisionWish(
        decision=request.decision,
        by=decider(request.by, identity),
        reason=request.reason,
        arguments=request.arguments,
        answer=request.answer,
        seen_seq=request.seen_seq,
    )
    taken = await run_in_threadpool(service.decide, identity, case_id, wish)
    return DecisionBody(
        case=case_id, run_id=taken.run_id, decision=wish.decision, by=wish.by, repeated=taken.repeated
    )


def decider(by: str | None, identity: Identity) -> str:
    """Who acts: the key's name; without keys, whoever the request names."""
    if by is None or by == identity.name:
        return identity.name
    if not identity.local:
        raise Refused(
            403,
            "REMIT-ROLE",
            f"This key decides as {identity.name}.",
            remedy="Leave `by` out, or use the other person's key.",
        )
    return by
