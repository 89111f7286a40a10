"""Remit: the production runtime for AI agents.

One reviewed file of limits per agent, a runtime that enforces it, and one log that proves it.
"""

from remit.app import Remit, Runtime
from remit.errors import ContractError, DecisionRefused, NotFound, RemitError, StoreError
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
    "Waiting",
    "tool",
]
