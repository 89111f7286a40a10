"""Is this answer sure enough to go out without a person? Scores, slices and the gate; pure."""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from remit.contract import Confidence, promise_text
from remit.log import Calibration, RunState
from remit.stats import labels_needed

Need = Literal["sample", "judge"]
"""A model's word that is missing before an answer can be scored; whoever drives the run gets it."""
OTHER = "(none)"
"""The slice of what has no value to be sliced by."""
SLICE_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """A score, or why there is none."""

    score: float | None
    why_not: str = ""

    @classmethod
    def of(cls, value: object, source: str) -> "Scoring":
        """The value as a score, if it is a number in 0..1."""
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            return cls(score=None, why_not=f"{source} gave no number")
        if not 0 <= value <= 1:
            return cls(score=None, why_not=f"{source} gave {value:g}, which is not in 0..1")
        return cls(score=float(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an answer may go out without a person, and why."""

    verdict: Literal["answer", "below", "observed"]
    reason: str
    probability: float | None = None
    threshold: float | None = None
    promise: str = ""
    alone: bool = False
    """Whether answers like this one go out alone at all; where none does, every one gets a label."""


def need(confidence: Confidence, state: RunState) -> Need | None:
    """What a model has still to say before the last answer can be scored."""
    if state.unscored:
        return None
    if confidence.source == "samples" and len(state.samples) < confidence.samples:
        return "sample"
    return "judge" if confidence.source == "judge" and state.judged is None else None


def agreement(output: Any, samples: Sequence[Any]) -> float:
    """How far other answers say the same, 0 to 1: equal values; of texts, the words they share (Dice)."""
    if not samples:
        return 0.0
    return sum(_alike(output, sample) for sample in samples) / len(samples)


def _alike(one: Any, other: Any) -> float:
    if isinstance(one, str) and isinstance(other, str):
        first, second = _words(one), _words(other)
        total = first.total() + second.total()
        return 2 * (first & second).total() / total if total else float(one == other)
    return float(_canonical(one) == _canonical(other))


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def slice_of(confidence: Confidence, state: RunState, output: Any) -> str:
    """The slice that an answer belongs to; empty where the remit slices by nothing."""
    if confidence.slices is None:
        return ""
    if confidence.slices == "topic":
        return (state.screened.topic if state.screened is not None else None) or OTHER
    root, *fields = confidence.slices.split(".")
    admitted = state.admitted
    roots = {
        "output": output,
        "user": admitted.user if admitted is not None else None,
        "input": admitted.input if admitted is not None else None,
    }
    value: Any = roots.get(root)
    for field in fields:
        value = cast("dict[str, Any]", value).get(field) if isinstance(value, dict) else None
    return str(value)[:SLICE_CHARACTERS] if isinstance(value, str | int | float) else OTHER


def gate(
    confidence: Confidence,
    scoring: Scoring,
    known: Calibration | None,
    *,
    reported_model: str,
    goes_to: str,
    labelled: int = 0,
) -> Verdict:
    """Whether an answer may go out alone: only on a promise that was made for this very model and holds.

    `known` is the newest calibration of this way of answering, model and slice; `goes_to` says in words
    where an answer goes that may not, `labelled` how many labels there are for a calibration to come.
    """
    missing = _no_promise(confidence, known, reported_model, goes_to, labelled)
    holds = known if not missing else None
    probability = (
        holds.scaling.probability(scoring.score) if holds is not None and scoring.score is not None else None
    )
    if confidence.mode == "observe":
        seen = f"scored {scoring.score:.3f}" if scoring.score is not None else scoring.why_not
        return Verdict(
            verdict="observed", reason=f"{seen}; nothing is gated", probability=probability, alone=True
        )
    if holds is None or holds.threshold is None:
        return Verdict(verdict="below", reason=missing)
    verdict, reason = _against(scoring, holds.threshold)
    return Verdict(
        verdict=verdict,
        reason=reason,
        probability=probability,
        threshold=holds.threshold,
        promise=holds.hash,
        alone=True,
    )


def _against(scoring: Scoring, threshold: float) -> tuple[Literal["answer", "below"], str]:
    if scoring.score is None:
        return "below", f"it has no score: {scoring.why_not}"
    if scoring.score < threshold:
        return "below", f"its score {scoring.score:.3f} is below the threshold {threshold:.3f}"
    return "answer", f"its score {scoring.score:.3f} reaches the threshold {threshold:.3f}"


def _no_promise(
    confidence: Confidence, known: Calibration | None, reported_model: str, goes_to: str, labelled: int
) -> str:
    """Why nothing may go out alone, in words; nothing where a promise holds."""
    until = f"until then every answer goes to {goes_to}; `confidence: observe` records without gating"
    if known is None:
        needed = labels_needed(confidence.max_error, confidence.sure)
        if labelled < needed:
            return f"{labelled} of about {needed} labels; {until}"
        return f"{labelled} labels wait for `remit calibrate`; {until}"
    if known.expired_at is not None:
        return f"the promise of {_day(known.created_at)} has expired: {known.reason}; {until}"
    if (known.max_error, known.sure) != (confidence.max_error, confidence.sure):
        return f"the calibration of {_day(known.created_at)} made another promise; {until}"
    if known.reported_model not in ("", reported_model):
        return f"the provider now answers with {reported_model}, not {known.reported_model}; {until}"
    if known.threshold is None:
        if known.labels < known.needed:
            return f"{known.labels} of about {known.needed} labels; {until}"
        return f"{known.labels} labels show no score at which {promise_text(confidence)}; {until}"
    return ""


def _day(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%B}"
