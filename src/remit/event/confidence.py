"""How sure an answer is, and what becomes of the promise that it rests on."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An answer of the agent has been scored and held against the threshold, before anybody got it."""

    answer_seq: int
    """The answer that was scored."""
    source: Literal["logprobs", "samples", "judge", "function"]
    """How it was scored."""
    score: float | None
    """Between 0 and 1; none where no score could be had."""
    verdict: Literal["answer", "below", "observed"]
    """Whether it may go out without a person; `observed` where nothing is gated."""
    reason: str
    """Why, with the threshold or with what is missing for one."""
    model: str
    """The model that answered, as the remit names it."""
    reported_model: str
    """What the provider says it was."""
    basis: str
    """The hash of everything that decides how answers and their scores come about."""
    slice: str = ""
    """The slice that the answer belongs to."""
    probability: float | None = None
    """How likely it is to be right, where that was calibrated."""
    threshold: float | None = None
    """The lowest score that may go out without a person."""
    promise: str = ""
    """The hash of the calibration that the verdict rests on."""
    drawn: bool = False
    """Whether it was drawn to be labelled."""
    inclusion: float = 0.0
    """How likely it was to be drawn, whatever its score."""
    kind: Literal["scored"] = "scored"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseExpired:
    """Audited answers show that the promise no longer holds; until it is renewed, people answer."""

    promise: str
    """The hash of the calibration that is no longer relied on."""
    audits: int
    """How many of its answers had been audited."""
    wrong: int
    """How many of these were wrong."""
    reason: str
    """The same in words."""
    kind: Literal["promise_expired"] = "promise_expired"
