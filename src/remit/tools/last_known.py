"""May an earlier result stand in for one that cannot be had now?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from remit.outcome import Effect
from remit.tools.canonical import digest


class Dated(Protocol):
    """A stored result, as far as this decision needs it."""

    @property
    def as_of(self) -> float:
        """When it was fetched, in seconds since the epoch."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """The result may be shown, with its date."""

    as_of: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TooOld:
    """There is a result, and the remit's maximum age forbids it."""

    as_of: float


def last_known_key(
    *, tenant: str, user: Mapping[str, Any] | None, signature: str, arguments: Mapping[str, Any]
) -> str:
    """The key under which a result is kept: no other user, tool or question ever shares it.

    A user without an `id` is told apart by all that the caller attests of them.
    """
    who = None if user is None else user.get("id") or dict(user)
    return digest(["last_known", tenant, who, signature, dict(arguments)])


def storable(effect: Effect, *, cut_from_bytes: int | None) -> bool:
    """True for a whole result of a read; nothing else is ever kept."""
    return effect is Effect.READ and cut_from_bytes is None


def usable(row: Dated | None, now: float, max_age_s: float) -> Usable | TooOld | None:
    """Whether `row` may stand in at `now`; None where there is no row."""
    if row is None:
        return None
    if now - row.as_of > max_age_s:
        return TooOld(as_of=row.as_of)
    return Usable(as_of=row.as_of)
