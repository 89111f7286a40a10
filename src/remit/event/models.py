"""What is asked of models and what they answer.

Times are seconds since the epoch.
"""

from dataclasses import dataclass
from typing import Any, Literal

from remit.event.message import Attempt, Call, Part, Usage, Window
from remit.outcome import FailureMode


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFitted:
    """Something was left out or shortened so that the conversation fits; every part is named."""

    limit_tokens: int
    """What fits."""
    before_tokens: int
    """The size before, as counted here."""
    after_tokens: int
    """The size after."""
    changed: tuple[Part, ...]
    """Each stretch that was dropped, summarised or split."""
    summary: str = ""
    """The text that stands for what was summarised."""
    summary_key: str = ""
    """What the summary stands for, in the words of the room that asked for it."""
    kind: Literal["window_fitted"] = "window_fitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """A model is about to be asked; what it is shown is given by reference."""

    model: str
    """The first model of the chain, as the remit names it."""
    purpose: Literal["step", "repair", "summary", "plan", "sample", "judge"]
    """A step of the agent, the re-asking of an answer, a summary, the templates of a grant, or a second
    opinion on an answer."""
    window: Window
    """Which messages it is shown."""
    note: str = ""
    """What the runtime adds at the end of this one request: the correction of a re-ask."""
    kind: Literal["model_asked"] = "model_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswered:
    """What the model said, who says it was, and what it cost."""

    asked_seq: int
    model: str
    """The model that answered, as the remit names it."""
    reported_model: str
    """What the provider says it was."""
    purpose: Literal["step", "repair", "summary", "plan", "sample", "judge"]
    text: str
    """Its words."""
    calls: tuple[Call, ...]
    """The calls that it asks for; none is permitted yet."""
    usage: Usage
    """Tokens and cost, failed attempts included."""
    latency_ms: float
    """From asking to the answer, all attempts."""
    finish: str = ""
    """Why it stopped, in its own word."""
    attempts: tuple[Attempt, ...] = ()
    """What failed before it answered."""
    mean_logprob: float | None = None
    """How likely its words were to itself, where it says so."""
    provider_parts: str = ""
    """The provider's own message where text and calls do not say it all."""
    kind: Literal["model_answered"] = "model_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFailed:
    """No model of the chain answered."""

    asked_seq: int
    mode: FailureMode
    """The failure whose path is taken."""
    reason: str
    """What happened, without the text of any secret."""
    attempts: tuple[Attempt, ...]
    """Every attempt at every model."""
    usage: Usage
    """What was used all the same."""
    kind: Literal["model_failed"] = "model_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChecked:
    """Whether the answer fits what was promised, and what repair did to it."""

    answer_seq: int
    """The answer that was checked."""
    verdict: Literal["valid", "repaired", "invalid"]
    """Whether it can be given."""
    output: Any = None
    """The value that is given."""
    problems: tuple[str, ...] = ()
    """What does not fit."""
    changes: tuple[str, ...] = ()
    """What repair did to the form; never to the content."""
    kind: Literal["output_checked"] = "output_checked"
