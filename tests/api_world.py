"""A real server on a free port of this machine, in a thread of its own, before the agent of the tests."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from desk_world import desk, runtime
from remit.api import api, listening, serve
from remit.app import Identity, Issued, KeyWish, Limits, Role, Service, issue_key
from remit.testing import ScriptedModel, answer, call

SCOPE = {"order": {"kind": "content"}, "amount": {"kind": "content"}, "memo": {"kind": "content"}}
ASKS = {"pay": {"ask": "always", "args": SCOPE}}
PAY = call("pay", order="7", amount=30)
ADMIN = Identity(name="root", role=Role.ADMIN)


class Served:
    """A server under test: its address, its service and a client that holds no key."""

    def __init__(self, address: str, service: Service, client: httpx.Client) -> None:
        self.address = address
        self.service = service
        self.client = client
        self.others: list[httpx.Client] = []

    def issue(self, role: Role, name: str = "", **wish: Any) -> Issued:
        """A new key, made beside the server, as `remit key new` makes it."""
        return issue_key(self.service.log, KeyWish(name=name or f"the {role}", role=role, **wish), by="root")

    def as_(self, role: Role, name: str = "", **wish: Any) -> httpx.Client:
        """A client with a new key."""
        return self.with_key(self.issue(role, name, **wish).secret)

    def with_key(self, secret: str) -> httpx.Client:
        """A client with that key."""
        return self.client_with({"Authorization": f"Bearer {secret}"})

    def client_with(self, headers: dict[str, str] | None = None) -> httpx.Client:
        """A client of its own, with a connection and cookies of its own; it is closed with the server."""
        client = httpx.Client(base_url=self.address, headers=headers, timeout=30, trust_env=False)
        self.others.append(client)
        return client

    def submitted(self, client: httpx.Client | None = None, **fields: Any) -> dict[str, Any]:
        """What becomes of a run."""
        body = {"agent": "desk", "input": "Pay order 7 back.", **fields}
        reply = (client or self.client).post("/v1/runs", json=body)
        assert reply.status_code in (200, 202), reply.text
        return reply.json()


def asking_then_done() -> ScriptedModel:
    """A model that wants to pay, and says afterwards that it is done; for any number of runs."""
    return ScriptedModel([PAY, answer("It is done.")], by_turn=True)


@contextmanager
def serving(
    folder: Path,
    script: Any = None,
    *,
    limits: Limits | None = None,
    loopback: bool = True,
    advances: bool = True,
    drain_s: float = 5.0,
    prepare: Callable[[Service], None] = lambda service: None,
    mount: Callable[[Any, Service], None] = lambda app, service: None,
    remits: list[Any] | None = None,
    **named: Any,
) -> Generator[Served]:
    """A server before the agent `desk`, whose tool `pay` asks a person; it is stopped at the end."""
    agents = remits or [desk(folder / "desk", "find", "pay", rules=ASKS, handover="people")]
    ready, held = threading.Event(), {}

    async def whole() -> None:
        async with runtime(folder, script or asking_then_done(), **named) as running:
            service = Service(
                running, agents, loopback=loopback, limits=limits, advances=advances, look_every_s=0.05
            )
            prepare(service)
            app = api(service)
            mount(app, service)
            listener = listening("127.0.0.1", 0)
            held["stop"], held["loop"] = asyncio.Event(), asyncio.get_running_loop()
            held["service"], held["port"] = service, listener.getsockname()[1]
            try:
                held["left"] = await serve(
                    app, service, listener, drain_s=drain_s, told=ready.set, stop=held["stop"]
                )
            finally:
                listener.close()

    def in_thread() -> None:
        try:
            asyncio.run(whole())
        except BaseException as error:
            held["error"] = error
        finally:
            ready.set()

    thread = threading.Thread(target=in_thread)
    thread.start()
    assert ready.wait(20)
    if "error" in held:
        raise held["error"]
    address = f"http://127.0.0.1:{held['port']}"
    try:
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            served = Served(address, held["service"], client)
            with ExitStack() as stack:
                stack.callback(lambda: [other.close() for other in served.others])
                yield served
    finally:
        held["loop"].call_soon_threadsafe(held["stop"].set)
        thread.join(30)
    if "error" in held:
        raise held["error"]
