"""What the shop's tools act on: one run's copy of the records, and what was written in it."""

from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


@dataclass(slots=True)
class Shop:
    """The records of one run, and the writes that were really made in it."""

    records: Record = field(default_factory=dict)
    written: list[tuple[str, Record]] = field(default_factory=list)

    def begin(self, records: Record) -> None:
        """A new run begins on these records."""
        self.records, self.written = records, []


SHOP = Shop()
