"""A signed token that lets one end user say how one run went, and nothing else."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from remit.errors import AccessRefused
from remit.log import Log
from remit.store import Statement

_SECRET = "feedback_secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackToken:
    """What a token says: for which run, of whom, until when (seconds since the epoch)."""

    run_id: str
    by: str
    expires_at: float


def signing_secret(log: Log) -> bytes:
    """The secret of this log, the same in every process that serves it; made when first asked for."""
    row = log.store.row("meta_row", {"name": _SECRET})
    if row is None:
        values = {"name": _SECRET, "value": log.random_bytes(32).hex()}
        log.store.execute_now(Statement("put_meta", values))
        row = log.store.row("meta_row", {"name": _SECRET})
    assert row is not None, "the secret was put there or was there already"
    return bytes.fromhex(row["value"])


def feedback_token_text(token: FeedbackToken, secret: bytes) -> str:
    """The token as text, for an address or a header."""
    said = json.dumps([token.run_id, token.by, token.expires_at]).encode()
    return f"{_text(said)}.{_text(hmac.digest(secret, said, sha256))}"


def read_feedback_token(text: str, secret: bytes, *, run_id: str, now: float) -> FeedbackToken:
    """The token of that text for that run; AccessRefused if it is forged, old or another run's."""
    said, signature = (_bytes(part) for part in (*text.split("."), "", "")[:2])
    if not hmac.compare_digest(hmac.digest(secret, said, sha256), signature):
        raise AccessRefused("This token was not given out here.", remedy="Ask for another one.")
    known: list[Any] = json.loads(said)
    token = FeedbackToken(run_id=known[0], by=known[1], expires_at=known[2])
    if token.run_id != run_id:
        raise AccessRefused("This token is for another run.", remedy="Use the one that came with this run.")
    if token.expires_at <= now:
        raise AccessRefused("This token has expired.", remedy="Ask for another one.")
    return token


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except ValueError:
        return b""
