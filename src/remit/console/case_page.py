"""One case, in the order of decision: what is asked, what would change, why here, on which evidence."""

import json
from collections.abc import Callable, Sequence
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
    next_case,
    similar_cases,
    sureness_of,
)
from remit.console.proposal import Line, proposal
from remit.console.run_page import STORY_ROOM
from remit.console.web import (
    as_json,
    form_text,
    identified,
    page,
    query,
    render,
    site_of,
    told,
    wants_json,
)
from remit.console.writing import MOST_CHARACTERS
from remit.contract import limit_texts
from remit.errors import DecisionRefused, NotFound
from remit.event import Admitted, Done
from remit.handover import DRAFT, PROPOSAL, allowed
from remit.handover import CaseState as CaseFacts
from remit.log import Entry
from remit.telling import Reader, json_safe, story

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
PUT_OFF_S = {"an hour": 3600.0, "four hours": 14_400.0, "a day": 86_400.0}
REASONS = ("Not allowed", "Wrong amount", "Wrong person", "Needs more information")
EFFECTS = {
    "read": "It only reads.",
    "idempotent": "Doing it twice is the same as doing it once.",
    "keyed": "The other side recognises a repetition and does it once.",
    "irreversible": "It cannot be taken back.",
}
SOURCES = {
    "tool": "fetched then",
    "last_known": "the last that was known",
    "once_per": "the record of the same action, done before",
    "reconciled": "found by asking the other side",
    "person": "what a person said",
    "asked": "what came back to its own question",
}
OTHERS = 8


def case(request: Request, identity: Identity) -> Response:
    """One case, or the same as data."""
    seen = case_seen(site_of(request).service.log, identity, request.path_params["case_id"])
    return as_json(_data(seen)) if wants_json(request) else case_view(request, identity, seen)


def case_view(
    request: Request, identity: Identity, seen: CaseSeen, problem: str = "", status: int = 200
) -> Response:
    """The page of a case, with what was wrong with a decision where something was."""
    service = site_of(request).service
    log, facts = service.log, seen.facts
    entries = events_seen(log, identity, facts.run_id, unmasked=True)
    before = [entry for entry in entries if entry.seq <= facts.evidence_seq]
    now = log.clock()
    open_ = facts.decided is None and not facts.voided
    possible = allowed(facts.opened) if open_ and identity.may(Act.DECIDE) else ()
    arguments = json_safe(json.dumps(facts.opened.arguments or {}, indent=2, ensure_ascii=False))
    others = cases_seen(log, identity, {"state": "open", "queue": seen.row["queue"]}, most=OTHERS).rows
    view = {
        "identity": identity,
        "seen": seen,
        "opened": facts.opened,
        "draft": (facts.opened.arguments or {}).get(DRAFT) if facts.opened.tool is None else None,
        "proposed": (facts.opened.arguments or {}).get(PROPOSAL) if facts.opened.tool is None else None,
        "of_agent": facts.opened.trigger == "agent_request",
        "lines": _lines(service, seen, before),
        "effect": _effect(service, seen),
        "sure": sureness_of(log, before) if facts.opened.tool is None else None,
        "evidence": [_evidence(entry) for entry in before if isinstance(entry.event, Done)],
        "admitted": next((entry for entry in entries if isinstance(entry.event, Admitted)), None),
        "allowed": [(word, NAMES[word], KEYS[word]) for word in possible],
        "reasons": REASONS,
        "arguments": arguments if len(arguments) <= MOST_CHARACTERS else "",
        "story": told(story(entries, Reader(now=now, room=STORY_ROOM))),
        "similar": similar_cases(log, identity, seen),
        "others": others,
        "queues": _queues(service, seen) if possible else [],
        "put_off": PUT_OFF_S,
        "taken": taken_by(facts, identity, now),
        "reserved": facts.reserved if facts.reserved is not None and facts.reserved.until > now else None,
        "before": case_before(request, identity) if status == 200 else None,
        "problem": problem,
        "now": now,
        "command": f"remit cases {facts.opened.case}",
        "live": "/live",
    }
    return render(request, "case.html", view, status)


def _queues(service: Service, seen: CaseSeen) -> list[str]:
    """The queues of its remit that the case can go to."""
    remit = service.agents.get(seen.row["agent"])
    if remit is None:
        return []
    known = {*remit.contract.queues, *([remit.contract.handover] if remit.contract.handover else [])}
    of_experts = {name for name, queue in remit.contract.queues.items() if queue.then is not None}
    return sorted(known - of_experts - {seen.row["queue"]})


def taken_by(facts: CaseFacts, identity: Identity, now: float) -> str:
    """Who else works on the case at the moment; empty where nobody does."""
    reserved = facts.reserved
    return reserved.by if reserved and reserved.until > now and reserved.by != identity.name else ""


def case_before(request: Request, identity: Identity) -> dict[str, Any] | None:
    """The case that was decided just before this page, and until when that can be taken back."""
    asked = request.query_params.get("decided")
    if not asked:
        return None
    log = site_of(request).service.log
    try:
        facts = case_seen(log, identity, asked).facts
    except NotFound:
        return None
    decided = facts.decided
    left_s = decided.counts_from - log.clock() if decided is not None and facts.held else 0.0
    own = decided is not None and decided.by == identity.name
    left_s = left_s if own and left_s > 0 else 0.0
    return {"case": asked, "run_id": facts.run_id, "decided": decided, "left_s": left_s}


def _lines(service: Service, seen: CaseSeen, before: Sequence[Entry]) -> list[Line]:
    opened = seen.facts.opened
    if opened.tool is None or not opened.arguments:
        return []
    remit = service.agents.get(seen.row["agent"])
    rule = remit.contract.tools.get(opened.tool) if remit is not None else None
    texts = limit_texts(rule) if rule is not None else ()
    bounds = {name: bound for name, must, bound in (text.partition(" must be ") for text in texts) if must}
    return proposal(opened.arguments, opened.origins, before, bounds)


def _effect(service: Service, seen: CaseSeen) -> str:
    remit = service.agents.get(seen.row["agent"])
    tool = remit.tools.get(seen.facts.opened.tool or "") if remit is not None else None
    return EFFECTS[tool.effect] if tool is not None else ""


def _evidence(entry: Entry) -> dict[str, Any]:
    done = entry.event
    assert isinstance(done, Done)
    return {
        "seq": entry.seq,
        "tool": done.tool,
        "at": done.as_of or entry.at,
        "source": SOURCES[done.source],
        "integrity": done.integrity.value.replace("_", " "),
        "result": done.result,
    }


def _data(seen: CaseSeen) -> dict[str, Any]:
    facts, opened = seen.facts, seen.facts.opened
    return {
        "case": opened.case,
        "run_id": facts.run_id,
        "queue": seen.row["queue"],
        "state": seen.row["state"],
        "trigger": opened.trigger,
        "question": opened.question,
        "why": opened.why,
        "tool": opened.tool,
        "arguments": opened.arguments,
        "deadline": opened.deadline,
        "otherwise": opened.otherwise,
        "seen_seq": facts.evidence_seq,
        "decided": {
            "decision": facts.decided.decision,
            "by": facts.decided.by,
            "reason": facts.decided.reason,
        }
        if facts.decided is not None
        else None,
    }


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
    done = query({"decided": case_id})
    # The heading takes the focus: the next case is read from its beginning, with or without a script.
    target = f"/review/{following}{done}#heading" if following else f"/review{done}#heading"
    return RedirectResponse(target, 303)


def _wish(form: Any, identity: Identity) -> DecisionWish:
    decision = next((word for word in get_args(Decision) if word == form_text(form, "decision")), None)
    if decision is None:
        raise ValueError("Choose a decision.")
    arguments: dict[str, Any] | None = None
    if decision == "edit":
        try:
            arguments = json.loads(form_text(form, "arguments"))
        except (ValueError, RecursionError) as error:
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
        seen_seq=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
    )


async def act(request: Request) -> Response:
    """Hands the case on, puts it off, keeps it, lets it go or takes a decision back."""
    identity = await identified(request, Act.DECIDE)
    service = site_of(request).service
    case_id, name = request.path_params["case_id"], request.path_params["act"]
    form = await request.form()
    try:
        queue = await run_in_threadpool(_acted, service, identity, case_id, name, form)
    except (DecisionRefused, ValueError) as refused:
        return await run_in_threadpool(_refused, request, identity, case_id, str(refused))
    if name in ("hand", "snooze"):
        following = await run_in_threadpool(_next_case, service, identity, queue)
        return RedirectResponse(f"/review/{following}#heading" if following else "/review#heading", 303)
    return RedirectResponse(f"/review/{case_id}#heading", 303)


def _acted(service: Service, identity: Identity, case_id: str, name: str, form: Any) -> str:
    """Does it; the queue that the case was in."""
    seen = case_seen(service.log, identity, case_id)
    cases, by = service.reviewing(identity, case_id), identity.name
    reason = form_text(form, "reason")
    acts: dict[str, Callable[[], object]] = {
        "hand": lambda: cases.hand_on(case_id, form_text(form, "to"), by=by, reason=reason),
        "snooze": lambda: cases.snooze(case_id, by=by, for_s=_put_off_s(form_text(form, "for"))),
        "reserve": lambda: cases.reserve(case_id, by=by),
        "release": lambda: cases.release(case_id, by=by),
        "undo": lambda: cases.undo(case_id, by=by),
    }
    if name not in acts:
        raise ValueError("There is no such thing to do with a case.")
    acts[name]()
    queue: str = seen.row["queue"]
    return queue


def _put_off_s(text: str) -> float:
    if text not in PUT_OFF_S:
        raise ValueError("Choose for how long it is put off.")
    return PUT_OFF_S[text]


def _refused(request: Request, identity: Identity, case_id: str, problem: str) -> Response:
    seen = case_seen(site_of(request).service.log, identity, case_id)
    return case_view(request, identity, seen, problem, 409)


def _next_case(service: Service, identity: Identity, queue: str) -> str | None:
    filters = {"queue": queue} if queue else {}
    found = next_case(service.log, identity, filters, by=identity.name).row
    return found["case_id"] if found is not None else None


ROUTES = [
    page("/review/{case_id}", Act.SEE_CASES, case),
    Route("/review/{case_id}", decide, methods=["POST"]),
    Route("/review/{case_id}/{act}", act, methods=["POST"]),
]
