"""How the API is described: FastAPI's words, the ways in, who may, our own refusals, what a name means."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from remit.api.problems import Problem
from remit.api.who import ACT, SCHEMES, SECURITY
from remit.app import MAY, Act

OPEN = {
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("get", "/v1/oidc/sign-in"),
    ("get", "/v1/oidc/callback"),
    ("post", "/v1/session"),
}
"""Operations that nobody needs to be recognised for."""
ROLES = "x-roles"
"""Which roles may carry an operation out, in the description; where it is missing, whoever is recognised."""
_ONLY = "Only those of this"
PARAMETERS = {
    "after": "Only what comes after this number.",
    "agent": f"{_ONLY} agent.",
    "by": "Who asks; only without keys, otherwise it is the key's name.",
    "case_id": "The case's id.",
    "conversation": f"{_ONLY} conversation.",
    "cursor": "The `next` of the page before; the first page without it.",
    "form": "How it is written.",
    "key_id": "The key's id, which is no secret.",
    "limit": "How many at most.",
    "mode": "Only those with this failure mode.",
    "name": "The agent's name.",
    "notification": "The notification's id.",
    "outcome": "Only those that ended so.",
    "queue": f"{_ONLY} queue.",
    "release": f"{_ONLY} release, by its hash.",
    "run": f"{_ONLY} run.",
    "run_id": "The run's id.",
    "state": "Only those in this state.",
    "tenant": f"{_ONLY} tenant.",
    "user": "Only those of this user, by the `id` that was vouched for.",
    "Last-Event-ID": "The id of the last event that you have; a browser's `EventSource` sends it by itself.",
}
"""What a parameter means that has no words of its own."""
FIELDS = {
    "admitted_at": "When the input was durably taken on.",
    "agent": "The agent's name.",
    "agents": "Those that it is for; every one where the list is empty.",
    "answer": "What a person answered.",
    "arguments": "The arguments of the call, or what else is decided on.",
    "as_of": "From when the oldest of its information is.",
    "at": "When it happened.",
    "body": "What happened, by its kind; see the reference of events.",
    "by": "Who it was; of an outcome, `person` or `expert` where not the agent itself answered.",
    "case": "The case's id.",
    "cases": "The cases of this page.",
    "comment": "In words.",
    "confidence": "How likely it is to be right, where that was measured.",
    "conversation": "What it belongs to, where it does.",
    "cost_usd": "What its model calls cost, in US dollars.",
    "created_at": "When it was made.",
    "csrf": "Goes back as `X-CSRF-Token`.",
    "deadline": "When the declared default counts; none where it waits for ever.",
    "decided": "The decision, where there is one.",
    "decision": "What was decided, or is to be.",
    "does": "What it is for.",
    "does_not": "What it declines.",
    "done": "What was done, as the event in the log is called.",
    "ended_at": "When it ended.",
    "events": "The events of this page, in order.",
    "expert": "The other agent or model, where one decides or decided.",
    "expires_at": "When it ends by itself.",
    "id": "Its own id.",
    "key": "The key: its id, or in a request to sign in the whole of it.",
    "keys": "All keys, oldest first.",
    "kind": "What it is: the same word in every language.",
    "message": "What can be shown to the user as it is.",
    "missing": "What the answer lacks.",
    "mode": "The failure mode, where one led here.",
    "name": "The name of whoever uses the key.",
    "notification": "The notification's id.",
    "notifications": "The notifications of this page.",
    "open": "How many wait.",
    "opened_at": "Since when it waits.",
    "output": "The answer: a text, or what the remit's output schema describes.",
    "outcome": "How it ended.",
    "priority": "Cases of a greater one come first.",
    "purpose": "What it is there for, in a sentence.",
    "question": "What is asked, written from typed arguments.",
    "queue": "The queue's name.",
    "queues": "Its queues; of a key, those that it is for, and every one where the list is empty.",
    "rating": "Whether it went well.",
    "reason": "Why.",
    "release": "The hash of the release that it runs under.",
    "reserved_by": "Who works on it, until `reserved_until`.",
    "reserved_until": "Until then nobody else decides it.",
    "revoked_at": "When it was revoked.",
    "role": "What its bearer may do.",
    "run_id": "The run's id.",
    "runs": "The runs of this page.",
    "secret": "The key itself; it is shown this once.",
    "seq": "Its number in the run, from 0 on.",
    "snoozed_until": "Until then it is put off.",
    "source": "Whether one of your people said it, or an end user with a token.",
    "state": "How it stands.",
    "status": "The status of the answer, or how the server is.",
    "steps": "How often a model was asked.",
    "tenant": "Whose it is.",
    "tenants": "Those that it is for; every one where the list is empty.",
    "title": "The kind of refusal, in words.",
    "token": "The token.",
    "tokens": "How many tokens its model calls took.",
    "tool": "The tool of the call that it is about.",
    "tools": "Its tools.",
    "trigger": "Why a person is needed, as a word.",
    "type": "The same as `code`, as a name of its own.",
    "until": "Until when it is reserved or put off.",
    "user": "Whose input it was: the `id` that was vouched for.",
    "verify": "What to check before relying on it.",
    "why": "Why it came here, in a sentence.",
}
"""What a field means that has no words of its own."""


def described(schema: dict[str, Any], routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """FastAPI's description, made whole."""
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = SCHEMES
    for each in schemas.values():
        for name, field in each.get("properties", {}).items():
            _said(field, name, FIELDS)
    roles = dict(_roles(routes))
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _operation((method, path), operation, roles.get((method, path)))
    return schema


def _operation(at: tuple[str, str], operation: dict[str, Any], roles: list[str] | None) -> None:
    if at not in OPEN:
        operation["security"] = SECURITY
    if roles is not None:
        operation[ROLES] = roles
    for parameter in operation.get("parameters", ()):
        _said(parameter, parameter["name"], PARAMETERS)
    invalid = operation["responses"].get("422", {}).get("content", {})
    if "application/json" in invalid:
        del operation["responses"]["422"]


def _said(field: dict[str, Any], name: str, words: dict[str, str]) -> None:
    if "description" not in field and "description" not in field.get("schema", {}) and name in words:
        field["description"] = words[name]


def _roles(routes: Iterable[BaseRoute]) -> Iterator[tuple[tuple[str, str], list[str]]]:
    for route in routes:
        acts = set(_acts(route.dependant)) if isinstance(route, APIRoute) else set[Act]()
        if isinstance(route, APIRoute) and acts:
            roles = roles_with(*acts)
            yield from (((method.lower(), route.path), roles) for method in route.methods or ())


def roles_with(*acts: Act) -> list[str]:
    """The roles that may do all of these."""
    return [str(role) for role, may in MAY.items() if may.issuperset(acts)]


def _acts(dependant: Dependant) -> Iterator[Act]:
    """The acts that a request needs, from the dependencies that judge it."""
    for each in dependant.dependencies:
        act = cast(Act | None, getattr(each.call, ACT, None))
        if act is not None:
            yield act
        yield from _acts(each)
