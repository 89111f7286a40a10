"""Errors as problem details (RFC 9457): every refusal of the API is one of these, never a trace."""

import json
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from remit.errors import (
    AccessRefused,
    CursorInvalid,
    DecisionRefused,
    NotFound,
    RemitError,
    StoreError,
    TryLater,
)

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "The request cannot be read",
    401: "Nobody is recognised",
    403: "Not allowed",
    404: "Not found",
    405: "No such method",
    409: "It does not fit what is there",
    413: "Too large",
    415: "Another content type is expected",
    422: "The request does not fit",
    429: "Too many requests",
    500: "Something unexpected happened",
    503: "Not now",
}
_DECISION_STATUS = {"unfit": 422, "not_entitled": 403}
"""The status of a refused decision by its ground; the others are conflicts."""


CODES = {
    "REMIT-IDEMPOTENCY": "the key stands for another input",
    "REMIT-OIDC": "no identity provider is set up",
    "REMIT-ORIGIN": "another site's page sent it",
    "REMIT-RATE": "too many requests",
    "REMIT-REQUEST": "the request cannot be read or does not fit",
    "REMIT-ROLE": "the role may not",
    "REMIT-TENANT": "the key is for other tenants",
    "REMIT-TOO-LARGE": "the body is too large",
    "REMIT-UNEXPECTED": "the server's log says what",
}
"""The codes of the door itself; the others are those of the errors of the rooms below."""
_CODES = "; ".join(f"`{code}`: {meaning}" for code, meaning in CODES.items())


class FieldError(BaseModel):
    """One field that does not fit."""

    where: str = Field(description="The way to the field.", examples=["body.agent"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """Why a request was refused, and what to do (RFC 9457)."""

    type: str = Field(examples=["urn:remit:error:REMIT-NOT-FOUND"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="What happened.", examples=["There is no run 1jq3."])
    code: str = Field(
        description=f"The same in every language and version. Of HTTP alone: {_CODES}. The others are errors"
        " of Remit's, such as `REMIT-NOT-FOUND`.",
        examples=["REMIT-NOT-FOUND"],
    )
    remedy: str = Field(default="", description="What to do.", examples=["`GET /v1/runs` lists them."])
    errors: list[FieldError] = Field(default_factory=list[FieldError], description="Fields that do not fit.")


class Refused(Exception):
    """A refusal that no error of the rooms below stands for."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.headers = headers or {}


def response(
    status: int,
    code: str,
    detail: str,
    *,
    remedy: str = "",
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem as an answer."""
    problem = Problem(
        type=f"urn:remit:error:{code}",
        title=_TITLES.get(status, "Refused"),
        status=status,
        detail=detail,
        code=code,
        remedy=remedy,
        errors=errors or [],
    )
    content = problem.model_dump_json(exclude_defaults=True)
    return Response(content, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def retry_after(wait_s: float) -> dict[str, str]:
    """The header that says when to try again, in whole seconds."""
    return {"Retry-After": str(max(1, math.ceil(wait_s)))}


def of_error(error: RemitError) -> Response:
    """The answer that an error of the rooms below stands for."""
    match error:
        case NotFound():
            status, headers = 404, {}
        case AccessRefused():
            status, headers = 401, {"WWW-Authenticate": 'Bearer realm="remit"'}
        case DecisionRefused():
            status, headers = _DECISION_STATUS.get(error.ground, 409), {}
        case CursorInvalid():
            status, headers = 422, {}
        case TryLater():
            status, headers = 503, retry_after(error.retry_after_s)
        case StoreError():
            status, headers = 503, retry_after(5)
        case _:
            return response(500, error.code, "This could not be done.", remedy="The server's log says why.")
    return response(status, error.code, error.message, remedy=error.remedy, headers=headers)


def handle_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem."""
    app.add_exception_handler(RemitError, _remit_error)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _does_not_fit)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


async def _remit_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RemitError), "registered for these alone"
    return of_error(error)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused), "registered for these alone"
    return response(error.status, error.code, error.detail, remedy=error.remedy, headers=error.headers)


async def _does_not_fit(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for these alone"
    found = [_field_error(each) for each in error.errors()]
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return response(400, "REMIT-REQUEST", "The body is not JSON.", errors=found)
    detail = "; ".join(f"{each.where}: {each.message}" for each in found[:3])
    return response(422, "REMIT-REQUEST", detail, errors=found)


def _field_error(found: Mapping[str, Any]) -> FieldError:
    where = ".".join(str(part) for part in found["loc"])
    return FieldError(where=_printable(where), message=_printable(str(found["msg"])))


def _printable(text: str) -> str:
    """The text as JSON can hold it: half a character pair becomes its escape."""
    return text if text.isprintable() else json.dumps(text)[1:-1]


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for these alone"
    return response(error.status_code, "REMIT-REQUEST", _printable(str(error.detail)), headers=error.headers)


async def _unexpected(_: Request, error: Exception) -> Response:
    remedy = "The server's log says what; try again, or tell whoever looks after it."
    return response(500, "REMIT-UNEXPECTED", "Something unexpected happened.", remedy=remedy)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an operation, for its description."""
    always = (401, 413, 429, 503)
    return {
        status: {
            "description": _TITLES[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({*statuses, *always})
    }
