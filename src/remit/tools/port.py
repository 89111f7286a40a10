"""The port to any tool: what it is, what it takes, how it is called."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from remit.event import Integrity
from remit.outcome import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a tool may know of the call: a function asks for it by a parameter of this type."""

    run_id: str
    key: str
    """The same for every attempt at this call: send it as the idempotency key."""
    user: dict[str, Any] | None
    tenant: str


class ToolFailure(Exception):
    """Raised by a tool: it did nothing, and trying again will not help. The text is for the model."""


class ToolUnavailable(Exception):
    """Raised by a tool: it did nothing, because what it needs cannot be reached now."""


class ArgumentsInvalid(Exception):
    """The arguments do not fit the tool; the text says which and how, for the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that can be called: from a Python function or an MCP server."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of the arguments, an object without additional properties."""
    effect: Effect
    integrity: Integrity
    signature: str
    """Hash of name, description, parameters and effect; part of the release."""
    validate: Callable[[dict[str, Any]], dict[str, Any]]
    """The arguments as JSON values, checked and completed; raises ArgumentsInvalid."""
    call: Callable[[dict[str, Any], ToolContext], Awaitable[Any]]
    """One attempt with validated arguments; no time limit of its own."""
    reconcile: Callable[[dict[str, Any], ToolContext], Awaitable[Any]] | None = None
    """The tool's own query: the result of the call with that key, or None if it never happened."""
    prepare: Callable[[], Awaitable[None]] | None = None
    """Makes the tool reachable, and does nothing else; raises ToolUnavailable. A time-out in here is
    not ambiguous, because nothing has been sent."""
    claims: frozenset[str] = frozenset()
    """What its server says of it, such as `read_only`; it may only tighten."""
    egress: bool = False
    """Whether its arguments leave the house, so that a read of it is guarded like a write."""
    close: Callable[[], Awaitable[None]] | None = None
    """Ends what the tool keeps open; the tool can be called again afterwards."""
