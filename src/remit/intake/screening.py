"""The verdict on an input: readable and inside the remit, or not, and why."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from remit.contract import Contract, Topic, misfits
from remit.intake.judgement import Gate, Judgement
from remit.intake.language import Language, declined, language_of
from remit.intake.reading import Unreadable, as_json, read
from remit.intake.suspicion import UNSUSPECTED, Suspicion, suspicion_of
from remit.intake.topic import matches_topic
from remit.outcome import FailureMode

CHARACTERS_PER_TOKEN = 16
"""More than any prose has: what is longer than this per allowed token is refused uncounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What intake found; `queue` and `say` are those of the excluded topic."""

    verdict: Literal["in_scope", "out_of_scope", "unfamiliar_input", "injection_suspected", "invalid_input"]
    reason: str
    topic: str | None = None
    mode: FailureMode | None = None
    queue: str | None = None
    say: str | None = None
    judgement: Judgement | None = None
    """What the scope gate said, where it was asked."""
    suspicion: Suspicion = UNSUSPECTED
    language: Language | None = None
    """What the input is written in, where the remit names the languages that it reads."""


def screen(
    contract: Contract,
    text_input: Any,
    *,
    count_tokens: Callable[[str], int],
    gate: Gate | None = None,
    schema: dict[str, Any] | None = None,
) -> Screening:
    """The verdict on any value that a caller may hand in; never raises, and needs no model.

    `count_tokens` sees clean text of at most 16 characters per allowed token. The words of `does_not`
    come first; `gate` is asked about the rest. An input fits `schema` as it is or, if it is a text, as
    the JSON that it holds.
    """
    limit = contract.input.max_tokens
    reading = read(text_input, max_characters=limit * CHARACTERS_PER_TOKEN)
    if isinstance(reading, Unreadable):
        return _invalid(reading.reason)
    tokens = count_tokens(reading.text)
    if tokens > limit:
        return _invalid(f"The input has {tokens} tokens; at most {limit} are read.")
    if schema is not None:
        unfit = misfits(as_json(text_input), schema)
        if unfit and (not isinstance(text_input, str) or misfits(text_input, schema)):
            return _invalid(f"The input does not fit {contract.input.schema_file}: {'; '.join(unfit)}.")
    suspicion = suspicion_of(reading.prose)
    language = language_of(reading.prose) if contract.input.languages else None
    foreign = declined(language, contract.input.languages) if language is not None else None
    found = _invalid(foreign) if foreign else _routed(contract, reading.prose, suspicion, gate)
    return replace(found, suspicion=suspicion, language=language)


def _routed(contract: Contract, prose: str, suspicion: Suspicion, gate: Gate | None) -> Screening:
    match = matches_topic(contract.does_not, prose)
    if match is not None:
        found = ", ".join(f'"{word}"' for word in match.words)
        return _excluded(match.topic, f"The input names the excluded topic {match.topic.topic!r}: {found}.")
    limit = contract.input.suspicious_from
    if limit is not None and suspicion.score >= limit:
        return Screening(
            verdict="injection_suspected",
            reason=f"The input looks like an attack ({suspicion.score:.2f}): {'; '.join(suspicion.signs)}.",
            mode=FailureMode.INJECTION_SUSPECTED,
        )
    if gate is not None:
        return _judged(contract, gate.judge(prose))
    return Screening(verdict="in_scope", reason="The input can be read and names no excluded topic.")


def _judged(contract: Contract, judgement: Judgement) -> Screening:
    topic = next((topic for topic in contract.does_not if topic.topic == judgement.topic), None)
    if topic is not None:
        return replace(_excluded(topic, judgement.reason), judgement=judgement)
    return Screening(
        verdict=judgement.verdict,
        reason=judgement.reason,
        topic=judgement.topic,
        mode=None if judgement.verdict == "in_scope" else FailureMode(judgement.verdict),
        judgement=judgement,
    )


def _excluded(topic: Topic, reason: str) -> Screening:
    return Screening(
        verdict="out_of_scope",
        reason=reason,
        topic=topic.topic,
        mode=FailureMode.OUT_OF_SCOPE,
        queue=topic.queue,
        say=topic.say,
    )


def _invalid(reason: str) -> Screening:
    return Screening(verdict="invalid_input", reason=reason, mode=FailureMode.INVALID_INPUT)
