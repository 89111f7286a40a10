"""How often were answers like this one right? A score beside the labelled answers near it."""

from collections.abc import Sequence
from dataclasses import dataclass

from remit.event import Scored
from remit.log import Entry, Log, calibration_of

NEAR = 0.05
"""Scores at most so far away count as the same confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """The last score of a run, and what labelled answers of about the same score turned out to be."""

    scored: Scored
    alike: int
    """Labelled answers of about this score; 0 where nothing is calibrated."""
    right: int


def sureness_of(log: Log, entries: Sequence[Entry]) -> Sureness | None:
    """How sure the run's last answer was; None where nothing was scored."""
    scored = next((each.event for each in reversed(entries) if isinstance(each.event, Scored)), None)
    if scored is None:
        return None
    row = log.store.row("calibration_row", {"hash": scored.promise}) if scored.promise else None
    points = calibration_of(row).points if row is not None else ()
    near = near_points(points, scored.score)
    return Sureness(scored=scored, alike=len(near), right=sum(near))


def near_points(points: Sequence[tuple[float, bool]], score: float | None) -> list[bool]:
    """The truth of each labelled answer of about that score."""
    return [] if score is None else [right for at, right in points if abs(at - score) <= NEAR]
