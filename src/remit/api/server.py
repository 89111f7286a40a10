"""The server process: listens, says when it does, and stops without losing anything."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from remit.app import Service
from remit.errors import RemitError


class _Server(uvicorn.Server):
    """Tells the service at the first signal, so that open streams end and let the server stop."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop; the second one does not wait.

        It is not passed on when the server has stopped: the runs under way are finished after that.
        """
        self._service.close_doors()
        self.force_exit = self.should_exit
        self.should_exit = True


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; RemitError if it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends each answer at once; without, its body waits 40 ms for the
    # acknowledgement of its head.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RemitError(
            f"{host} port {port} cannot be listened on: {reason}.", remedy="Name another with --port."
        ) from error
    listener.listen(2048)
    return listener


async def serve(
    app: ASGIApp,
    service: Service,
    listener: socket.socket,
    *,
    drain_s: float,
    told: Callable[[], None] = lambda: None,
    stop: asyncio.Event | None = None,
) -> int:
    """Serves until SIGTERM, SIGINT or `stop`; how many runs were left to another worker.

    `told` is called as soon as requests are answered. Within `async with` of the service's runtime.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, int(drain_s)),
        lifespan="off",
    )
    server = _Server(config, service)
    await service.start()
    try:
        watching = asyncio.get_running_loop().create_task(_watched(server, service, told, stop))
        with contextlib.suppress(KeyboardInterrupt):
            await server.serve(sockets=[listener])
        watching.cancel()
    finally:
        left = await service.stop(drain_s)
    return left


async def _watched(
    server: uvicorn.Server, service: Service, told: Callable[[], None], stop: asyncio.Event | None
) -> None:
    while not server.started:
        await asyncio.sleep(0.005)
    told()
    if stop is not None:
        await stop.wait()
        service.close_doors()
        server.should_exit = True
