"""`remit serve`: the HTTP API, and a worker, in one process."""

import asyncio
import os
import socket
from importlib.util import find_spec
from typing import Any

import click

from remit.app import Limits, Remit, Runtime, Service, is_loopback, may_listen, provider_of
from remit.cli.loading import loaded
from remit.cli.place import store_option
from remit.cli.screen import note, say, say_json
from remit.cli.store_place import awaited, store_address
from remit.errors import RemitError
from remit.telling import count

EXTRA = ("fastapi", "jinja2", "python_multipart", "uvicorn")
PORT = 8321


@click.command()
@click.argument("agents", nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free one."
)
@click.option(
    "--workers-inline/--no-workers-inline",
    "advances",
    default=True,
    help="Advance runs in this process (so), or leave that to `remit worker`.",
)
@click.option(
    "--drain", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds that a stop waits."
)
@click.option(
    "--rate", type=click.FloatRange(1), default=600.0, show_default=True, help="Requests a minute per key."
)
@click.option(
    "--body-bytes",
    type=click.IntRange(1000),
    default=1_000_000,
    show_default=True,
    help="The largest body that is taken.",
)
@click.option("--json", "as_json", is_flag=True, help="The address as a JSON line, once it answers.")
@store_option
def serve(
    agents: tuple[str, ...],
    host: str,
    port: int,
    advances: bool,
    drain: float,
    rate: float,
    body_bytes: int,
    as_json: bool,
) -> None:
    """Serve agents over HTTP: runs, cases, decisions and feedback, and advance their runs.

    AGENTS are names under agents/, paths, or folders of agents; without any, agents/. On this machine
    alone it needs no key until the first one is made; on any other address it does not start without one.
    SIGTERM or Ctrl-C ends open streams, finishes the runs under way and stops.

    \b
    Examples:
      remit serve
      remit serve my-desk --port 9000
      remit key new shop --role caller && remit serve --host 0.0.0.0

    Exit codes: 0 stopped, 1 a problem (the message says what to do), 2 wrong use.
    """
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise RemitError(
            f"Serving needs {' and '.join(missing)}.", remedy="Install them: `pip install 'remit[serve]'`."
        )
    limits = Limits(requests_per_minute=rate, body_bytes=body_bytes)
    place = _Place(host=host, port=port, as_json=as_json)
    asyncio.run(_serve(loaded(agents), place, limits, advances=advances, drain_s=drain))


class _Place:
    """Where it listens, and how that is said."""

    def __init__(self, *, host: str, port: int, as_json: bool) -> None:
        self.host = host
        self.port = port
        self.as_json = as_json

    def said(self, listener: socket.socket, remits: list[Remit]) -> None:
        port = listener.getsockname()[1]
        host = f"[{self.host}]" if ":" in self.host else self.host
        address = f"http://{host}:{port}"
        names = sorted(remit.name for remit in remits)
        if self.as_json:
            say_json({"address": address, "host": self.host, "port": port, "agents": names})
        else:
            say(f"Serving {', '.join(names)} at {address}")
            note("Ctrl-C stops it after the runs under way.")


async def _serve(
    remits: list[Remit], place: _Place, limits: Limits, *, advances: bool, drain_s: float
) -> None:
    from remit.api import api, listening
    from remit.api import serve as served
    from remit.console import mount_console

    async with Runtime(awaited(store_address())) as runtime:
        may_listen(runtime.log, place.host)
        provider, public_url = provider_of(os.environ), os.environ.get("REMIT_PUBLIC_URL", "")
        service = Service(
            runtime,
            remits,
            loopback=is_loopback(place.host),
            advances=advances,
            limits=limits,
            provider=provider,
            public_url=public_url,
        )
        app: Any = api(service)
        mount_console(app, service)
        listener = listening(place.host, place.port)
        try:
            left = await served(
                app, service, listener, drain_s=drain_s, told=lambda: place.said(listener, remits)
            )
        finally:
            listener.close()
    note(f"Stopped; {count(left, 'run')} left to another worker." if left else "Stopped.")
