"""Which labels can a calibration rest on? What cannot be used is left out, and said."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

START = 2.0
"""The search for a threshold begins where this many times the fewest labels lie above it."""


def fewest_labels(max_error: float, sure: float) -> int:
    """Labels without a single error that are just enough to promise `max_error`."""
    return math.ceil(math.log(1.0 - sure) / math.log1p(-max_error))


def labels_needed(max_error: float, sure: float) -> int:
    """About how many labels a search can find something with: half of the answers lie above its start."""
    return math.ceil(2 * START * fewest_labels(max_error, sure) / 50) * 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One answer's score and whether a reviewer found the answer right."""

    score: float
    """Between 0 and 1; the higher, the surer."""
    correct: bool
    group: str = ""
    """The slice that the answer belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """The labels that can be used, and a sentence for each kind that cannot."""

    labels: tuple[Label, ...]
    problems: tuple[str, ...]


def sift(labels: Iterable[Label]) -> Sifted:
    """Leaves out labels without a usable score: at run time such an answer always goes to a person."""
    given = list(labels)
    nan = [label for label in given if math.isnan(label.score)]
    outside = [label for label in given if not math.isnan(label.score) and not 0 <= label.score <= 1]
    usable = tuple(label for label in given if 0 <= label.score <= 1)
    problems: list[str] = []
    if nan:
        problems.append(f"{_count(nan)} without a score (NaN): left out; such answers go to people.")
    if outside:
        problems.append(f"{_count(outside)} with a score outside 0..1: left out; such answers go to people.")
    problems.extend(one_class(usable))
    return Sifted(labels=usable, problems=tuple(problems))


def one_class(labels: Sequence[Label]) -> tuple[str, ...]:
    """A sentence if all labels say the same: then nothing shows that a low score means a wrong answer."""
    right = sum(label.correct for label in labels)
    if not labels or 0 < right < len(labels):
        return ()
    if right:
        return (
            f"{_all(labels)} right, so nothing shows yet that a low score means a wrong "
            "answer: the threshold stays at or above the lowest score that was labelled.",
        )
    return (f"{_all(labels)} wrong: every answer goes to people.",)


def _all(labels: Sequence[Label]) -> str:
    return f"All {len(labels)} labels say" if len(labels) > 1 else "The only label says"


def _count(labels: Sequence[Label]) -> str:
    return f"{len(labels)} label{'s' if len(labels) != 1 else ''}"
