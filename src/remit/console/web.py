"""From a request to an identity, and from a view to a page."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote, urlencode

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from remit.app import (
    COOKIE,
    READING,
    Act,
    AgentNumbers,
    Identity,
    Presented,
    Recent,
    Service,
    csrf_of,
    refusal,
)
from remit.console.statics import address_of
from remit.console.writing import Templates
from remit.handover import WHOLE, value_text
from remit.telling import (
    Line,
    Painted,
    clock_time,
    count,
    duration,
    iso_time,
    moment_of,
    money,
    plain,
    short_time,
    shortened,
    text_of,
)

SITE = "remit_site"
MOST_LINES = 400
YEAR_S = 31_536_000.0
AT_ONCE = 2
"""Pages that are made at the same time. More threads share one interpreter: each page would only take longer,
and the shortest as long as the longest."""


class Site:
    """What every page needs: the service, and the templates."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.templates = environment()
        self.numbers: Recent[Mapping[str, AgentNumbers]] = Recent(time.monotonic)
        """Every agent's numbers as one may see them; the home page is open on many screens."""
        self.numbers_before: Recent[AgentNumbers] = Recent(time.monotonic)
        self.deadlines: Recent[Mapping[str, float | None]] = Recent(time.monotonic)
        self.runbooks: dict[str, Any] = {}
        """By release: what is printed from a remit stays as it is."""
        self.threads = CapacityLimiter(AT_ONCE)


def environment() -> Templates:
    """The templates with the words that all of them share."""
    made = Templates("remit.console")
    words: dict[str, Any] = {
        "clock": clock_time,
        "count": count,
        "cut": shortened,
        "duration": duration,
        "iso": iso_time,
        "money": money,
        "plain": plain,
        "part": _part,
        "query": query,
        "short": short_time,
        "value": _value,
    }
    made.filters.update(words)
    given: dict[str, Any] = {"acts": Act, "asset": address_of}
    made.globals.update(given)
    return made


def query(values: Mapping[str, object]) -> str:
    """The part of an address after the question mark, without what is empty."""
    kept = {name: value for name, value in values.items() if value not in (None, "", False)}
    return f"?{urlencode(kept)}" if kept else ""


def _part(text: str) -> str:
    """One part of an address, whatever stands in it."""
    return quote(text, safe="")


def _value(value: object) -> str:
    """A value of a call as a person must see it to decide: nothing hidden, nothing like another."""
    return value_text(value, WHOLE)


def told(lines: Sequence[Line]) -> list[list[tuple[str, str]]]:
    """Lines for the template, as many as a page bears; what is left out is said."""
    shown = [pieces(line) for line in lines[:MOST_LINES]]
    left = len(lines) - len(shown)
    return (
        [*shown, [(f"… {count(left, 'more line')}; the command below prints all", "faint")]]
        if left
        else shown
    )


def pieces(line: Line) -> list[tuple[str, str]]:
    """Each piece with the name of its style, for the template."""
    return [
        (text_of(piece), piece.style.name.lower() if isinstance(piece, Painted) else "") for piece in line
    ]


def moment(text: str, now: float) -> float:
    """The moment that somebody typed, within the calendar; ValueError with a sentence otherwise."""
    try:
        found = moment_of(text, now)
    except OverflowError:
        found = 0.0
    return min(max(found, 0.0), now + YEAR_S)


def site_of(request: Request) -> Site:
    """The site that this request is for."""
    return cast(Site, getattr(request.app.state, SITE))


async def identified(request: Request, act: Act) -> Identity:
    """Who asks, if they may; AccessRefused leads to the sign-in, a missing role to a sentence."""
    csrf = None
    if request.method not in READING:
        form = await request.form()
        csrf = str(form.get("csrf", "")) or None
    presented = Presented.of(request.method, request.headers, request.cookies, csrf=csrf)
    return await run_in_threadpool(_recognised, site_of(request).service, presented, act)


def _recognised(service: Service, presented: Presented, act: Act) -> Identity:
    identity = service.identify(presented)
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


def wants_lines(request: Request) -> bool:
    """Whether the page's table is asked for as JSON lines."""
    return request.query_params.get("format") == "jsonl"


def as_lines(rows: Iterable[Mapping[str, object]]) -> Response:
    """A table as JSON lines, a row each."""
    text = "".join(json.dumps(row) + "\n" for row in rows)
    return Response(text, media_type="application/jsonl", headers={"Cache-Control": "no-store"})


def page(path: str, act: Act, view: Callable[[Request, Identity], Response]) -> Route:
    """A route whose view runs on a thread, because it reads the log; it changes nothing."""

    def seen(request: Request) -> Response:
        presented = Presented.of(request.method, request.headers, request.cookies, csrf=None)
        return view(request, _recognised(site_of(request).service, presented, act))

    async def answered(request: Request) -> Response:
        return await to_thread.run_sync(seen, request, limiter=site_of(request).threads)

    return Route(path, answered)


def form_text(form: Mapping[str, Any], name: str) -> str:
    """What was typed into a field."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
