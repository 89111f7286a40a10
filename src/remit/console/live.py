"""News for open pages: numbers only; the page says that there is something new and asks again itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from remit.app import Act, Identity, Service, news
from remit.console.web import identified, site_of

EVERY_S = 2.0
LOOKS = 10


async def live(request: Request) -> Response:
    """A stream of what changed since the page was made, until the browser goes."""
    identity = await identified(request, Act.READ)
    service = site_of(request).service
    asked = dict(request.query_params)
    return StreamingResponse(
        _stream(request, service, identity, asked),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(
    request: Request, service: Service, identity: Identity, asked: dict[str, str]
) -> AsyncIterator[str]:
    said: dict[str, Any] = {}
    while not service.stopping and not await request.is_disconnected():
        found = await run_in_threadpool(news, service.log, identity, asked)
        if found != said:
            said = found
            yield f"data: {json.dumps(found)}\n\n"
        else:
            yield ": still here\n\n"
        for _ in range(LOOKS):
            # A server that stops does not wait for whoever looks on.
            if not service.stopping:
                await asyncio.sleep(EVERY_S / LOOKS)


ROUTES = [Route("/live", live, methods=["GET"])]
