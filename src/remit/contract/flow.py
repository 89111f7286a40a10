"""How much may happen at once and per minute, and what is submitted by the clock."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from remit.contract.cron import parse_cron
from remit.contract.part import Part, Text


class Flow(Part):
    """How many runs may be under way or wait, over all workers; without a key, there is no bound."""

    runs: int | None = Field(None, gt=0)
    """Runs of this agent under way at once; others wait their turn."""
    runs_per_tenant: int | None = Field(None, gt=0)
    """The same for one tenant, so that none of them can hold up the others."""
    queued: int | None = Field(None, gt=0)
    """Runs that may wait for a worker; when so many do, a new one is refused with `TryLater`."""


def _readable(text: str) -> str:
    parse_cron(text)
    return text


class Schedule(Part):
    """An input that the agent is given by the clock, once over all workers."""

    cron: Annotated[Text, AfterValidator(_readable)]
    """Minute, hour, day of the month, month and day of the week (0 is Sunday), in UTC: `0 7 * * 1-5`."""
    input: Any
    """What the agent is given."""
    tenant: str = ""
    """For which tenant."""
