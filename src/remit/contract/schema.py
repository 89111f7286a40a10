"""The remit as data: every key that a remit.yaml may hold, and what it means.

The sentence under a key is its meaning: the reference is printed from it. A text may stand for
the first key of some parts (`ask: always`, `model: openai:...`); it is widened while it is read,
so that each class here holds one form only.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from remit.contract.confidence import Confidence
from remit.contract.duration import Duration
from remit.contract.flow import Flow, Schedule
from remit.contract.grants import Argument, Endorsement, Guard, Returns, Template
from remit.contract.languages import LanguageCode
from remit.contract.own_request import AskPerson
from remit.contract.part import Many, ModelName, Name, Part, Text, ToolName, widen
from remit.contract.path import Path, ToQueue
from remit.contract.queue import Queue
from remit.contract.scope import Scope
from remit.contract.secret import SecretName, Setting
from remit.outcome import Effect, FailureMode


class Input(Part):
    """Who is speaking to the agent, and how much of it is read."""

    speaker: Literal["public", "principal"] = Field("public", alias="from")
    """`public`: third-party text that carries no authority; `principal`: the user's own words."""
    max_tokens: int = Field(4000, gt=0)
    """A longer input is `invalid_input`."""
    schema_file: Text | None = Field(None, alias="schema")
    """A JSON Schema file beside the remit; an input that does not fit it is `invalid_input`."""
    languages: Many[LanguageCode] = ()
    """Languages that an input may be in, such as `[en, de]`; one clearly in another is `invalid_input`."""
    other_language: Path | None = None
    """Where an input in another language leads; without it, the path of `invalid_input`."""
    suspicious_from: float | None = Field(None, gt=0, le=1)
    """From this suspicion on, an input is `injection_suspected`; without it, suspicion is only recorded."""


class ModelChoice(Part):
    """Which model answers, which ones stand in for it, and how it is asked."""

    use: ModelName
    """`provider:name`, `local:name`, or `openai-compatible:name` with `base_url`."""
    fallback: Many[ModelName] = ()
    """Tried in order when `use` is unavailable."""
    base_url: Text | None = None
    """The address of the provider, where it is not the provider's own."""
    api_key: SecretName | None = None
    """The secret that is sent to the provider; without it, the provider's usual variable."""
    calls: Literal["auto", "native", "constrained"] = "auto"
    """How tool calls are made: by the provider, or by an answer whose form is constrained."""
    temperature: float = Field(0.0, ge=0, le=2)
    """How freely the model chooses its words; 0 is the steadiest."""
    max_output_tokens: int = Field(1000, gt=0)
    """The longest answer that the model may give in one step."""
    timeout: Duration = 60.0
    """For one attempt at one model."""
    tries: int = Field(3, ge=1, le=10)
    """Attempts per model of the chain, for errors that may pass."""
    calls_per_minute: int | None = Field(None, gt=0)
    """Calls of each model of the chain in any minute, over all workers; a further one waits its turn."""
    tokens_per_minute: int | None = Field(None, gt=0)
    """Tokens of each model of the chain in any minute, read and written, over all workers."""


class Topic(Part):
    """Something that the agent does not do, and what happens when it is asked for."""

    topic: Text
    """What it is, in words that a reader of the remit understands."""
    words: Many[Text] = ()
    """Words that give the topic away; without them, those of `topic` itself."""
    queue: Name | None = None
    """Who gets such an input; without it, `out_of_scope` takes its path."""
    say: Text | None = None
    """What the caller is told; without it, the usual sentence."""


class Output(Part):
    """The form of the answer."""

    schema_file: Text = Field(alias="schema")
    """A JSON Schema file beside the remit."""
    repair: int = Field(1, ge=0, le=5)
    """How often the model is asked again after an answer that does not fit."""


class Budget(Part):
    """What one run may use; waiting for a person does not count."""

    steps: int = Field(12, gt=0)
    """Model calls, the runtime's own (re-asking, summaries) included."""
    tokens: int = Field(50_000, gt=0)
    """Tokens of all model calls together, read and written."""
    cost_usd: float = Field(0.50, gt=0, allow_inf_nan=False)
    """What all model calls together may cost, in US dollars."""
    working_time: Duration = 180.0
    """Time in which the run is being worked on."""


class WindowRule(Part):
    """What is done, in order, when the conversation does not fit the model."""

    tokens: int | None = Field(None, gt=0)
    """The window to fill at most; without it, the model's own."""
    when_full: Many[Literal["drop_tool_results", "slide", "summarise", "split"]] = (
        "drop_tool_results",
        "slide",
    )
    """What is tried, in this order; every part that is dropped or shortened is logged."""


class Ask(Part):
    """When a person is asked before a call, and what happens if nobody answers."""

    when: Text
    """`always`, or a comparison over the arguments such as `amount_eur > 20`."""
    queue: Name | None = None
    """Without it, the default queue of `handover`."""
    deadline: Duration = 14_400.0
    """How long the run waits for a decision; without it, as the queue says."""
    otherwise: Literal["deny", "approve"] = "deny"
    """What is decided when the deadline has passed; without it, as the queue says."""


class ToolRule(Part):
    """One tool: where its code is, and what bounds its use. The strict form is the default."""

    python: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")] | None = None
    """`module:function`, a function marked with `@tool`."""
    mcp: Annotated[str, Field(pattern=r"^[^:\s]+:\S+$")] | None = None
    """`server:tool`, a tool of a server under `servers`."""
    effect: Effect | None = None
    """May only tighten what the code declares; required for a tool of a server."""
    ask: Annotated[Ask, widen("when")] | None = None
    """When a person decides before the call is made; without it, nobody is asked."""
    timeout: Duration = 30.0
    """For one attempt at one call."""
    tries: int = Field(1, ge=1, le=10)
    """Attempts where the effect allows another one."""
    calls_per_minute: int | None = Field(None, gt=0)
    """Calls of this tool in any minute, over all workers; a further one waits its turn."""
    args: dict[Text, Argument] = Field(default_factory=dict[str, Argument])
    """What each argument may be; an argument that is not named here is an authority without a cap."""
    egress: bool = False
    """Whether its arguments leave the house: then a read is guarded like a write. May only tighten."""
    audience: Text | None = None
    """Who learns its `content`: an argument that names them, `user`, or `public`; without it, `public`."""
    returns: Returns = Field(default_factory=lambda: Returns.model_validate({}))
    """Whose words the result is made of, and who may read them."""
    once_per: Many[Text] = ()
    """Arguments that name the business action: the same values are not acted on twice."""
    key_ttl: Duration = 86_400.0
    """How long the other side remembers a key (`keyed` only)."""
    max_result_bytes: int = Field(20_000, gt=0)
    """A longer result is cut, and the cut is said."""
    breaker: int = Field(5, ge=1)
    """Failures in a row, over all runs, after which the tool counts as unavailable."""
    breaker_rest: Duration = 30.0
    """How long it then rests before one call tries it again."""
    unavailable: Path | None = None
    """Where `tool_unavailable` leads for this tool."""
    failed: Path | None = None
    """Where `tool_failed` leads for this tool."""
    unknown: ToQueue | None = None
    """Whom to ask when nobody knows whether the call took place."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.python is None) == (self.mcp is None):
            raise ValueError("a tool has either `python: module:function` or `mcp: server:tool`, exactly one")
        return self


class Server(Part):
    """An MCP server: a command that is started, or an address."""

    command: Many[Text] = ()
    """The program and its arguments, each an entry of its own."""
    url: Text | None = None
    """The address of a server that is running."""
    environment: dict[Text, Setting] = Field(default_factory=dict[str, str | SecretName])
    """Environment variables of the command."""
    headers: dict[Text, Setting] = Field(default_factory=dict[str, str | SecretName])
    """HTTP headers sent to the address."""
    timeout: Duration = 30.0
    """For connecting to it and for listing its tools."""


class Contract(Part):
    """One agent's remit, as it stands in the file."""

    remit: Literal[1]
    """The version of this format."""
    agent: Name
    """What the agent is called."""
    purpose: Text
    """What the agent is for, in one or two sentences; the model reads it first."""
    owner: Text | None = None
    """Who answers for the agent."""
    instructions: Text | None = None
    """Said to the model after the scope; the scope itself is written from this file."""
    input: Input = Field(default_factory=lambda: Input.model_validate({}))
    """Who is speaking, and how much is read."""
    model: Annotated[ModelChoice, widen("use")]
    """Which model answers."""
    handover: Name | None = None
    """The default queue, for every failure that has no other path."""
    does: Many[Text] = Field(min_length=1)
    """What the agent does."""
    does_not: Many[Annotated[Topic, widen("topic")]] = ()
    """What the agent does not do; an input that names such a topic is routed before a model sees it."""
    limitations: Many[Text] = ()
    """What the agent cannot know or do; said to the model and printed in the runbook."""
    scope: Annotated[Scope, widen("examples")] | None = None
    """The gate before the model; without it, only the words of `does_not` are looked for."""
    output: Output | None = None
    """The form of the answer; without it, the answer is a text."""
    confidence: Annotated[Confidence, widen("mode")] | None = None
    """How sure an answer must be to go out without a person; without it, every answer goes out."""
    budget: Budget = Field(default_factory=lambda: Budget.model_validate({}))
    """What one run may use."""
    flow: Flow = Field(default_factory=lambda: Flow.model_validate({}))
    """How many runs may be under way or wait, over all workers."""
    window: WindowRule = Field(default_factory=lambda: WindowRule.model_validate({}))
    """What is done when the conversation does not fit the model."""
    tools: dict[ToolName, Annotated[ToolRule, widen("python")]] = Field(default_factory=dict[str, ToolRule])
    """What the agent may call, by the name that the model sees."""
    ask_person: Annotated[AskPerson, widen("queue")] | None = None
    """Whether the agent may ask a person by itself; without it, it cannot."""
    grants: dict[Name, Many[Template]] = Field(default_factory=dict[str, tuple[Template, ...]])
    """Calls that may be made after strangers' words were read, by the name of what they are for. A tool that
    stands in none is bounded by its own rule."""
    endorsements: Many[Endorsement] = ()
    """Values that somebody vouches for."""
    guard: Guard = Field(default_factory=lambda: Guard.model_validate({}))
    """How calls are guarded."""
    servers: dict[Name, Server] = Field(default_factory=dict[str, Server])
    """MCP servers that tools come from."""
    secrets: Many[Name] = ()
    """Environment variables that the tools need; never logged."""
    queues: dict[Name, Queue] = Field(default_factory=dict[str, Queue])
    """Where people find cases."""
    schedules: dict[Name, Schedule] = Field(default_factory=dict[str, Schedule])
    """What the agent is given by the clock."""
    on_failure: dict[FailureMode, Path] = Field(default_factory=dict[FailureMode, Path])
    """Where each failure leads that has no path of its tool's own."""


NOT_YET = {
    "knowledge": "knowledge bases",
}
"""Keys of the design that nothing enforces yet: refused, so that no file promises more than runs."""
