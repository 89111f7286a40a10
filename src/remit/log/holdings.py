"""How much is kept, how old it is, and what waits longest."""

from dataclasses import dataclass, field

from remit.store import Store

DAY_S = 86_400.0
AGES = (("within a day", 0.0, 1.0), ("1 to 30 days ago", 1.0, 30.0), ("30 to 90 days ago", 30.0, 90.0))
OLDER = "more than 90 days ago"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodiesOfAge:
    """Bodies of runs that ended in one stretch of time."""

    age: str
    bodies: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What the log holds; times are seconds since the epoch."""

    runs: dict[str, int] = field(default_factory=dict[str, int])
    bodies: list[BodiesOfAge] = field(default_factory=list[BodiesOfAge])
    oldest_waiting: str | None = None
    oldest_waiting_since: float = 0.0
    wakes_mean: float = 0.0
    """Wakes of the runs that were admitted in the last day."""
    wakes_most: int = 0


def keeping(store: Store, now: float) -> Keeping:
    """Counts runs by state, bodies by the age of their run, and wakes."""
    runs = {row["state"]: row["n"] for row in store.rows("runs_of_state")}
    ended = store.rows("count_ended")[0]["n"]
    waiting = store.rows("oldest_waiting")
    wakes = store.rows("wakes_taken", {"since": now - DAY_S})[0]
    stretches = [(age, now - last * DAY_S, now - first * DAY_S) for age, first, last in AGES]
    stretches[0] = (stretches[0][0], stretches[0][1], now + DAY_S)
    stretches.append((OLDER, 0.0, now - AGES[-1][2] * DAY_S))
    return Keeping(
        runs={**runs, **({"ended": ended} if ended else {})},
        bodies=[_bodies(store, *stretch) for stretch in stretches],
        oldest_waiting=waiting[0]["run_id"] if waiting else None,
        oldest_waiting_since=waiting[0]["admitted_at"] if waiting else 0.0,
        wakes_mean=float(wakes["mean"]),
        wakes_most=int(wakes["most"]),
    )


def _bodies(store: Store, age: str, since: float, before: float) -> BodiesOfAge:
    row = store.rows("bodies_by_age", {"since": since, "before": before})[0]
    return BodiesOfAge(age=age, bodies=int(row["n"]), size_bytes=int(row["bytes"]))
