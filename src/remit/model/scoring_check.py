"""Can the answers of a remit be scored as it says? Sends nothing."""

from collections.abc import Iterator, Mapping

from remit.contract import Confidence, Finding, ModelChoice
from remit.model.check import check
from remit.model.naming import split_name

WITHOUT_LOGPROBS = ("anthropic", "google")
"""Providers that do not say how likely the tokens of an answer were."""


def check_confidence(
    choice: ModelChoice, confidence: Confidence, environment: Mapping[str, str]
) -> Iterator[Finding]:
    """What stands in the way of the scores that a remit asks for."""
    named = split_name(choice.use)
    if confidence.source == "logprobs" and named is not None and named.provider in WITHOUT_LOGPROBS:
        yield Finding(
            "confidence.from",
            f"models of {named.provider} give no token probabilities, so no answer could have a score.",
            "Write `from: samples`, `judge` or `function`.",
        )
    if confidence.judge is not None:
        judge = choice.model_copy(update={"use": confidence.judge, "fallback": ()})
        for problem in check(judge, file="", line_of=lambda _: 0, environment=environment):
            if problem.severity == "error":
                yield Finding("confidence.judge", problem.message, problem.suggestion)
