"""The verdict on an input: readable and inside the remit, or not, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from remit.contract import Contract
from remit.intake.reading import Unreadable, read
from remit.intake.topic import matches_topic
from remit.outcome import FailureMode

CHARACTERS_PER_TOKEN = 16
"""More than any prose has: what is longer than this per allowed token is refused uncounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What intake found; `queue` and `say` are those of the excluded topic."""

    verdict: Literal["in_scope", "out_of_scope", "invalid_input"]
    reason: str
    topic: str | None = None
    mode: FailureMode | None = None
    queue: str | None = None
    say: str | None = None


def screen(contract: Contract, text_input: Any, *, count_tokens: Callable[[str], int]) -> Screening:
    """The verdict on any value that a caller may hand in; never raises, and needs no model.

    `count_tokens` sees clean text of at most 16 characters per allowed token.
    """
    limit = contract.input.max_tokens
    reading = read(text_input, max_characters=limit * CHARACTERS_PER_TOKEN)
    if isinstance(reading, Unreadable):
        return _invalid(reading.reason)
    tokens = count_tokens(reading.text)
    if tokens > limit:
        return _invalid(f"The input has {tokens} tokens; at most {limit} are read.")
    match = matches_topic(contract.does_not, reading.prose)
    if match is None:
        return Screening(verdict="in_scope", reason="The input can be read and names no excluded topic.")
    found = ", ".join(f'"{word}"' for word in match.words)
    return Screening(
        verdict="out_of_scope",
        reason=f"The input names the excluded topic {match.topic.topic!r}: {found}.",
        topic=match.topic.topic,
        mode=FailureMode.OUT_OF_SCOPE,
        queue=match.topic.queue,
        say=match.topic.say,
    )


def _invalid(reason: str) -> Screening:
    return Screening(verdict="invalid_input", reason=reason, mode=FailureMode.INVALID_INPUT)
