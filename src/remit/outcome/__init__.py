"""How may a run end, and why did it leave the happy path? Pure data."""

from remit.outcome.effect import Effect, side_effecting, stricter
from remit.outcome.failure import MEANING, FailureMode
from remit.outcome.outcomes import Answered, Degraded, Escalated, Failed, Outcome, Refused, Waiting

__all__ = [
    "MEANING",
    "Answered",
    "Degraded",
    "Effect",
    "Escalated",
    "Failed",
    "FailureMode",
    "Outcome",
    "Refused",
    "Waiting",
    "side_effecting",
    "stricter",
]
