"""Does the log still say what it said? Recomputes every chain, and compares with an anchor."""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from remit.log.chain import digest, link, origin
from remit.log.copies import Break, copied_wrongly
from remit.store import Row, Store

PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked at and what was found."""

    runs: int
    events: int
    erased: int
    breaks: tuple[Break, ...]

    @property
    def whole(self) -> bool:
        """True if no link is broken."""
        return not self.breaks


def verify(store: Store, *, progress: Callable[[int], None] | None = None) -> Verification:
    """Recomputes the chain of every run; a body that was erased is counted, not complained about."""
    runs = events = erased = 0
    breaks: list[Break] = []
    for row in _chains(store):
        runs += 1
        found = verify_run(store, row["run_id"], row["head"], row["chain"])
        events += found.events
        erased += found.erased
        breaks.extend(found.breaks)
        if found.whole and not found.erased and "agent" in row:
            breaks.extend(copied_wrongly(store, row))
        if progress is not None:
            progress(runs)
    return Verification(runs=runs, events=events, erased=erased, breaks=tuple(breaks))


def _chains(store: Store) -> Iterator[Row]:
    """Every run's row and every other chain's, page by page."""
    after = ""
    while True:
        page = store.rows("runs_after", {"after": after, "most": PAGE})
        yield from page
        if len(page) < PAGE:
            break
        after = page[-1]["run_id"]
    yield from store.rows("streams")


def verify_run(store: Store, run_id: str, head: int, chain: bytes) -> Verification:
    """Recomputes one run's chain from its first event to its head."""
    previous = origin(run_id)
    expected = erased = 0
    for row in store.events(run_id):
        if row.seq != expected:
            return _broken(run_id, expected, "an event is missing", expected, erased)
        if row.data is None or row.salt is None:
            erased += 1
        elif not _bytes(row.salt, row.data) or digest(row.salt, row.data) != row.digest:
            return _broken(run_id, row.seq, "the body was changed", expected, erased)
        if not _bytes(row.digest):
            return _broken(run_id, row.seq, "the event was changed or moved", expected, erased)
        previous = link(previous, run_id, row.seq, row.id, row.at, row.kind, row.digest)
        if previous != row.chain:
            return _broken(run_id, row.seq, "the event was changed or moved", expected, erased)
        expected += 1
    if expected - 1 != head or previous != chain:
        return _broken(run_id, expected, "the last events are missing", expected, erased)
    return Verification(runs=1, events=expected, erased=erased, breaks=())


def _bytes(*columns: object) -> bool:
    """SQLite keeps what it is given: who changes an event by hand may leave a text where bytes stood."""
    return all(isinstance(column, bytes) for column in columns)


def _broken(run_id: str, seq: int, reason: str, events: int, erased: int) -> Verification:
    breaks = (Break(run_id=run_id, seq=seq, reason=reason),)
    return Verification(runs=1, events=events, erased=erased, breaks=breaks)


def anchor_lines(store: Store, key: bytes) -> Iterator[str]:
    """The head of every chain, one JSON object per line, and a signature (HMAC-SHA256) over all."""
    mac = hmac.new(key, digestmod=sha256)
    for row in store.rows("all_heads"):
        line = json.dumps({"run_id": row["run_id"], "head": row["head"], "chain": row["chain"].hex()})
        mac.update(line.encode() + b"\n")
        yield line
    yield json.dumps({"signature": mac.hexdigest()})


def compare_anchor(store: Store, lines: list[str], key: bytes) -> tuple[Break, ...]:
    """What the log has lost or changed since the anchor was written; an ill-signed anchor is a break."""
    mac = hmac.new(key, digestmod=sha256)
    for line in lines[:-1]:
        mac.update(line.encode() + b"\n")
    signed = str(_object(lines[-1]).get("signature", "")) if lines else ""
    if not hmac.compare_digest(mac.hexdigest(), signed):
        return (Break(run_id="", seq=0, reason="the anchor's signature does not fit its lines and this key"),)
    breaks: list[Break] = []
    for line in lines[:-1]:
        head = _object(line)
        events = store.events(head["run_id"], head["head"])
        if not events or events[0].seq != head["head"] or events[0].chain.hex() != head["chain"]:
            reason = "the log no longer holds what the anchor saw"
            breaks.append(Break(run_id=head["run_id"], seq=head["head"], reason=reason))
    return tuple(breaks)


def _object(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line)
    return found
