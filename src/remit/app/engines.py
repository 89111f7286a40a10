"""Which engine wakes runs, and within which bounds of an agent."""

from collections.abc import Callable
from typing import Literal

from remit.app.remit import Remit
from remit.dispatch import Dbos, Dispatch, Inline, Limited, Wakes
from remit.store import Changes, SharedDatabase

DispatchName = Literal["inline", "dbos"]
UNBOUNDED = 1_000_000_000


def dispatch_of(
    name: DispatchName,
    wakes: Wakes,
    *,
    changes: Changes,
    pool: Callable[[], str],
    database: SharedDatabase,
) -> Dispatch:
    """The engine of that name; `pool` names the processes that share its queue."""
    if name == "dbos":
        return Dbos(wakes, pool, database)
    return Inline(wakes, changes)


def limited(remit: Remit | None) -> Limited | None:
    """The bounds of an agent's runs under way, if it declares any."""
    flow = remit.contract.flow if remit is not None else None
    if remit is None or flow is None or (flow.runs is None and flow.runs_per_tenant is None):
        return None
    return Limited(
        agent=remit.name,
        at_once=flow.runs or UNBOUNDED,
        per_tenant=flow.runs_per_tenant or UNBOUNDED,
    )
