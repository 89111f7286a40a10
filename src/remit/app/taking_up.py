"""Which case does somebody take up next, and if none, why not?"""

from collections.abc import Mapping
from dataclasses import dataclass

from remit.app.access import Identity
from remit.app.seeing import restriction_of
from remit.log import Log
from remit.store import Free, Row, cases_not_free, cases_page
from remit.telling import count


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCase:
    """The case to take up next, with its agent; where there is none, how many wait that are not free."""

    row: Row | None
    taken: int = 0
    """Others work on these: people who reserved them, or the agent or model that decides them."""
    put_off: int = 0

    @property
    def why_none(self) -> str:
        """Why there is no case, in one sentence."""
        parts = [f"others work on {self.taken}"] if self.taken else []
        parts += [f"{self.put_off} {'is' if self.put_off == 1 else 'are'} put off"] if self.put_off else []
        if not parts:
            return "No case waits."
        return f"No case is free. Of {count(self.taken + self.put_off, 'open case')}, {', '.join(parts)}."


def next_case(log: Log, identity: Identity, filters: Mapping[str, str], *, by: str) -> NextCase:
    """The most urgent open case that is neither put off nor another's; KeyError for an unknown filter."""
    asked, seen = {**filters, "state": "open"}, restriction_of(identity)
    free = Free(by=by, now=log.clock())
    rows = log.store.select(*cases_page(asked, seen, after=None, most=1, free=free))
    if rows:
        return NextCase(row=rows[0])
    (counts,) = log.store.select(*cases_not_free(asked, seen, free))
    return NextCase(row=None, taken=int(counts["taken"]), put_off=int(counts["put_off"]))
