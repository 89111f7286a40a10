"""How a worker is: ready, alive, and its figures as Prometheus text."""

import json
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic

from remit.app.working import Worker
from remit.errors import RemitError

SWEEPS_MISSED = 5
LOOP_STILL_S = 10.0
"""An event loop that has not moved for so long counts as dead."""
TEXT = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]


class Vitals:
    """What an orchestrator and a monitor ask of one worker, on any thread."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def not_ready(self) -> str:
        """Why it should get no work now; empty if it is ready: the store answers and it sweeps."""
        worker = self._worker
        if worker.draining:
            return "it is stopping"
        if worker.swept_at is None:
            return "it has not swept yet"
        late_s = monotonic() - worker.swept_at
        return f"its last sweep is {late_s:.0f} s old" if late_s > self._patience_s() else ""

    def _patience_s(self) -> float:
        return SWEEPS_MISSED * max(1.0, self._worker.work.sweep_every_s)

    def not_alive(self) -> str:
        """Why it should be started again; empty while its event loop advances."""
        still_s = monotonic() - self._worker.runtime.heartbeat.loop_moved_at
        bound_s = max(LOOP_STILL_S, self._worker.runtime.wakes.world.lease_s)
        return f"its event loop has stood still for {still_s:.0f} s" if still_s > bound_s else ""

    def metrics(self) -> str:
        """Every figure as Prometheus text exposition format 0.0.4; StoreError if the store is away."""
        lines: list[str] = []
        for name, kind, meaning, samples in self._families():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            lines += [f"{name}{_labels(labels)} {value:g}" for labels, value in samples]
        return "\n".join(lines) + "\n"

    def _families(self) -> Iterator[tuple[str, str, str, Sequence[Sample]]]:
        runtime = self._worker.runtime
        wakes, look = runtime.wakes, runtime.changes.look
        states = look("states", {})
        queued = look("queued_by_agent", {})
        now = queued[0]["now_at"] if queued else runtime.log.clock()
        yield (
            "remit_runs_queued",
            "gauge",
            "Runs that wait for a worker.",
            [({"agent": row["agent"]}, row["runs"]) for row in queued],
        )
        oldest = max((now - row["oldest_at"] for row in queued), default=0.0)
        yield "remit_oldest_queued_seconds", "gauge", "Age of the oldest of them.", [({}, oldest)]
        for state in ("runnable", "waiting", "set_aside"):
            rows = [row for row in states if row["state"] == state]
            samples = [({"agent": row["agent"]}, row["runs"]) for row in rows]
            yield f"remit_runs_{state}", "gauge", f"Runs that are {state}.", samples
        waiting = [now - row["oldest_at"] for row in states if row["state"] == "waiting"]
        yield (
            "remit_oldest_waiting_seconds",
            "gauge",
            "Age of the oldest run that waits for a person.",
            [({}, max(waiting, default=0.0))],
        )
        unserved = [
            ({"agent": agent, "release": release}, float(runs))
            for (agent, release), runs in self._worker.orphans.unserved.items()
        ]
        yield "remit_runs_unserved", "gauge", "Runs whose release no living worker has.", unserved
        yield "remit_wakes_under_way", "gauge", "Runs that this worker advances.", [({}, len(wakes.active))]
        yield "remit_wakes_total", "counter", "Wakes of this worker.", [({}, wakes.taken)]
        yield "remit_wakes_ended_total", "counter", "Wakes after which a run had ended.", [({}, wakes.ended)]
        yield "remit_lease_expiries_total", "counter", "Runs taken over here.", [({}, wakes.lapsed)]
        yield (
            "remit_runs_handed_back_total",
            "counter",
            "Runs that this worker could not read.",
            [({}, wakes.handed_back)],
        )


def _labels(labels: dict[str, str]) -> str:
    inside = ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def serve_vitals(vitals: Vitals, host: str, port: int) -> ThreadingHTTPServer:
    """A server with /health/ready, /health/live and /metrics; OSError if the port is taken.

    It has threads of its own, and answers while the event loop stands still.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = _answer(vitals, self.path.partition("?")[0])
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes come every few seconds: nothing is said of them."""

    server = ThreadingHTTPServer((host, port), Handler)
    Thread(target=server.serve_forever, name="remit-vitals", daemon=True).start()
    return server


def _answer(vitals: Vitals, path: str) -> tuple[HTTPStatus, str]:
    try:
        match path:
            case "/health/ready":
                return _verdict(vitals.not_ready())
            case "/health/live":
                return _verdict(vitals.not_alive())
            case "/metrics":
                return HTTPStatus.OK, vitals.metrics()
            case _:
                return HTTPStatus.NOT_FOUND, "There are /health/ready, /health/live and /metrics.\n"
    except RemitError as error:
        return HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n"


def _verdict(trouble: str) -> tuple[HTTPStatus, str]:
    return (HTTPStatus.SERVICE_UNAVAILABLE, f"{trouble}\n") if trouble else (HTTPStatus.OK, "ok\n")
