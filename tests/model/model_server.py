"""A real HTTP server that gives one file, and misbehaves in the ways that servers do."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Behaviour:
    """What the server does; `cuts` are the bytes after which it drops one connection each."""

    content: bytes
    cuts: list[int] = field(default_factory=list)
    ignores_ranges: bool = False
    shifts_ranges_by: int = 0
    status: int | None = None
    extra: bytes = b""
    gates: list[Callable[[], object]] = field(default_factory=list)
    """Each is called, once, before a file is sent."""
    ranges_asked: list[str | None] = field(default_factory=list)
    bytes_sent: int = 0


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The address of the file while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            behaviour.ranges_asked.append(asked)
            if behaviour.status is not None:
                self.send_error(behaviour.status)
                return
            start = 0
            if asked and not behaviour.ignores_ranges:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            body = behaviour.content[start:] + behaviour.extra
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            if start:
                first = start + behaviour.shifts_ranges_by
                whole = len(behaviour.content)
                self.send_header("Content-Range", f"bytes {first}-{whole - 1}/{whole}")
            self.end_headers()
            if behaviour.gates:
                behaviour.gates.pop(0)()
            cut = behaviour.cuts.pop(0) if behaviour.cuts else len(body)
            self.wfile.write(body[:cut])
            behaviour.bytes_sent += len(body[:cut])
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/model.gguf"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
