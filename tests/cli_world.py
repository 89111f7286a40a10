"""What the tests of the command share: running it, an agent on a local model server, and a log by hand."""

import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from remit.cli.entry import run
from remit.event import Admitted, Event
from remit.log import Log, Redactor, RunState, new_id
from remit.store import open_store
from store_places import on_postgres, store_at

START = 1_800_000_000.0
REMIT = """\
remit: 1
agent: my-desk
purpose: Answer customers' questions about their orders.
model: {{use: "openai-compatible:served", base_url: "{url}", tries: 1, timeout: 5s}}
handover: front-desk@example.com
does: [tell where an order is, refund a late order]
does_not: [{{topic: legal advice, say: "Not here."}}]
tools:
  find_order: desk:find_order
  refund: {{python: "desk:refund", ask: always}}
{more}
"""
DESK = '''\
from remit import ToolFailure, tool


@tool(effect="read")
def find_order(order_id: str) -> dict[str, str]:
    """Find an order."""
    if order_id != "1001":
        raise ToolFailure(f"There is no order {order_id}.")
    return {"id": order_id, "state": "late"}


@tool(effect="irreversible")
def refund(order_id: str, amount_eur: float) -> str:
    """Pay money back."""
    return f"{amount_eur:.2f} EUR are on their way back."
'''


class Shown(NamedTuple):
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """The JSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


Remit = Callable[..., Shown]


def runner(capsys: pytest.CaptureFixture[str]) -> Remit:
    """Runs the command in this process."""

    def command(*arguments: str) -> Shown:
        capsys.readouterr()
        with store_of_this_folder():
            code = run(arguments)
        return Shown(code, *capsys.readouterr())

    return command


@contextmanager
def store_of_this_folder() -> Iterator[None]:
    """On Postgres, what is a file in this folder otherwise is named by the environment."""
    if not on_postgres() or "REMIT_STORE" in os.environ:
        yield
        return
    os.environ["REMIT_STORE"] = str(store_at(Path.cwd()))
    try:
        yield
    finally:
        del os.environ["REMIT_STORE"]


def write_agent(folder: Path, url: str, more: str = "") -> None:
    """An agent `my-desk` under `agents/` that asks the model at that address."""
    agent = folder / "agents" / "my-desk"
    agent.mkdir(parents=True, exist_ok=True)
    (agent / "remit.yaml").write_text(REMIT.format(url=url, more=more))
    (agent / "desk.py").write_text(DESK)


def says(text: str) -> dict[str, Any]:
    """A model's answer in words."""
    return {"role": "assistant", "content": text}


def calls(tool: str, **arguments: Any) -> dict[str, Any]:
    """A model's wish to call a tool."""
    function = {"name": tool, "arguments": json.dumps(arguments)}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call-1", "type": "function", "function": function}],
    }


@contextmanager
def model_server(*messages: dict[str, Any]) -> Iterator[str]:
    """The address of a model that gives these messages, one to each request, and then errors."""
    with model_that_says(iter(messages)) as url:
        yield url


@contextmanager
def model_that_says(messages: Iterator[dict[str, Any]]) -> Iterator[str]:
    """The address of a model that gives the next message to each request, and errors when there is none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            message = next(messages, None)
            body = _completion(message) if message is not None else {"error": {"message": "nothing left"}}
            data = json.dumps(body).encode()
            self.send_response(200 if "choices" in body else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _completion(message: dict[str, Any]) -> dict[str, Any]:
    finish = "tool_calls" if message.get("tool_calls") else "stop"
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "served-2026-01-01",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


class Written(NamedTuple):
    """A log that was written by hand, event by event."""

    log: Log

    def run(self, *events: Event, run_id: str = "", **admitted: Any) -> str:
        """A run of these events after its admission; its id."""
        facts: dict[str, Any] = {"agent": "my-desk", "release": "r" * 16, "input": "Where is order 1001?"}
        state = RunState(run_id or new_id(self.log.clock(), self.log.random_bytes))
        appender = self.log.start(state)
        for event in (Admitted(**{**facts, **admitted}), *events):
            appender.add(event)
        appender.flush_from_outside()
        return state.run_id

    def add(self, run_id: str, *events: Event) -> None:
        """More events of that run."""
        appender = self.log.appender(self.log.fold(run_id))
        for event in events:
            appender.add(event)
        appender.flush_from_outside()


@contextmanager
def written_log(path: Path, *, start: float | None = None) -> Iterator[Written]:
    """A new log at `path`, whose clock moves a tenth of a second with every look."""
    ticks = itertools.count()
    begin = time.time() - 3600 if start is None else start

    def clock() -> float:
        return begin + next(ticks) / 10

    random = itertools.count(1)

    def random_bytes(count: int) -> bytes:
        return next(random).to_bytes(count, "big")

    store = open_store(store_at(path.resolve().parent, path.name), clock)
    try:
        yield Written(Log(store, clock=clock, random_bytes=random_bytes, redactor=Redactor({})))
    finally:
        store.close()
