"""The end of the demo: the console on the desk that it has filled, until Ctrl-C."""

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from remit.app import KeyWish, Remit, Role, Runtime, Service, issue_key
from remit.cli.screen import note, say
from remit.cli.serve import EXTRA, PORT
from remit.errors import RecordingError, RemitError
from remit.model import Model, ModelError, ModelErrorClass, Reply, Request
from remit.telling import strong

EXCLUDED = "Which shares should I invest the money of my refund in?"
CALLED_OFF = "Please send my statements on paper from now on."
"""Two more inputs, one that no model sees and one that is called off, so that there is every outcome."""
KEY_S = 86_400.0
"""How long the key of the desk counts."""


def serving_possible() -> bool:
    """Whether what serves is installed."""
    return all(find_spec(name) is not None for name in EXTRA)


class OnlyRecorded:
    """A recording that people go on from: where it has no reply, no model answers, and that has its path."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The recording's."""
        return self._model.name

    @property
    def context_tokens(self) -> int | None:
        """The window of the model that was recorded."""
        return self._model.context_tokens

    async def ask(self, request: Request) -> Reply:
        """The recorded reply; ModelError where there is none."""
        try:
            return await self._model.ask(request)
        except RecordingError as error:
            words = "the recording has no reply to this; `remit demo` with a model goes on"
            raise ModelError(ModelErrorClass.AUTHENTICATION, words) from error


class ConsoleAfter:
    """Serves the desk on this machine alone, for whoever holds the key that is shown once.

    `port` is any free one where it is None and the usual one is taken. `stop` ends it as Ctrl-C does;
    `told` is given the address and the key.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        stop: asyncio.Event | None = None,
        told: Callable[[str, str], None] = lambda address, key: None,
    ) -> None:
        self._port = port
        self._stop = stop
        self._told = told

    async def open(self, runtime: Runtime, remit: Remit) -> None:
        """Returns when somebody has stopped it; RemitError if the port that was asked for is taken."""
        from remit.api import api, serve
        from remit.console import mount_console

        await _complete(runtime, remit)
        service = Service(runtime, [remit], loopback=True)
        app: Any = api(service)
        mount_console(app, service)
        listener = self._listening()
        address = f"http://localhost:{listener.getsockname()[1]}"

        now = runtime.log.clock()
        wish = KeyWish(name="demo", role=Role.ADMIN, expires_at=now + KEY_S)
        key = issue_key(runtime.log, wish, by="demo").secret

        def ready() -> None:
            say("")
            say("The desk is open at ", strong(address))
            say("Its key, shown once: ", strong(key))
            say("Sign in with it, for a day: under Review a case waits for your decision.")
            note("Ctrl-C closes it; `remit serve` opens agents of your own.")
            self._told(address, key)

        try:
            await serve(app, service, listener, drain_s=10.0, told=ready, stop=self._stop)
        finally:
            listener.close()

    def _listening(self) -> Any:
        from remit.api import listening

        if self._port is not None:
            return listening("127.0.0.1", self._port)
        try:
            return listening("127.0.0.1", PORT)
        except RemitError:
            return listening("127.0.0.1", 0)


async def _complete(runtime: Runtime, remit: Remit) -> None:
    user = {"id": "u-1001", "account": "A-1001"}
    await runtime.handle(remit, EXCLUDED, user=user, tenant="demo")
    run_id = await runtime.submit(remit, CALLED_OFF, user=user, tenant="demo")
    await runtime.cancel(run_id, by="demo", reason="The customer has called it off.")
    await runtime.advance(run_id)
