"""What is copied out of events into columns, so that it can be searched: does it say the same?"""

from dataclasses import dataclass

from remit.event import Decided, Event, Screened, UnknownKind, decode
from remit.log.fold import apply
from remit.log.rows import measured, run_columns
from remit.log.state import RunState
from remit.store import Row, Store

FROM_ELSEWHERE = ("chain", "wake", "lease_wake", "lease_s")
"""The chain is verified itself; a lease is no part of a run's story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One place where the log does not hold."""

    run_id: str
    seq: int
    reason: str


def copied_wrongly(store: Store, row: Row) -> list[Break]:
    """Columns of a whole run, and of its events, that do not say what the events say."""
    run_id = row["run_id"]
    state = RunState(run_id)
    breaks: list[Break] = []
    for stored in store.rows("copied_columns", {"run_id": run_id}):
        try:
            event = decode(stored["kind"], stored["data"])
            apply(state, event, stored["seq"], stored["at"])
        except (UnknownKind, LookupError, ValueError):
            # Newer code wrote it: only that code can say what follows from it.
            return breaks
        said = (stored["subject"], stored["failed"], stored["latency_ms"])
        if said not in (measured(event), _once_measured(event)):
            reason = "its columns do not say what it says"
            breaks.append(Break(run_id=run_id, seq=stored["seq"], reason=reason))
    wrong = [name for name, value in _columns(state).items() if row[name] not in (value, _without_nul(value))]
    if wrong:
        reason = f"the run's row does not say what its events say: {', '.join(wrong)}"
        breaks.append(Break(run_id=run_id, seq=state.head, reason=reason))
    return breaks


def _once_measured(event: Event) -> tuple[str | None, int | None, float | None]:
    """The columns as logs have them that were written before these events had any."""
    return (None, None, None) if isinstance(event, Decided | Screened) else measured(event)


def _columns(state: RunState) -> dict[str, object]:
    columns = run_columns(state, wake=None, lease_s=0.0)
    return {name: value for name, value in columns.items() if name not in FROM_ELSEWHERE}


def _without_nul(value: object) -> object:
    """The value as a column of Postgres keeps it, where a text cannot hold NUL."""
    return value.replace("\x00", "\u2400") if isinstance(value, str) else value
