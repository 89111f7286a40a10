"""The writing half of every store: one writer, asked from an event loop or without one."""

from remit.store.rows import Append, Statement
from remit.store.writer import Writer


class Appending:
    """Hands appends and statements to the writer of the store."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @property
    def company(self) -> int:
        """How many runs append through this object at the moment: more than one share commits."""
        return self._writer.company

    @company.setter
    def company(self, runs: int) -> None:
        self._writer.company = runs

    async def append(self, append: Append) -> None:
        """Adds the events and moves the head, durably; Collision or OnceTaken leave no trace."""
        await self._writer.run(append)

    def append_now(self, append: Append) -> None:
        """The same for a command that runs alone."""
        self._writer.run_now(append)

    async def execute(self, *statements: Statement) -> None:
        """Carries out statements that belong to no run, in one transaction."""
        await self._writer.run(statements)

    def execute_now(self, *statements: Statement) -> None:
        """The same for a command that runs alone."""
        self._writer.run_now(statements)
