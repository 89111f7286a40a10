"""The chain of administrative acts: no run, but events of the same log, verified like all others."""

from collections.abc import Callable

from remit.event import Administered, encode
from remit.log.chain import digest, link, origin
from remit.log.log import EVENT_ID_BYTES, SALT_BYTES, Entry, Log
from remit.store import Append, Collision, EventRow, Statement

ADMINISTRATION = "administration"
"""The name of the chain, where a run has its id."""


def administer(
    log: Log, event: Administered, *also: Statement, still: Callable[[], bool] = lambda: True
) -> bool:
    """Appends an administrative act and what follows from it in other tables, durably and at once.

    `still` says whether there is anything to be done: it is asked after every other act, so that of two
    who do the same at the same moment one alone stands in the log. False where there was nothing.
    """
    while True:
        row = log.store.row("stream_row", {"stream_id": ADMINISTRATION})
        head, chain = (row["head"], row["chain"]) if row is not None else (-1, origin(ADMINISTRATION))
        if not still():
            return False
        try:
            log.store.append_now(_append(log, event, head, chain, list(also)))
        except Collision:
            continue
        return True


def administered(log: Log, from_seq: int = 0) -> list[Entry]:
    """The administrative acts from that number on, in order."""
    return log.read_from(ADMINISTRATION, from_seq)


def _append(log: Log, event: Administered, head: int, chain: bytes, also: list[Statement]) -> Append:
    seq, at, data = head + 1, log.clock(), log.redactor(encode(event))
    random = log.random_bytes(EVENT_ID_BYTES + SALT_BYTES)
    event_id, salt = random[:EVENT_ID_BYTES].hex(), random[EVENT_ID_BYTES:]
    body = digest(salt, data)
    link_now = link(chain, ADMINISTRATION, seq, event_id, at, event.kind, body)
    row = EventRow(seq, event_id, at, event.kind, body, link_now, None, None, None, salt=salt, data=data)
    columns = {"run_id": ADMINISTRATION, "head": seq, "chain": link_now}
    return Append(
        run_id=ADMINISTRATION, expected_head=head, events=[row], run=columns, course="stream", also=also
    )
