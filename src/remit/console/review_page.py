"""Review: a person decides, with everything that it takes on one page."""

import json
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from remit.app import (
    Act,
    CaseSeen,
    Decision,
    DecisionWish,
    Identity,
    Service,
    case_seen,
    cases_seen,
    events_seen,
    similar_cases,
    waiting_queues,
)
from remit.console.run_page import STORY_ROOM
from remit.console.web import as_json, form_text, identified, page, query, render, site_of, wants_json
from remit.errors import DecisionRefused
from remit.handover import ALLOWED
from remit.telling import Painted, Reader, story, text_of

MOST = 50
KEYS = {
    "approve": "a",
    "edit": "e",
    "answer": "w",
    "reject": "r",
    "happened": "y",
    "not_happened": "n",
}
NAMES = {
    "approve": "Approve",
    "edit": "Approve with changes",
    "answer": "Answer for the agent",
    "reject": "Reject",
    "happened": "It took place",
    "not_happened": "It never took place",
}
REASONS = ("Not allowed", "Wrong amount", "Wrong person", "Needs more information")


def review(request: Request, identity: Identity) -> Response:
    """The queues, and what waits in one of them, oldest first."""
    service = site_of(request).service
    queue = request.query_params.get("queue") or None
    filters = {"state": "open", **({"queue": queue} if queue else {})}
    found = cases_seen(service.log, identity, filters, cursor=request.query_params.get("cursor"), most=MOST)
    if wants_json(request):
        keys = ("case_id", "run_id", "queue", "question", "opened_at", "deadline")
        return as_json({"cases": [{key: row[key] for key in keys} for row in found.rows], "next": found.next})
    view = {
        "identity": identity,
        "queues": waiting_queues(service.log, identity),
        "queue": queue,
        "rows": found.rows,
        "next": found.next,
        "now": service.log.clock(),
        "command": f"remit cases --queue {queue}" if queue else "remit cases",
        "live": "/live",
    }
    return render(request, "review.html", view)


def case(request: Request, identity: Identity) -> Response:
    """One case in the order of decision."""
    service = site_of(request).service
    return case_view(request, identity, case_seen(service.log, identity, request.path_params["case_id"]))


def case_view(
    request: Request, identity: Identity, seen: CaseSeen, problem: str = "", status: int = 200
) -> Response:
    """The page of a case, with what was wrong with a decision where something was."""
    service = site_of(request).service
    log, facts = service.log, seen.facts
    entries = events_seen(log, identity, facts.run_id, unmasked=True)
    now = log.clock()
    open_ = facts.decided is None and not facts.voided
    allowed = ALLOWED[facts.opened.trigger] if open_ and identity.may(Act.DECIDE) else ()
    view = {
        "identity": identity,
        "seen": seen,
        "opened": facts.opened,
        "allowed": [(word, NAMES[word], KEYS[word]) for word in allowed],
        "reasons": REASONS,
        "arguments": json.dumps(facts.opened.arguments or {}, indent=2, ensure_ascii=False),
        "story": [_pieces(line) for line in story(entries, Reader(now=now, room=STORY_ROOM))],
        "similar": similar_cases(log, identity, seen),
        "others": cases_seen(log, identity, {"state": "open", "queue": seen.row["queue"]}, most=8).rows,
        "problem": problem,
        "now": now,
        "command": f"remit cases {facts.opened.case}",
    }
    return render(request, "case.html", view, status)


def _pieces(line: Any) -> list[tuple[str, str]]:
    return [
        (text_of(piece), piece.style.name.lower() if isinstance(piece, Painted) else "") for piece in line
    ]


async def decide(request: Request) -> Response:
    """Takes the decision and leads to the next case; what was refused is said beside the case."""
    identity = await identified(request, Act.DECIDE)
    service = site_of(request).service
    case_id = request.path_params["case_id"]
    form = await request.form()
    try:
        wish = _wish(form, identity)
        await run_in_threadpool(service.decide, identity, case_id, wish)
    except (DecisionRefused, ValueError) as refused:
        return await run_in_threadpool(_refused, request, identity, case_id, str(refused))
    queue = form_text(form, "queue")
    following = await run_in_threadpool(_next_case, service, identity, queue)
    done = {"queue": queue, "decided": case_id}
    return RedirectResponse(f"/review/{following}" if following else f"/review{query(done)}", 303)


def _wish(form: Any, identity: Identity) -> DecisionWish:
    decision = next((word for word in get_args(Decision) if word == form_text(form, "decision")), None)
    if decision is None:
        raise ValueError("Choose a decision.")
    arguments: dict[str, Any] | None = None
    if decision == "edit":
        try:
            arguments = json.loads(form_text(form, "arguments"))
        except ValueError as error:
            raise ValueError(f"The arguments are no JSON: {error}.") from error
        if not isinstance(arguments, dict):
            raise ValueError("The arguments are an object of names and values.")
    seen = form_text(form, "seen_seq")
    return DecisionWish(
        decision=decision,
        by=identity.name,
        reason=form_text(form, "reason") or form_text(form, "chip"),
        arguments=arguments,
        answer=form_text(form, "answer") or None if decision in ("answer", "happened") else None,
        seen_seq=int(seen) if seen.isdigit() else None,
    )


def _refused(request: Request, identity: Identity, case_id: str, problem: str) -> Response:
    seen = case_seen(site_of(request).service.log, identity, case_id)
    return case_view(request, identity, seen, problem, 409)


def _next_case(service: Service, identity: Identity, queue: str) -> str | None:
    filters = {"state": "open", **({"queue": queue} if queue else {})}
    rows = cases_seen(service.log, identity, filters, most=1).rows
    return rows[0]["case_id"] if rows else None


ROUTES = [
    page("/review", Act.SEE_CASES, review),
    page("/review/{case_id}", Act.SEE_CASES, case),
    Route("/review/{case_id}", decide, methods=["POST"]),
]
