"""What every body has in common: names, lengths and times."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(max_length=20_000)]
RUN = "1m848z30fdtdask5"
"""An example of a run's id."""
CASE = "1m848z31a0p2xw7c"
"""An example of a case's id."""
AT = "2026-11-23T14:48:34.271000+00:00"
"""An example of a time."""


class Body(BaseModel):
    """What a request brings; a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


def moment(at: float) -> datetime:
    """A time in UTC; the end of the calendar where it lies beyond."""
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def moment_or_none(at: float | None) -> datetime | None:
    """The same for what may be missing."""
    return None if at is None else moment(at)
