"""Sessions of people at a browser: a random cookie kept as a digest, ended with the key that opened it."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from remit.app.access import Identity, Role
from remit.app.keys import digest_of, key_named, key_of
from remit.errors import AccessRefused, NotFound
from remit.event import Administered
from remit.log import Log, administer
from remit.store import Row, Statement

LASTS_S = 12 * 3600.0
"""How long a session is good for, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that was just opened; `token` is for the cookie alone."""

    token: str
    csrf: str
    """What a form or a script sends back with everything that changes something."""
    identity: Identity
    expires_at: float


def sign_in(log: Log, presented: str) -> Session:
    """A session for the bearer of a key; AccessRefused if the key is not valid."""
    key = key_of(log, presented)
    ends = log.clock() + LASTS_S
    expires_at = ends if key.expires_at is None else min(ends, key.expires_at)
    return _opened(log, key.identity, expires_at)


def sign_in_as(log: Log, name: str, role: Role) -> Session:
    """A session for somebody whom an identity provider vouches for."""
    return _opened(log, Identity(name=name, role=role), log.clock() + LASTS_S)


def _opened(log: Log, identity: Identity, expires_at: float) -> Session:
    now = log.clock()
    token = urlsafe_b64encode(log.random_bytes(32)).decode().rstrip("=")
    values = {
        "digest": digest_of(token),
        "key_id": identity.key_id,
        "name": identity.name,
        "role": str(identity.role),
        "created_at": now,
        "expires_at": expires_at,
    }
    act = Administered(
        act="signed_in", by=identity.name, subject=identity.key_id or identity.name, role=identity.role
    )
    old = Statement("end_sessions_before", {"at": now})
    administer(log, act, old, Statement("put_session", values))
    return Session(token=token, csrf=csrf_of(token), identity=identity, expires_at=expires_at)


def sign_out(log: Log, token: str) -> None:
    """Ends the session; nothing happens where there is none."""
    row = log.store.row("session_row", {"digest": digest_of(token)})
    if row is not None:
        act = Administered(act="signed_out", by=row["name"], subject=row["key_id"] or row["name"])
        administer(log, act, Statement("end_session", {"digest": row["digest"]}))


def identity_of_session(log: Log, token: str) -> Identity:
    """Who holds that cookie; AccessRefused if the session or its key has ended.

    The role is the key's as it stands now.
    """
    row = log.store.row("session_row", {"digest": digest_of(token)})
    now = log.clock()
    if row is None or row["expires_at"] <= now:
        raise AccessRefused("The session has ended.", remedy="Sign in again.")
    if row["key_id"] is None:
        return Identity(name=row["name"], role=Role(row["role"]))
    return _of_key(log, row, now)


def _of_key(log: Log, row: Row, now: float) -> Identity:
    try:
        key = key_named(log, row["key_id"])
    except NotFound as error:
        raise AccessRefused("The session has ended.", remedy="Sign in again.") from error
    ended = key.ended(now)
    if ended is not None:
        raise AccessRefused(f"The key {key.id} is {ended}.", remedy="Sign in with another.")
    return key.identity


def csrf_of(token: str) -> str:
    """The token that proves that a change comes from a page of ours, not from another site's."""
    return sha256(b"csrf\x1f" + token.encode()).hexdigest()


def csrf_fits(token: str, presented: str | None) -> bool:
    """Whether what came with the change belongs to this session."""
    return presented is not None and hmac.compare_digest(csrf_of(token).encode(), presented.encode())
