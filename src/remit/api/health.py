"""Is it alive, is it ready, and what does it count? For whoever looks after the server."""

import asyncio

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from remit.api.guards import Counts
from remit.api.house_bodies import HealthBody
from remit.api.metrics import metrics_text
from remit.api.problems import answers
from remit.api.who import MetricsReader, TheService
from remit.errors import RemitError

router = APIRouter(tags=["health"])
STORE_WAIT_S = 2.0
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/health/live")
async def live() -> HealthBody:
    """It answers at all: do not restart it."""
    return HealthBody(status="ok")


@router.get("/health/ready", responses={503: {"model": HealthBody, "description": "Send it nothing now."}})
async def ready(response: Response, service: TheService) -> HealthBody:
    """It takes requests: its log answers, and it is not about to stop."""
    if service.stopping:
        response.status_code = 503
        return HealthBody(status="stopping")
    try:
        read = run_in_threadpool(service.log.store.row, "run_row", {"run_id": ""})
        await asyncio.wait_for(read, STORE_WAIT_S)
    except (RemitError, TimeoutError):
        response.status_code = 503
        return HealthBody(status="no store")
    return HealthBody(status="ok")


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"description": "Prometheus' text.", "content": {_TEXT: {"schema": {"type": "string"}}}},
        **answers(403),
    },
)
def metrics(identity: MetricsReader, service: TheService, request: Request) -> Response:
    """Runs, cases, streams and answers, for Prometheus."""
    counts: Counts = request.app.state.counts
    return Response(metrics_text(service, counts), media_type=_TEXT)
