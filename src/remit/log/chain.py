"""The hash chain: what makes a changed, missing or reordered event show.

The chain covers salted digests of the stored bytes, never the bodies, so that a body and its
salt can be erased and the rest still verifies.
"""

from hashlib import sha256


def digest(salt: bytes, data: bytes) -> bytes:
    """The salted digest that stands for a body in the chain."""
    return sha256(salt + data).digest()


def origin(run_id: str) -> bytes:
    """What a run's first link hangs on."""
    return sha256(b"remit\x1f" + run_id.encode()).digest()


def link(previous: bytes, run_id: str, seq: int, event_id: str, at: float, kind: str, body: bytes) -> bytes:
    """The next link: previous link, the event's fixed columns and its body's digest."""
    head = f"{run_id}\x1f{seq}\x1f{event_id}\x1f{at!r}\x1f{kind}\x1f".encode()
    return sha256(previous + head + body).digest()
