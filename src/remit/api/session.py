"""Sessions of a browser over HTTP: a key opens one, and a cookie that no script can read holds it."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from remit.api.house_bodies import SessionBody, SignInRequest
from remit.api.problems import Refused, answers, retry_after
from remit.api.who import Anybody, TheService
from remit.app import COOKIE, Service, Session, csrf_of, same_origin, session_cookie, sign_in, sign_out

router = APIRouter(prefix="/v1/session", tags=["session"])


def from_here(request: Request) -> None:
    """Refuses what a page of another site sends: a sign-in can be forged as well."""
    origin = request.headers.get("origin")
    if origin is not None and not same_origin(origin, request.headers.get("host")):
        raise Refused(403, "REMIT-ORIGIN", "This came from a page of another site.")


def keep(response: Response, service: Service, request: Request, session: Session) -> None:
    """Puts the session's cookie on an answer."""
    cookie = session_cookie(session.token, scheme=request.url.scheme, public_url=service.public_url)
    response.set_cookie(**asdict(cookie))


@router.post("", status_code=201, dependencies=[Depends(from_here)], responses=answers(400, 403, 422))
async def open_session(
    body: SignInRequest, request: Request, response: Response, service: TheService
) -> SessionBody:
    """Sign in with a key. Everything that changes something sends `csrf` back as `X-CSRF-Token`."""
    client = request.client.host if request.client is not None else "nobody"
    wait_s = service.delay_of(f"sign-in {client}")
    if wait_s > 0:
        raise Refused(429, "REMIT-RATE", "Too many sign-ins.", headers=retry_after(wait_s))
    session = await run_in_threadpool(sign_in, service.log, body.key)
    keep(response, service, request, session)
    return SessionBody(name=session.identity.name, role=session.identity.role, csrf=session.csrf)


@router.get("", responses=answers())
async def get_session(request: Request, identity: Anybody) -> SessionBody:
    """Who you are here."""
    token = request.cookies.get(COOKIE)
    by_cookie = token is not None and "authorization" not in request.headers
    csrf = csrf_of(token) if token is not None and by_cookie else ""
    return SessionBody(name=identity.name, role=identity.role, csrf=csrf)


@router.delete("", status_code=204, responses=answers(403))
async def close_session(
    request: Request, response: Response, service: TheService, identity: Annotated[object, Depends(from_here)]
) -> None:
    """Sign out."""
    token = request.cookies.get(COOKIE)
    if token is not None:
        await run_in_threadpool(sign_out, service.log, token)
    response.delete_cookie(COOKIE, path="/")
