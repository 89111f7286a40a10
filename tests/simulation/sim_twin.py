"""The simulated database beside a real SQLite file: whatever one answers, the other has to answer too."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim_database import Database

from remit.store import Append, Collision, OnceTaken, Row, Statement, StoredEvent, open_store


class Twin(Database):
    """Both at once; AssertionError where they differ."""

    def __init__(self, clock: Callable[[], float], path: Path) -> None:
        super().__init__(clock)
        self.real = open_store(str(path), clock)
        self.compared = 0

    def append(self, append: Append) -> None:
        self._alike(lambda: Database.append(self, append), lambda: self.real.append_now(append))

    def execute(self, statements: list[Statement] | tuple[Statement, ...]) -> None:
        if isinstance(statements, list):
            # Part of an append: the real one has carried them out with it.
            super().execute(statements)
        else:
            self._alike(
                lambda: Database.execute(self, statements), lambda: self.real.execute_now(*statements)
            )

    def _alike(self, simulated: Callable[[], None], real: Callable[[], None]) -> None:
        self.compared += 1
        outcomes = [_outcome(simulated), _outcome(real)]
        assert type(outcomes[0]) is type(outcomes[1]), outcomes
        if outcomes[0] is not None:
            raise outcomes[0]

    def rows(self, query: str, values: Mapping[str, Any]) -> list[Row]:
        simulated, real = super().rows(query, values), self.real.rows(query, values)
        assert [{name: row[name] for name in real[0]} for row in simulated] == real if real else not simulated
        self.compared += 1
        return simulated

    def events(self, run_id: str, from_seq: int = 0, before_commits: int = 0) -> list[StoredEvent]:
        assert super().events(run_id, from_seq) == self.real.events(run_id, from_seq)
        return super().events(run_id, from_seq, before_commits)


def _outcome(action: Callable[[], None]) -> Exception | None:
    try:
        action()
    except (Collision, OnceTaken) as refused:
        return refused
    return None
