"""Who sends a request: its headers and cookie as the house's own question, its answer as a dependency."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from remit.api.problems import Refused, retry_after
from remit.app import COOKIE, Act, Identity, Presented, Service, refusal

ACT = "act"
"""Where a dependency says which act it lets pass."""
CSRF_HEADER = "X-CSRF-Token"


def service_of(request: Request) -> Service:
    """The service that this app stands before."""
    service: Service = request.app.state.service
    return service


async def anybody(request: Request) -> Identity:
    """Whoever is recognised, within the rate of their key."""
    service = service_of(request)
    csrf = request.headers.get(CSRF_HEADER)
    presented = Presented.of(request.method, request.headers, request.cookies, csrf=csrf)
    identity = await run_in_threadpool(service.identify, presented)
    refuse_beyond_rate(service, service.delay_s(identity))
    return identity


def refuse_beyond_rate(service: Service, wait_s: float) -> None:
    """Refuses whoever has to wait still."""
    if wait_s > 0:
        raise Refused(
            429,
            "REMIT-RATE",
            f"More than {service.limits.requests_per_minute:g} requests a minute.",
            remedy=f"Try again in {wait_s:.1f} s.",
            headers=retry_after(wait_s),
        )


def allowed(act: Act) -> Callable[..., Awaitable[Identity]]:
    """A dependency that lets those pass whose role has the act."""

    async def judged(identity: Annotated[Identity, Depends(anybody)]) -> Identity:
        reason = refusal(identity, act)
        if reason is not None:
            raise Refused(403, "REMIT-ROLE", reason, remedy="Use a key of such a role.")
        return identity

    setattr(judged, ACT, act)
    return judged


TheService = Annotated[Service, Depends(service_of)]
Anybody = Annotated[Identity, Depends(anybody)]
Submitter = Annotated[Identity, Depends(allowed(Act.SUBMIT))]
Reader = Annotated[Identity, Depends(allowed(Act.READ))]
Canceller = Annotated[Identity, Depends(allowed(Act.CANCEL))]
CaseReader = Annotated[Identity, Depends(allowed(Act.SEE_CASES))]
Decider = Annotated[Identity, Depends(allowed(Act.DECIDE))]
AgentReader = Annotated[Identity, Depends(allowed(Act.SEE_AGENTS))]
MetricsReader = Annotated[Identity, Depends(allowed(Act.SEE_METRICS))]
FeedbackGiver = Annotated[Identity, Depends(allowed(Act.GIVE_FEEDBACK))]
Retrier = Annotated[Identity, Depends(allowed(Act.RETRY_NOTIFICATIONS))]
KeyKeeper = Annotated[Identity, Depends(allowed(Act.MANAGE_KEYS))]

SECURITY: list[dict[str, list[Any]]] = [{"key": []}, {"session": []}]
SCHEMES: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key that `remit key new` made."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}
"""How the description of the API names the ways in."""
