"""Is another attempt worth making after a failed one? The decision, without the waiting."""

from collections.abc import Callable
from dataclasses import dataclass

from remit.model.port import ModelErrorClass

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0

MAY_PASS = frozenset(
    {
        ModelErrorClass.RATE_LIMITED,
        ModelErrorClass.OVERLOADED,
        ModelErrorClass.TIMEOUT,
        ModelErrorClass.CONNECTION,
        ModelErrorClass.EMPTY,
        ModelErrorClass.MALFORMED,
    }
)
"""Errors after which the same request to the same model may succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Ask the same model again after `wait_s` seconds."""

    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NextModel:
    """Leave this model; the next one of the chain may do better."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No model is worth asking as things stand: the request itself has to change."""

    reason: str


NextTry = Retry | NextModel | GiveUp


def next_try(
    error: ModelErrorClass,
    attempt: int,
    tries: int,
    retry_after_s: float | None,
    random: Callable[[], float],
) -> NextTry:
    """What follows attempt number `attempt` (from 1) of at most `tries` at one model.

    A wait is never longer than LONGEST_WAIT_S: a provider that asks for more is left for the next
    model. `random` gives numbers from 0 to 1; it spreads the attempts of many runs.
    """
    if error is ModelErrorClass.CONTEXT_WINDOW:
        return GiveUp(reason="the request does not fit the model's window")
    if error not in MAY_PASS:
        return NextModel(reason=f"{error}: asking again would end the same way")
    if attempt >= tries:
        return NextModel(reason=f"{error}: {attempt} of {tries} attempts made")
    if retry_after_s is not None and retry_after_s > LONGEST_WAIT_S:
        return NextModel(reason=f"{error}: the provider asks to wait {retry_after_s:g} s")
    doubled_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempt - 1, 10))
    spread_s = doubled_s * (0.5 + 0.5 * random())
    return Retry(wait_s=max(spread_s, retry_after_s or 0.0))
