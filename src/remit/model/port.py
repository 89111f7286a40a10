"""The port to any model: one request, one reply, one closed list of errors."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from remit.event import Call, Message, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as a model is told of it."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of the arguments, an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that a model is told for one answer."""

    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    output_schema: dict[str, Any] | None = None
    temperature: float = 0.0
    max_output_tokens: int = 1000
    timeout_s: float = 60.0
    seed: int = 0
    """Where the model's chance begins, where it lets its caller say so."""
    logprobs: bool = False
    """Whether the reply is to say how likely its tokens were, where the model can."""
    note: str = ""
    """A last message from the runtime, for this request only: the correction of a re-ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model answered."""

    text: str
    calls: tuple[Call, ...] = ()
    usage: Usage = field(default_factory=Usage)
    reported_model: str = ""
    finish: str = ""
    mean_logprob: float | None = None
    provider_parts: str = ""


class ModelErrorClass(StrEnum):
    """Why one attempt at one model gave no reply."""

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    EMPTY = "empty"
    MALFORMED = "malformed"
    CONTEXT_WINDOW = "context_window"
    AUTHENTICATION = "authentication"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"


class ModelError(Exception):
    """One attempt failed; `error` decides whether another is worth making."""

    def __init__(
        self,
        error: ModelErrorClass,
        detail: str,
        *,
        retry_after_s: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(f"{error}: {detail}")
        self.error = error
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.usage = usage or Usage()
        """What the provider reported as used all the same, as for an empty reply."""


class Model(Protocol):
    """Anything that answers requests: a provider's, a local or a scripted model."""

    @property
    def name(self) -> str:
        """The string that the remit names it by, such as `openai:gpt-5.1-2025-11-13`."""
        ...

    @property
    def context_tokens(self) -> int | None:
        """The size of its window in tokens, None where it is not known."""
        ...

    async def ask(self, request: Request) -> Reply:
        """One attempt: the reply, or ModelError. Never retries by itself."""
        ...
