"""A server on this machine that speaks the providers' protocols, and misbehaves when told to."""

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(kw_only=True)
class Answer:
    """One HTTP answer; `fault` replaces it by a misbehaviour of the connection."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass
class Server:
    url: str
    answers: deque[Answer]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    received: threading.Event = field(default_factory=threading.Event)


def chat(
    content: str | None = "Hello.",
    *,
    calls: list[tuple[str, str, str]] = (),
    finish: str = "stop",
    logprobs: list[float] | None = None,
) -> Answer:
    """A chat completion; a call is its id, name and arguments as text."""
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [
            {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
            for call_id, name, arguments in calls
        ]
    choice: dict[str, Any] = {"index": 0, "finish_reason": finish, "message": message}
    if logprobs is not None:
        choice["logprobs"] = {
            "content": [
                {"token": "x", "logprob": value, "bytes": [120], "top_logprobs": []} for value in logprobs
            ]
        }
    return Answer(
        body={
            "id": "c1",
            "object": "chat.completion",
            "created": 1700000000,
            "model": "served-model-2026-01-01",
            "choices": [choice],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        }
    )


def anthropic(
    *content: dict[str, Any], stop: str = "end_turn", model: str = "claude-haiku-4-5-20251001"
) -> Answer:
    """An answer of the messages protocol."""
    return Answer(
        body={
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": list(content),
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {"input_tokens": 1000, "output_tokens": 100},
        }
    )


def failure(status: int, code: str, message: str, **headers: str) -> Answer:
    """An error in the form that OpenAI's servers give it."""
    error = {"message": message, "type": "invalid_request_error", "code": code}
    return Answer(status=status, body={"error": error}, headers=headers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.state.requests.append({"path": self.path})  # type: ignore[attr-defined]
        self.send_error(404)

    def do_POST(self) -> None:
        state: Server = self.server.state  # type: ignore[attr-defined]
        length = int(self.headers["content-length"])
        state.requests.append(json.loads(self.rfile.read(length)))
        state.headers.append({key.lower(): value for key, value in self.headers.items()})
        answer = state.answers.popleft()
        state.received.set()
        if answer.fault == "hang":
            state.released.wait()
            self.close_connection = True
            return
        if answer.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("content-type", answer.headers.pop("content-type", "application/json"))
        for key, value in answer.headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(*answers: Answer) -> Iterator[Server]:
    """A server that gives these answers, one to each request, in order."""
    http = _HttpServer(("127.0.0.1", 0), _Handler)
    state = Server(url=f"http://127.0.0.1:{http.server_address[1]}", answers=deque(answers))
    http.state = state  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        http.shutdown()
        thread.join()
        http.server_close()
