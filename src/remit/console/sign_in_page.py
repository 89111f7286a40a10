"""Signing in with a key, signing out, and what is said to whoever may not see a page."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from remit.app import COOKIE, csrf_fits, same_origin, session_cookie, sign_in, sign_out
from remit.console.web import form_text, render, site_of
from remit.errors import AccessRefused, NotFound, RemitError


async def show(request: Request) -> Response:
    """The form."""
    return render(request, "sign_in.html", {"problem": "", "next": _next(request.query_params.get("next"))})


async def enter(request: Request) -> Response:
    """A key opens a session; whoever has none is told so."""
    form = await request.form()
    target = _next(form_text(form, "next"))
    origin = request.headers.get("origin")
    service = site_of(request).service
    client = request.client.host if request.client is not None else "nobody"
    problem = "This came from a page of another site."
    if origin is None or same_origin(origin, request.headers.get("host")):
        wait_s = service.delay_of(f"sign-in {client}")
        problem = f"Too many attempts. Try again in {wait_s:.0f} s." if wait_s > 0 else ""
    if not problem:
        try:
            session = await run_in_threadpool(sign_in, service.log, form_text(form, "key"))
        except AccessRefused as refused:
            problem = str(refused)
        else:
            response = RedirectResponse(target, 303)
            cookie = session_cookie(session.token, scheme=request.url.scheme, public_url=service.public_url)
            response.set_cookie(**asdict(cookie))
            return response
    return render(request, "sign_in.html", {"problem": problem, "next": target}, 403)


async def leave(request: Request) -> Response:
    """The session ends here and in the log; another site's page cannot end it."""
    origin = request.headers.get("origin")
    token = request.cookies.get(COOKIE)
    if token is not None:
        own = origin is None or same_origin(origin, request.headers.get("host"))
        if not own or not csrf_fits(token, form_text(await request.form(), "csrf")):
            raise AccessRefused("This came from a page of another site.", remedy="Load the page anew.")
        await run_in_threadpool(sign_out, site_of(request).service.log, token)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


def _next(given: str | None) -> str:
    """Where to go afterwards: a path of this site only."""
    return given if given and given.startswith("/") and not given.startswith(("//", "/\\")) else "/"


async def refused(request: Request, error: Exception) -> Response:
    """A browser without a session is led to the form; a change without a token is told why not."""
    if request.method in ("GET", "HEAD"):
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(path)}", 303)
    return _said(request, 403, "This was not taken.", error)


async def missing(request: Request, error: Exception) -> Response:
    """What is not there, or not theirs to see."""
    return _said(request, 404, "There is no such thing here.", error)


async def failed(request: Request, error: Exception) -> Response:
    """What the house says went wrong, with what to do."""
    return _said(request, 503, "This cannot be shown at the moment.", error)


async def plainly(request: Request, error: Exception) -> Response:
    """What the web says went wrong."""
    assert isinstance(error, HTTPException)
    title = {403: "This is not for your role.", 404: "There is no such page."}.get(error.status_code, "No.")
    return render(request, "problem.html", {"title": title, "detail": error.detail}, error.status_code)


def _said(request: Request, status: int, title: str, error: Exception) -> Response:
    return render(request, "problem.html", {"title": title, "detail": str(error)}, status)


async def broken(request: Request, error: Exception) -> Response:
    """What nobody foresaw; the server's own log says what it was."""
    detail = "Something went wrong on this page. The log of the runs is not touched by it."
    return render(request, "problem.html", {"title": "This page is broken.", "detail": detail}, 500)


HANDLERS: dict[Any, Callable[[Request, Exception], Any]] = {
    AccessRefused: refused,
    NotFound: missing,
    RemitError: failed,
    HTTPException: plainly,
    Exception: broken,
}
ROUTES = [
    Route("/sign-in", show, methods=["GET"]),
    Route("/sign-in", enter, methods=["POST"]),
    Route("/sign-out", leave, methods=["POST"]),
]
