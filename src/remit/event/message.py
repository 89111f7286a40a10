"""What is said to and by a model, as it stands in the log."""

from dataclasses import dataclass, field
from typing import Any, Literal

from remit.event.provenance import Integrity


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call as the model asked for it; nothing has been checked yet."""

    id: str
    tool: str
    arguments: dict[str, Any] | str
    """The arguments; the raw text where it is not a JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Text that somebody but a model or a tool contributed: the input, a person, the runtime."""

    text: str
    integrity: Integrity
    run_id: str = ""
    seq: int = 0
    role: Literal["said"] = "said"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSaid:
    """One answer of a model: text, tool calls, or both."""

    text: str
    calls: tuple[Call, ...] = ()
    provider_parts: str = ""
    """The provider's own message as JSON where text and calls do not say it all (reasoning)."""
    run_id: str = ""
    seq: int = 0
    role: Literal["model"] = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSaid:
    """What came back for one call: a result, or a sentence saying why there is none."""

    call_id: str
    tool: str
    text: str
    failed: bool = False
    integrity: Integrity = Integrity.THIRD_PARTY
    run_id: str = ""
    seq: int = 0
    role: Literal["tool"] = "tool"


Message = Said | ModelSaid | ToolSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and money that one or several model calls cost."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0

    def plus(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=self.cost_usd + other.cost_usd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a model or a tool that did not succeed."""

    target: str
    error: str
    """The class of the error, a closed word of the room that made the attempt."""
    detail: str = ""
    latency_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of the conversation that did not reach the model whole.

    It goes from `from_seq` of `run_id` to `to_seq` of the same run, or of `to_run_id` where that is set.
    """

    run_id: str
    from_seq: int
    to_seq: int
    what: Literal["tool_result", "turn", "document"]
    how: Literal["dropped", "summarised", "split"]
    tokens: int
    to_run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a model was shown, as references: messages stand once, in the log."""

    earlier_runs: tuple[str, str, int] | None = None
    """First and last earlier run of the conversation that is shown, and how many."""
    own_messages: int = 0
    """How many messages of this run are shown."""
    changed: tuple[Part, ...] = field(default=())
    tokens: int = 0
