"""API keys: made from the system's randomness, shown once, kept as a digest, ended by a word.

A key holds 256 random bits, which nobody guesses: a single SHA-256 keeps it as safe as a slow hash would,
and a slow hash would let anybody keep the server busy by sending wrong keys. Slow hashes are for secrets
that people choose (NIST SP 800-63B, 5.1.1.2 and 5.1.2.2).
"""

import hmac
import json
import re
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256

from remit.app.access import Identity, Role
from remit.errors import AccessRefused, NotFound
from remit.event import Administered
from remit.log import Log, administer
from remit.store import Row, Statement

_FORM = re.compile(r"remit_([a-z2-7]{8})_([a-z2-7]{52})")
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key; times are seconds since the epoch."""

    id: str
    name: str
    role: Role
    agents: tuple[str, ...]
    queues: tuple[str, ...]
    tenants: tuple[str, ...]
    created_at: float
    expires_at: float | None
    revoked_at: float | None

    @property
    def identity(self) -> Identity:
        """Who its bearer is."""
        return Identity(
            name=self.name,
            role=self.role,
            agents=self.agents,
            queues=self.queues,
            tenants=self.tenants,
            key_id=self.id,
        )

    def ended(self, now: float) -> str | None:
        """Why it is no longer valid; None while it is."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A key that was just made: `secret` is the whole of it and is shown this once."""

    secret: str
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """What a key shall be good for."""

    name: str
    role: Role
    agents: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    expires_at: float | None = None


def issue_key(log: Log, wish: KeyWish, *, by: str) -> Issued:
    """A new key, durably issued; AccessRefused if its name or its end will not do."""
    now = log.clock()
    name = wish.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.casefold() == "deadline":
        raise AccessRefused(
            "A key has the name of whoever uses it.", remedy=f"At most {LONGEST_NAME} printable characters."
        )
    if wish.expires_at is not None and wish.expires_at <= now:
        raise AccessRefused("The key would have expired already.", remedy="Name a later time.")
    key_id, rest = _letters(log.random_bytes(5)), _letters(log.random_bytes(32))
    secret = f"remit_{key_id}_{rest}"
    key = Key(
        id=key_id,
        name=name,
        role=wish.role,
        agents=wish.agents,
        queues=wish.queues,
        tenants=wish.tenants,
        created_at=now,
        expires_at=wish.expires_at,
        revoked_at=None,
    )
    administer(log, _issued(key, by), _put(key, secret))
    return Issued(secret=secret, key=key)


def _issued(key: Key, by: str) -> Administered:
    return Administered(
        act="key_issued",
        by=by,
        subject=key.id,
        name=key.name,
        role=key.role,
        agents=key.agents,
        queues=key.queues,
        tenants=key.tenants,
        expires_at=key.expires_at,
    )


def _put(key: Key, secret: str) -> Statement:
    values = {
        "key_id": key.id,
        "digest": digest_of(secret),
        "name": key.name,
        "role": str(key.role),
        "agents": json.dumps(key.agents),
        "queues": json.dumps(key.queues),
        "tenants": json.dumps(key.tenants),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
    }
    return Statement("put_key", values)


def revoke_key(log: Log, key_id: str, *, by: str, reason: str = "") -> Key:
    """Ends a key and what was opened with it, durably; NotFound if there is none.

    A key that is revoked already stays as it is, and nothing is logged.
    """
    key = key_named(log, key_id)
    if key.revoked_at is None:
        act = Administered(act="key_revoked", by=by, subject=key.id, name=key.name, reason=reason)
        administer(log, act, Statement("revoke_key", {"key_id": key.id, "at": log.clock()}))
    return key_named(log, key_id)


def key_named(log: Log, key_id: str) -> Key:
    """The key of that id; NotFound if there is none."""
    row = log.store.row("key_row", {"key_id": key_id})
    if row is None:
        raise NotFound(f"There is no key {key_id}.", remedy="`remit key list` shows them.")
    return _key(row)


def all_keys(log: Log) -> list[Key]:
    """Every key that was ever issued, oldest first."""
    return [_key(row) for row in log.store.rows("keys")]


def any_key(log: Log) -> bool:
    """Whether a key was ever issued: from then on every request needs one, even if all are revoked."""
    return bool(log.store.rows("any_key"))


def key_of(log: Log, presented: str) -> Key:
    """The key that somebody presents; AccessRefused says what is wrong with it.

    What is said of a key is said only to whoever has the whole of it.
    """
    form = _FORM.fullmatch(presented)
    if form is None:
        raise AccessRefused("This is not a key of Remit's.", remedy="It looks like remit_..._...")
    row = log.store.row("key_row", {"key_id": form[1]})
    if row is None or not hmac.compare_digest(digest_of(presented), row["digest"]):
        raise AccessRefused("There is no such key.", remedy="Ask whoever issues keys for one.")
    key = _key(row)
    ended = key.ended(log.clock())
    if ended is not None:
        raise AccessRefused(f"The key {key.id} is {ended}.", remedy="Ask whoever issues keys for another.")
    return key


def digest_of(secret: str) -> bytes:
    """What is kept in place of a secret of 256 random bits."""
    return sha256(secret.encode()).digest()


def _letters(random: bytes) -> str:
    return b32encode(random).decode().rstrip("=").lower()


def _key(row: Row) -> Key:
    return Key(
        id=row["key_id"],
        name=row["name"],
        role=Role(row["role"]),
        agents=tuple(json.loads(row["agents"])),
        queues=tuple(json.loads(row["queues"])),
        tenants=tuple(json.loads(row["tenants"])),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
