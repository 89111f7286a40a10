"""A run of any length, read in parts: what a page shows of it costs the same however long it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remit.app.access import Act, Identity
from remit.export import masked
from remit.log import Entry, Log
from remit.store import Row

PART = 100
"""Spans that begin in one part; the checks between them come on top."""
TOLD_WHOLE = 400
"""Events of a run that is told from its first event to its last."""
TOLD_FIRST, TOLD_LAST, TOLD_BETWEEN = 120, 60, 40
"""Events of a longer one that are told: from its beginning, its end, and what was special in between."""
STARTS = frozenset({"model_asked", "intended", "case_opened", "diverted"})
"""What begins a span; the query that finds the parts names the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """How a run is divided: `parts` are the seq and the time of the event that each begins with."""

    parts: Sequence[tuple[int, float]]
    kinds: Mapping[str, int]
    head: int

    @property
    def spans(self) -> int:
        """How many spans begin in the whole run."""
        return sum(n for kind, n in self.kinds.items() if kind in STARTS)

    def bounds(self, part: int) -> tuple[int, int]:
        """The first seq of a part, and the one after its last."""
        first = self.parts[part][0] if part else 0
        return first, self.parts[part + 1][0] if part + 1 < len(self.parts) else self.head + 1


def outline_of(log: Log, row: Row) -> Outline:
    """How the run of that row is divided, from the index of its events."""
    values = {"run_id": row["run_id"]}
    return Outline(
        parts=[(each["seq"], each["at"]) for each in log.store.rows("span_parts", {**values, "part": PART})],
        kinds={each["kind"]: each["n"] for each in log.store.rows("kinds_of_run", values)},
        head=row["head"],
    )


class RunReader:
    """The events of one run as somebody may see them: personal data is masked unless their role may."""

    def __init__(self, log: Log, identity: Identity, row: Row) -> None:
        self._log = log
        self._unmasked = identity.may(Act.SEE_PERSONAL_DATA)
        self._row = row

    def between(self, first: int, beyond: int) -> list[Entry]:
        """The events from `first` on, before `beyond`."""
        return self._seen(self._log.read_between(self._row["run_id"], first, beyond))

    def told(self) -> tuple[list[Entry], int | None]:
        """The events that its story is made of, and the last of those before a gap, if there is one."""
        head: int = self._row["head"]
        if head < TOLD_WHOLE:
            return self.between(0, head + 1), None
        first = self.between(0, TOLD_FIRST)
        asked = [number for number, entry in enumerate(first) if entry.kind == "model_asked"]
        # Up to a question, because all that was called before it has its result.
        first = first[: asked[-1]] if asked else first
        last = self.between(head + 1 - TOLD_LAST, head + 1)
        turns = self._log.turns_between(
            self._row["run_id"], first[-1].seq + 1, last[0].seq, most=TOLD_BETWEEN
        )
        return [*first, *self._seen(turns), *last], first[-1].seq

    def _seen(self, entries: list[Entry]) -> list[Entry]:
        return entries if self._unmasked else [masked(entry) for entry in entries]
