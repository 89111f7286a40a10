"""What the clock submits: each due time once, whichever workers see it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from remit.app.remit import Remit
from remit.contract import due_times, parse_cron

CATCH_UP_S = 300.0
"""A due time that no worker saw within this is passed over."""


class Due(NamedTuple):
    """One input that is due; its key is the same in every process."""

    remit: Remit
    value: Any
    tenant: str
    key: str


def due(remits: Iterable[Remit], after: float, until: float) -> Iterator[Due]:
    """What became due later than `after` and not later than `until`, in seconds since the epoch."""
    for remit in remits:
        for name, schedule in remit.contract.schedules.items():
            for at in due_times(parse_cron(schedule.cron), after, until):
                when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")
                yield Due(remit, schedule.input, schedule.tenant, f"schedule:{name}:{when}")
