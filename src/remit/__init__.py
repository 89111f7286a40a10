"""Remit: the production runtime for AI agents.

One reviewed file of limits per agent, a runtime that enforces it, and one log that proves it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remit.app import Remit, Runtime
    from remit.errors import ContractError, DecisionRefused, NotFound, RemitError, StoreError, TryLater
    from remit.outcome import (
        Answered,
        Degraded,
        Effect,
        Escalated,
        Failed,
        FailureMode,
        Outcome,
        Refused,
        Waiting,
    )
    from remit.tools import ToolContext, ToolFailure, ToolUnavailable, tool

__all__ = [
    "Answered",
    "ContractError",
    "DecisionRefused",
    "Degraded",
    "Effect",
    "Escalated",
    "Failed",
    "FailureMode",
    "NotFound",
    "Outcome",
    "Refused",
    "Remit",
    "RemitError",
    "Runtime",
    "StoreError",
    "ToolContext",
    "ToolFailure",
    "ToolUnavailable",
    "TryLater",
    "Waiting",
    "tool",
]

_ROOMS = {
    "remit.app": ("Remit", "Runtime"),
    "remit.errors": ("ContractError", "DecisionRefused", "NotFound", "RemitError", "StoreError", "TryLater"),
    "remit.tools": ("ToolContext", "ToolFailure", "ToolUnavailable", "tool"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """Each public name is imported when it is first used, so that `remit --help` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_ROOM_OF.get(name, "remit.outcome")), name)
    globals()[name] = value
    return value
