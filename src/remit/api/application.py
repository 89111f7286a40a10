"""The API as one ASGI application before a service."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from remit.api import (
    agents,
    case_actions,
    cases,
    feedback,
    health,
    keys,
    notifications,
    oidc,
    queues,
    runs,
    session,
)
from remit.api.describing import described
from remit.api.guards import Counts, Guard
from remit.api.problems import handle_problems
from remit.app import Limits, Service

DESCRIPTION = """\
Runs, cases and decisions of the agents that are served here. Every refusal is a problem
(`application/problem+json`) with a `code` that stays the same and a `remedy`.
"""
ROOMS = (runs, feedback, cases, case_actions, queues, notifications, agents, session, oidc, keys, health)


def api(service: Service) -> FastAPI:
    """The API of that service; whoever runs it starts and stops the service.

    Other doors may be mounted on it: it answers under `/v1`, `/health`, `/metrics` and `/openapi.json`.
    """
    app = _app(service.limits)
    app.state.service = service
    return app


def description() -> dict[str, Any]:
    """The API in the words of OpenAPI 3.1, the same for every service."""
    return _app(Limits()).openapi()


def _app(limits: Limits) -> FastAPI:
    counts = Counts()
    app = FastAPI(
        title="Remit",
        version=version("remit"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Guard, body_bytes=limits.body_bytes, counts=counts)],
    )
    app.state.counts = counts
    handle_problems(app)
    for room in ROOMS:
        app.include_router(room.router)
    known: list[dict[str, Any]] = []

    def openapi() -> dict[str, Any]:
        if not known:
            known.append(
                described(FastAPI.openapi(app), [each for room in ROOMS for each in room.router.routes])
            )
        return known[0]

    app.openapi = openapi
    return app
