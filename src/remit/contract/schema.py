"""The remit as data: every key that a remit.yaml may hold, and what it means.

Short forms (`ask: always`, `model: openai:...`) are widened before validation, so that each
class here holds one form only.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from remit.contract.duration import Duration
from remit.outcome import Effect, FailureMode

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$", max_length=120)]
Text = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A piece of a remit: immutable, and nothing in it goes unread."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


def _widen(key: str) -> BeforeValidator:
    """A text stands for a mapping with that one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


class SecretName(Part):
    """A value that is taken from the environment and never logged."""

    secret: Name


class Input(Part):
    """Who is speaking to the agent, and how much of it is read."""

    speaker: Literal["public", "principal"] = Field("public", alias="from")
    """`public`: third-party text that carries no authority; `principal`: the user's own words."""
    max_tokens: int = Field(4000, gt=0)
    """A longer input is `invalid_input`."""


class ModelChoice(Part):
    """Which model answers, which ones stand in for it, and how it is asked."""

    use: Text
    """`provider:name`, `local:name`, or `openai-compatible:name` with `base_url`."""
    fallback: tuple[Text, ...] = ()
    """Tried in order when `use` is unavailable."""
    base_url: Text | None = None
    api_key: SecretName | None = None
    calls: Literal["auto", "native", "constrained"] = "auto"
    """How tool calls are made: by the provider, or by an answer whose form is constrained."""
    temperature: float = Field(0.0, ge=0, le=2)
    max_output_tokens: int = Field(1000, gt=0)
    timeout: Duration = 60.0
    """For one attempt at one model."""
    tries: int = Field(3, ge=1, le=10)
    """Attempts per model of the chain, for errors that may pass."""


class Topic(Part):
    """Something that the agent does not do, and what happens when it is asked for."""

    topic: Text
    words: tuple[Text, ...] = ()
    """Words that give the topic away; without them, those of `topic` itself."""
    queue: Name | None = None
    say: Text | None = None


class Output(Part):
    """The form of the answer."""

    schema_file: Text = Field(alias="schema")
    """A JSON Schema file beside the remit."""
    repair: int = Field(1, ge=0, le=5)
    """How often the model is asked again after an answer that does not fit."""


class Budget(Part):
    """What one run may use; waiting for a person does not count."""

    steps: int = Field(12, gt=0)
    """Model answers that carry the task forward."""
    tokens: int = Field(50_000, gt=0)
    cost_usd: float = Field(0.50, gt=0)
    working_time: Duration = 180.0


class WindowRule(Part):
    """What is done, in order, when the conversation does not fit the model."""

    tokens: int | None = Field(None, gt=0)
    """The window to fill at most; without it, the model's own."""
    when_full: tuple[Literal["drop_tool_results", "slide", "summarise", "split"], ...] = (
        "drop_tool_results",
        "slide",
    )


class Argument(Part):
    """What one argument of a tool may be."""

    kind: Literal["authority", "content"] = "authority"
    """`authority`: it decides who, what or how much; `content`: words that decide nothing."""
    is_: Text | None = Field(None, alias="is")
    """It must equal this attested field, such as `user.account`."""
    only_from: Text | None = None
    """It must have stood in this field of an earlier result, such as `find_order.id`."""
    max: float | None = None
    min: float | None = None


class Ask(Part):
    """When a person is asked before a call, and what happens if nobody answers."""

    when: Text
    """`always`, or a comparison over the arguments such as `amount_eur > 20`."""
    queue: Name | None = None
    """Without it, the default queue of `handover`."""
    deadline: Duration = 14_400.0
    otherwise: Literal["deny", "approve"] = "deny"


class LastKnown(Part):
    """Answer from the last validated result, with its date, if it is no older than this."""

    last_known: Duration


class ToQueue(Part):
    """Hand the run over to people, for good."""

    queue: Name


class Say(Part):
    """Refuse with this sentence."""

    say: Text


class Fallback(Part):
    """Answer with this value, marked as degraded."""

    value: Any


Word = Literal["degrade", "fail", "refuse"]
Path = Annotated[ToQueue | Say | Fallback | LastKnown | Word, Field(union_mode="left_to_right")]
"""Where a failure leads. `degrade`: go on without it and say what is missing; `refuse`: with the
usual sentence; `fail`: the last resort."""


class ToolRule(Part):
    """One tool: where its code is, and what bounds its use. The strict form is the default."""

    python: Text | None = None
    """`module:function`, a function marked with `@tool`."""
    mcp: Text | None = None
    """`server:tool`, a tool of a server under `servers`."""
    effect: Effect | None = None
    """May only tighten what the code declares; required for a tool of a server."""
    ask: Annotated[Ask, _widen("when")] | None = None
    timeout: Duration = 30.0
    tries: int = Field(1, ge=1, le=10)
    """Attempts where the effect allows another one."""
    args: dict[str, Argument] = Field(default_factory=dict[str, Argument])
    once_per: tuple[Text, ...] = ()
    """Arguments that name the business action: the same values are not acted on twice."""
    key_ttl: Duration = 86_400.0
    """How long the other side remembers a key (`keyed` only)."""
    max_result_bytes: int = Field(20_000, gt=0)
    """A longer result is cut, and the cut is said."""
    breaker: Annotated[int, Field(ge=1)] = 5
    """Failures in a row, over all runs, after which the tool counts as unavailable."""
    breaker_rest: Duration = 30.0
    """How long it then rests before one call tries it again."""
    unavailable: Path | None = None
    failed: Path | None = None
    unknown: ToQueue | None = None
    """Whom to ask when nobody knows whether the call took place."""


class Server(Part):
    """An MCP server: a command that is started, or an address."""

    command: tuple[Text, ...] = ()
    url: Text | None = None
    environment: dict[str, str | SecretName] = Field(default_factory=dict[str, str | SecretName])
    headers: dict[str, str | SecretName] = Field(default_factory=dict[str, str | SecretName])
    timeout: Duration = 30.0


class Queue(Part):
    """Where cases wait, and who looks after them."""

    owner: Text | None = None
    deadline: Duration = 14_400.0


class Contract(Part):
    """One agent's remit, as it stands in the file."""

    remit: Literal[1]
    agent: Name
    purpose: Text
    owner: Text | None = None
    instructions: Text | None = None
    """Said to the model after the scope; the scope itself is written from this file."""
    input: Input = Input.model_validate({})
    model: Annotated[ModelChoice, _widen("use")]
    handover: Name | None = None
    """The default queue, for every failure that has no other path."""
    does: tuple[Text, ...] = Field(min_length=1)
    does_not: tuple[Annotated[Topic, _widen("topic")], ...] = ()
    limitations: tuple[Text, ...] = ()
    output: Output | None = None
    budget: Budget = Budget.model_validate({})
    window: WindowRule = WindowRule.model_validate({})
    tools: dict[Name, Annotated[ToolRule, _widen("python")]] = Field(default_factory=dict[str, ToolRule])
    servers: dict[Name, Server] = Field(default_factory=dict[str, Server])
    secrets: tuple[Name, ...] = ()
    """Environment variables that the tools need; never logged."""
    queues: dict[Name, Queue] = Field(default_factory=dict[str, Queue])
    on_failure: dict[FailureMode, Path] = Field(default_factory=dict[FailureMode, Path])


NOT_YET = {
    "scope": "examples that train the scope gate",
    "confidence": "calibrated confidence",
    "knowledge": "knowledge bases",
}
"""Keys of the design that nothing enforces yet: refused, so that no file promises more than runs."""
