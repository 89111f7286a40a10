"""How sure an answer must be to go out without a person, and how that is measured."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from remit.contract.part import ModelName, Part, Text
from remit.contract.path import Path

Source = Literal["logprobs", "samples", "judge", "function"]


class Confidence(Part):
    """How sure an answer must be to go out without a person, and how that is measured."""

    mode: Literal["gate", "observe"] = "gate"
    """`gate`: an answer below the threshold takes its path; `observe`: it is scored and goes out."""
    source: Source = Field("logprobs", alias="from")
    """`logprobs`: the model's own token probabilities; `samples`: agreement of several answers;
    `judge`: another model; `function`: your own."""
    max_error: float = Field(0.05, gt=0, lt=0.5)
    """The greatest share of wrong answers among those that go out without a person."""
    sure: float = Field(0.90, gt=0.5, lt=1)
    """How sure that is, over the labels that the threshold was made from."""
    below: Path | None = None
    """Where an answer below the threshold leads; without it, the path of `low_confidence`."""
    samples: int = Field(5, ge=2, le=20)
    """How many answers more are asked for (`from: samples` only)."""
    judge: ModelName | None = None
    """The model that judges the answer (`from: judge` only)."""
    function: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")] | None = None
    """`module:function`: gets the input and the output, gives a score in 0..1 (`from: function` only)."""
    slices: Text | None = None
    """A threshold for each value of this: `topic`, or a field such as `user.segment` or `output.category`."""
    audit: float = Field(0.05, ge=0, le=1)
    """The share of answers, drawn by chance, that a reviewer is asked about afterwards, for labels."""

    @model_validator(mode="after")
    def _source_is_whole(self) -> Self:
        named = {"judge": self.judge, "function": self.function}
        for source, value in named.items():
            if self.source == source and value is None:
                raise ValueError(f"`from: {source}` needs `{source}: ...`")
        return self


def share_text(share: float) -> str:
    """A share as a percentage, without trailing zeros."""
    return f"{share * 100:.4g} %"


def promise_text(confidence: Confidence) -> str:
    """The bound that is promised, in words."""
    return (
        f"at most {share_text(confidence.max_error)} wrong among those answered without a person, "
        f"{share_text(confidence.sure)} sure"
    )


def source_text(confidence: Confidence) -> str:
    """How an answer is scored, in words."""
    match confidence.source:
        case "logprobs":
            return "the model's own token probabilities"
        case "samples":
            return f"the agreement with {confidence.samples} more answers of the same model"
        case "judge":
            return f"the judgement of {confidence.judge}"
        case "function":
            return f"the function {confidence.function}"


def confidence_texts(confidence: Confidence | None, path: str) -> Iterator[str]:
    """What the bound says and how it is kept, one sentence each; `path` says where less sure answers lead."""
    if confidence is None:
        yield "No answer is held back for being unsure."
        return
    yield f"Every answer is scored by {source_text(confidence)}."
    if confidence.mode == "observe":
        yield "Scores are only recorded: no answer is held back for being unsure."
    else:
        yield f"Promised: {promise_text(confidence)}. Less sure: {path}."
        yield (
            "The promise belongs to one release and one model and rests on labelled answers (`remit "
            "calibrate`); without it, or once audits show that it no longer holds, no answer goes out alone."
        )
    if confidence.slices is not None:
        yield (
            f"Each value of {confidence.slices} has a threshold of its own; "
            "with a value that has none, nothing goes out alone."
        )
    share = share_text(confidence.audit)
    yield f"{share} of the answers, drawn by chance, are put before a reviewer afterwards."


def setting_findings(confidence: Confidence) -> Iterator[tuple[str, str, str]]:
    """Where a setting is written that nothing uses or that names nothing: key, what is wrong, what to do."""
    written = confidence.model_fields_set
    for key in ("samples", "judge", "function"):
        if key in written and confidence.source != key:
            yield key, f"only `from: {key}` uses it.", f"Remove it, or write `from: {key}`."
    if confidence.slices is not None and confidence.slices != "topic":
        root, _, rest = confidence.slices.partition(".")
        if root not in ("output", "user", "input") or not rest or "" in rest.split("."):
            yield (
                "slices",
                f"`{confidence.slices}` names nothing to slice by.",
                "Write `topic`, `user.FIELD`, `input.FIELD` or `output.FIELD`.",
            )
