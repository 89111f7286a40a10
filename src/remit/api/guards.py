"""What every request passes first: its size, what is counted of it, and the headers of every answer."""

import time
from collections import Counter
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from remit.api.problems import response

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of what is counted of durations."""


class Counts:
    """What this process has answered so far."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str, int]] = Counter()
        """By method, route and status."""
        self.durations: Counter[float] = Counter()
        """By the smallest bound that holds the duration."""
        self.seconds = 0.0

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one answer."""
        self.answers[method, route, status] += 1
        self.durations[next((bound for bound in BUCKETS_S if seconds <= bound), float("inf"))] += 1
        self.seconds += seconds


class TooLarge(Exception):
    """The body grew beyond what is taken."""


class Guard:
    """Refuses a body that is too large before it is read, and counts every answer."""

    def __init__(self, app: ASGIApp, *, body_bytes: int, counts: Counts) -> None:
        self._app = app
        self._body_bytes = body_bytes
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        exchange = _Exchange(receive, send, self._body_bytes)
        try:
            if _declared(scope) > self._body_bytes:
                raise TooLarge
            await self._app(scope, exchange.receive, exchange.send)
        except TooLarge:
            exchange.too_large = True
        finally:
            if exchange.too_large and not exchange.status:
                detail = f"The body is larger than {self._body_bytes:,} bytes."
                refusal = response(413, "REMIT-TOO-LARGE", detail, headers={"Connection": "close"})
                exchange.too_large = False
                await refusal(scope, receive, exchange.send)
            seconds = time.perf_counter() - begin
            self._counts.add(scope["method"], _route(scope), exchange.status, seconds)


class _Exchange:
    """One request and its answer: what was read of the one, and the status of the other."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive = receive
        self._send = send
        self._left = most
        self.status = 0
        self.too_large = False

    async def receive(self) -> Message:
        """The next piece of the body; TooLarge beyond what is taken."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.too_large = True
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """Passes the answer on, unless the body was too large for any other one than that."""
        if self.too_large and not self.status:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = {name for name, _ in message.get("headers", ())}
            added = [pair for pair in _HEADERS if pair[0] not in present]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await self._send(message)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _route(scope: MutableMapping[str, Any]) -> str:
    """The route as it is declared, so that what is counted does not grow with what is asked."""
    return getattr(scope.get("route"), "path", "none")
