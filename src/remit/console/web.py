"""From a request to an identity, and from a view to a page."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from remit.app import COOKIE, Act, Identity, Presented, Service, csrf_of, refusal
from remit.console.statics import address_of
from remit.telling import clock_time, count, duration, iso_time, money, plain, short_time

SITE = "remit_site"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
Page = Callable[[Request], Awaitable[Response]]


class Site:
    """What every page needs: the service, and the templates."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.templates = environment()


def environment() -> Environment:
    """Templates that escape everything, whatever a file is called, and refuse what is not given."""
    made = Environment(
        loader=PackageLoader("remit.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: dict[str, Any] = {
        "clock": clock_time,
        "count": count,
        "duration": duration,
        "iso": iso_time,
        "money": money,
        "plain": plain,
        "query": query,
        "short": short_time,
    }
    made.filters.update(words)
    given: dict[str, Any] = {"asset": address_of}
    made.globals.update(given)
    return made


def query(values: Mapping[str, object]) -> str:
    """The part of an address after the question mark, without what is empty."""
    kept = {name: value for name, value in values.items() if value not in (None, "", False)}
    return f"?{urlencode(kept)}" if kept else ""


def site_of(request: Request) -> Site:
    """The site that this request is for."""
    return cast(Site, getattr(request.app.state, SITE))


def presented(request: Request, csrf: str | None = None) -> Presented:
    """What the request says of its sender."""
    headers = request.headers
    return Presented(
        host=headers.get("host"),
        changes=request.method not in READING,
        authorization=headers.get("authorization"),
        session=request.cookies.get(COOKIE),
        csrf=csrf,
        origin=headers.get("origin"),
        forwarded=any(name in headers for name in _FORWARDED),
    )


async def identified(request: Request, act: Act) -> Identity:
    """Who asks, if they may; AccessRefused leads to the sign-in, a missing role to a sentence."""
    csrf = None
    if request.method not in READING:
        form = await request.form()
        csrf = str(form.get("csrf", "")) or None
    identity = await run_in_threadpool(site_of(request).service.identify, presented(request, csrf))
    reason = refusal(identity, act)
    if reason is not None:
        raise HTTPException(403, reason)
    return identity


def render(request: Request, template: str, view: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """A page with the frame that all pages share."""
    site = site_of(request)
    token = request.cookies.get(COOKIE)
    frame = {
        "path": request.url.path,
        "csrf": csrf_of(token) if token else "",
        "command": "",
        "identity": None,
        "live": "",
    }
    text = site.templates.get_template(template).render({**frame, **view})
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})


def wants_json(request: Request) -> bool:
    """Whether the same view is asked for as data."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


def as_json(view: object) -> JSONResponse:
    """A view as data."""
    return JSONResponse(view, headers={"Cache-Control": "no-store"})


def page(path: str, act: Act, view: Callable[[Request, Identity], Response], *methods: str) -> Route:
    """A route whose view runs on a thread, because it reads the log."""

    async def answered(request: Request) -> Response:
        identity = await identified(request, act)
        return await run_in_threadpool(view, request, identity)

    return Route(path, answered, methods=list(methods or ("GET",)))


def form_text(form: Mapping[str, Any], name: str) -> str:
    """What was typed into a field."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
