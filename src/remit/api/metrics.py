"""What Prometheus is told, in its text format (exposition format 0.0.4)."""

from collections.abc import Iterable, Iterator, Mapping

from remit.api.guards import BUCKETS_S, Counts
from remit.app import Service

LATELY_S, MOST_LATELY = 3600.0, 20_000
MEANING = "Runs by agent: those that stand in a state, and how those of the last hour ended."


def metrics_text(service: Service, counts: Counts) -> str:
    """Every metric of this process and of its log."""
    store, now = service.log.store, service.log.clock()
    counted = store.rows("runs_by_state", {"since": now - LATELY_S, "most": MOST_LATELY})
    runs = [({"agent": row["agent"], "state": row["state"]}, row["n"]) for row in counted]
    cases = store.rows("cases_by_queue")
    waiting = [({"queue": row["queue"]}, row["n"]) for row in cases]
    oldest = [({"queue": row["queue"]}, round(now - row["oldest"], 3)) for row in cases]
    answered = [
        ({"method": method, "route": route, "status": str(status)}, number)
        for (method, route, status), number in sorted(counts.answers.items())
    ]
    lines = [
        *_metric("remit_runs", "gauge", MEANING, runs),
        *_metric("remit_cases_open", "gauge", "Cases that wait for a person.", waiting),
        *_metric("remit_cases_oldest_seconds", "gauge", "Age of the oldest open case.", oldest),
        *_metric("remit_runs_under_way", "gauge", "Runs advanced here now.", [({}, service.under_way)]),
        *_metric("remit_streams", "gauge", "Streams open here now.", [({}, service.followers.count)]),
        *_metric("remit_http_answers_total", "counter", "Answers of this process.", answered),
        *_durations(counts),
    ]
    return "\n".join(lines) + "\n"


def _metric(
    name: str, kind: str, meaning: str, samples: Iterable[tuple[Mapping[str, str], float]]
) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{_labels(labels)} {value:g}"


def _durations(counts: Counts) -> Iterator[str]:
    name = "remit_http_duration_seconds"
    yield f"# HELP {name} How long answers took."
    yield f"# TYPE {name} histogram"
    total = 0
    for bound in (*BUCKETS_S, float("inf")):
        total += counts.durations[bound]
        yield f'{name}_bucket{{le="{"+Inf" if bound == float("inf") else f"{bound:g}"}"}} {total}'
    yield f"{name}_sum {counts.seconds:.6f}"
    yield f"{name}_count {total}"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
