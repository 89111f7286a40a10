"""A call failed: may it be made again, and what is known if not?"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import assert_never

from remit.outcome import Effect

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0


class ErrorClass(StrEnum):
    """How one attempt at a tool failed."""

    FAILURE = "failure"
    """The tool says that it did nothing and that another attempt will not help."""
    UNAVAILABLE = "unavailable"
    """The tool says that it did nothing because something cannot be reached now."""
    TIMEOUT = "timeout"
    """No answer; the call may have taken effect."""
    EXCEPTION = "exception"
    """Any other exception; the call may have taken effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Make the same call again, with the same key, after `wait_s` seconds."""

    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Give up: the tool cannot be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Give up: the tool answered with an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Give up: nobody here knows whether the call took effect."""

    reason: str


Verdict = TryAgain | Unavailable | Failed | Unknown


def ambiguous(error: ErrorClass) -> bool:
    """True if the attempt may have taken effect although it failed."""
    return error in (ErrorClass.TIMEOUT, ErrorClass.EXCEPTION)


def after_failure(
    effect: Effect,
    error: ErrorClass,
    *,
    attempt: int,
    tries: int,
    elapsed_s: float,
    allowed_s: float = inf,
    doubtful: bool = False,
) -> Verdict:
    """What follows the failed attempt number `attempt` (the first is 1).

    `doubtful`: an earlier attempt at this call was ambiguous. `elapsed_s` and `allowed_s` count from
    the first attempt: no attempt is begun after `allowed_s`.
    """
    in_doubt = doubtful or ambiguous(error)
    if effect is Effect.IRREVERSIBLE and in_doubt:
        return Unknown(reason="the attempt may have taken effect, and a second one would be wrong")
    wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempt - 1, 10))
    if error is not ErrorClass.FAILURE and attempt < tries and elapsed_s + wait_s < allowed_s:
        return TryAgain(wait_s=wait_s)
    if effect is Effect.KEYED and in_doubt:
        return Unknown(reason="an attempt may have taken effect, and no later one gave an answer")
    return _given_up(error)


def _given_up(error: ErrorClass) -> Unavailable | Failed:
    match error:
        case ErrorClass.UNAVAILABLE | ErrorClass.TIMEOUT:
            return Unavailable()
        case ErrorClass.FAILURE | ErrorClass.EXCEPTION:
            return Failed()
        case _:
            assert_never(error)
