"""Has somebody seen this answer already? Tags of what no longer changes by itself (RFC 9110, 8.8.3)."""

from hashlib import sha256

from remit.store import Row

CACHING = "private, no-cache"
"""Kept by whoever asked, and asked for again before each use: whether they may see it is judged anew."""


def tag_of(row: Row, *, kept: bool, asked: str, version: str) -> str | None:
    """What stands for the answer on a run that has ended; None while the run still changes by itself.

    The answer follows from the run's events, of which the chain is the digest up to its last one, from
    whether their bodies are kept, from what of it was asked for and from the code that writes it. Whoever
    sees the run is shown the same.
    """
    if row["state"] != "ended":
        return None
    parts = (version, row["run_id"], row["chain"].hex(), str(kept), asked)
    return f'"{sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def seen(if_none_match: str | None, tag: str | None) -> bool:
    """Whether that header names the tag; weak and strong ones are the same here."""
    if if_none_match is None or tag is None:
        return False
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag in named or named == ["*"]
