"""The console on the application of a service: its routes, its files, its headers."""

from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from remit.app import Service
from remit.console import (
    agent_page,
    case_page,
    home_page,
    live,
    notifications_page,
    review_page,
    run_page,
    runs_page,
    sign_in_page,
    statics,
)
from remit.console.web import SITE, Site

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def mount_console(app: Any, service: Service) -> None:
    """Puts the console under `/` of an application, behind everything that it answers itself."""
    app.mount("/", console(service))


def console(service: Service) -> ASGIApp:
    """The console as an application of its own; whoever runs it starts and stops the service."""
    rooms = (
        home_page,
        agent_page,
        runs_page,
        run_page,
        review_page,
        case_page,
        notifications_page,
        sign_in_page,
        live,
        statics,
    )
    routes: list[Route] = [route for room in rooms for route in room.ROUTES]
    site = Starlette(routes=routes, exception_handlers=sign_in_page.HANDLERS)
    setattr(site.state, SITE, Site(service))
    return _Headed(site)


class _Headed:
    """Puts the policy on every answer, an error's included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message.get("headers", ())}
                added = [pair for pair in _HEADERS if pair[0] not in present]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self._app(scope, receive, headed)
