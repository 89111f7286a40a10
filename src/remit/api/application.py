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
from remit.api.guards import Counts, Guard
from remit.api.problems import Problem, handle_problems
from remit.api.who import SCHEMES, SECURITY
from remit.app import Limits, Service

DESCRIPTION = """\
Runs, cases and decisions of the agents that are served here. Every refusal is a problem
(`application/problem+json`) with a `code` that stays the same and a `remedy`.
"""
_OPEN = ("/health/live", "/health/ready", "/v1/oidc/sign-in", "/v1/oidc/callback")


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
    rooms = (runs, feedback, cases, case_actions, queues, notifications, agents, session, oidc, keys, health)
    for room in rooms:
        app.include_router(room.router)
    described: list[dict[str, Any]] = []

    def openapi() -> dict[str, Any]:
        if not described:
            described.append(_described(FastAPI.openapi(app)))
        return described[0]

    app.openapi = openapi
    return app


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's description with the ways in and our own form of refusals."""
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = SCHEMES
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if path not in _OPEN:
                operation["security"] = SECURITY
            invalid = operation["responses"].get("422", {}).get("content", {})
            if "application/json" in invalid:
                del operation["responses"]["422"]
    return schema
