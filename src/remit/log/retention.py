"""What is kept for how long: bodies of ended runs go, the skeleton of every run stays."""

from collections.abc import Callable
from dataclasses import dataclass

from remit.store import Statement, Store

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How much went, or would go."""

    runs: int
    bodies: int


def purge(
    store: Store, before: float, *, dry_run: bool, progress: Callable[[int], None] | None = None
) -> Purged:
    """Drops bodies and salts of runs that ended before that moment, and what was last known then.

    Events, digests, chains and the run's row stay, and the chain verifies; runs that have not ended keep
    everything. Records of business actions stay, since a second one is answered from the first.
    Carried out page by page: what was begun can be ended by a second call.
    """
    runs = bodies = 0
    after: tuple[float, str] = (0.0, "")
    while True:
        values = {"before": before, "after": after[0], "after_run": after[1], "most": PAGE}
        page = store.rows("ended_before", values)
        due = [row for row in page if row["bodies"]]
        if due and not dry_run:
            store.execute_now(*(each for row in due for each in _dropped(row["run_id"])))
        runs += len(due)
        bodies += sum(row["bodies"] for row in due)
        if progress is not None:
            progress(runs)
        if len(page) < PAGE:
            break
        after = (page[-1]["ended_at"], page[-1]["run_id"])
    if not dry_run:
        store.execute_now(Statement("drop_last_known", {"before": before}))
    return Purged(runs=runs, bodies=bodies)


def _dropped(run_id: str) -> tuple[Statement, Statement]:
    values = {"run_id": run_id}
    return Statement("drop_bodies", values), Statement("drop_questions", values)
