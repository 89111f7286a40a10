"""What every store offers, whatever database it stands on."""

from collections.abc import Mapping
from typing import Literal, Protocol

from remit.store.rows import Append, Row, Statement, StoredEvent, Value

Dialect = Literal["sqlite", "postgres"]


class Store(Protocol):
    """The tables of one log; StoreError, with its remedy, from whatever the database refuses.

    Statements that belong to no run may be carried out twice if the database is cut off between
    their commit and its acknowledgement; appends never are.
    """

    @property
    def company(self) -> int:
        """How many runs append through this object at the moment: more than one share commits."""
        ...

    @company.setter
    def company(self, runs: int) -> None: ...

    @property
    def dialect(self) -> Dialect:
        """Which database it is, for what only one of them can say."""
        ...

    @property
    def address(self) -> str:
        """Where the log lies, fit to be shown: without a password."""
        ...

    async def append(self, append: Append) -> None:
        """Adds the events and moves the head, durably; Collision or OnceTaken leave no trace."""
        ...

    def append_now(self, append: Append) -> None:
        """The same for a command that runs alone."""
        ...

    async def execute(self, *statements: Statement) -> None:
        """Carries out statements that belong to no run, in one transaction."""
        ...

    def execute_now(self, *statements: Statement) -> None:
        """The same for a command that runs alone."""
        ...

    def rows(self, query: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """All rows of a named query."""
        ...

    def row(self, query: str, values: Mapping[str, Value]) -> Row | None:
        """The only row of a named query, or None."""
        ...

    def select(self, statement: str, values: Mapping[str, Value]) -> list[Row]:
        """All rows of a statement that another file of this room has put together."""
        ...

    def events(self, run_id: str, from_seq: int = 0) -> list[StoredEvent]:
        """A run's events in order, from `from_seq` on."""
        ...

    def close(self) -> None:
        """Lets the database go; what was appended is durable already."""
        ...
