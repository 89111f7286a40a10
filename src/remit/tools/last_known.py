"""May an earlier result stand in for one that cannot be had now?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remit.outcome import Effect
from remit.tools.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """The result may be shown, with its date."""

    as_of: float


def last_known_key(
    tenant: str, user: Mapping[str, Any] | None, signature: str, arguments: Mapping[str, Any]
) -> str:
    """The key under which a result is kept: no other user, tool or question ever shares it.

    A user without an `id` is told apart by all that the caller attests of them.
    """
    who = None if user is None else user.get("id") or dict(user)
    return digest(["last_known", tenant, who, signature, dict(arguments)])


def storable(effect: Effect, *, cut_from_bytes: int | None) -> bool:
    """True for a whole result of a read; nothing else is ever kept."""
    return effect is Effect.READ and cut_from_bytes is None


def usable(as_of: float | None, now: float, max_age_s: float) -> Usable | None:
    """Whether a result of `as_of` may stand in at `now`; None where there is none or it is too old."""
    if as_of is None or now - as_of > max_age_s:
        return None
    return Usable(as_of=as_of)
