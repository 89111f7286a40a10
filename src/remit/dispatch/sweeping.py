"""The sweep: every runnable run without a live lease, advanced here and now."""

import asyncio
import contextlib
from collections.abc import Sequence

from remit.dispatch.wakes import Wakes
from remit.errors import NotFound
from remit.event import UnknownKind
from remit.log import RunState
from remit.loop import Wake
from remit.store import Collision, Row

MOST_AT_ONCE = 100


async def sweep(wakes: Wakes) -> list[RunState]:
    """Advances every runnable run that no live lease protects, oldest first."""
    advanced: list[RunState] = []
    while found := _next_wakes(wakes):
        advanced.extend(await _drive_all(wakes, found))
    return advanced


def _next_wakes(wakes: Wakes) -> list[Wake]:
    """Wakes for the oldest runs that this process can advance; it passes over all others."""
    after: tuple[float, str] = (0.0, "")
    while True:
        page = {"most": MOST_AT_ONCE, "after": after[0], "after_run": after[1]}
        rows = wakes.log.store.rows("runnable_runs", page)
        found = [wake for row in rows if (wake := _wake_of(wakes, row)) is not None]
        if found or len(rows) < MOST_AT_ONCE:
            return found
        after = (rows[-1]["admitted_at"], rows[-1]["run_id"])


def _wake_of(wakes: Wakes, row: Row) -> Wake | None:
    plan = wakes.plan_of(row)
    if plan is None:
        return None
    try:
        return wakes.take(plan, row["run_id"])
    except (UnknownKind, NotFound, ValueError):
        # Newer code wrote it, or a body is gone or damaged: it is left to a worker that can read it.
        return None


async def _drive_all(wakes: Wakes, found: Sequence[Wake]) -> list[RunState]:
    drives = (_drive_quietly(wakes, wake) for wake in found)
    results = await asyncio.gather(*drives, return_exceptions=True)
    # One run's error is raised when the others have got as far as they can.
    states: list[RunState] = []
    errors: list[BaseException] = []
    for result in results:
        if isinstance(result, BaseException):
            errors.append(result)
        elif result is not None and result.state != "runnable":
            states.append(result)
    if errors:
        raise errors[0]
    return states


async def _drive_quietly(wakes: Wakes, wake: Wake) -> RunState | None:
    with contextlib.suppress(Collision, NotFound):
        return await wakes.drive(wake)
    return None
