"""Group commit on Postgres: one statement, one round trip and one commit for appends of many runs."""

from collections.abc import Callable, Sequence

import psycopg

from remit.store.dialect import for_postgres
from remit.store.group import group_of
from remit.store.patience import Patience
from remit.store.postgres_connection import Connection, Session, explain, literal, lost, not_yet
from remit.store.queries import POSTGRES_QUERIES
from remit.store.rows import CLAIMS, Append, Collision, OnceTaken, Statement, StoredEvent
from remit.store.writer import CutOff, Outcome, Unit

BLOCK = 1000
"""How many body numbers one step of the sequence gives."""
TRY_AGAIN = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


class Committer:
    """The one writing connection of a store; opened anew when the database comes back."""

    def __init__(self, session: Session, events: Callable[[str, int], list[StoredEvent]]) -> None:
        self._session = session
        self._events = events
        self._connection: Connection | None = None
        self._bodies = range(0)

    def open(self) -> Connection:
        """The first connection: a server that is coming up is waited for, any other error is said at once."""
        patience = Patience(self._session.wait_s)
        while True:
            try:
                return self._ready()
            except psycopg.Error as error:
                if not (not_yet(error) and patience.pause()):
                    raise explain(self._session.shown, error) from error

    def close(self) -> None:
        """Lets the connection go."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def commit_hastily(self, units: list[Unit]) -> list[Outcome]:
        """One try; CutOff for all if the database went away."""
        return self._commit(units, Patience(0.0), CutOff())

    def commit_patiently(self, units: list[Unit]) -> list[Outcome]:
        """Tries until the database is back or the time is over."""
        return self._commit(units, Patience(self._session.wait_s), None)

    def _commit(self, units: list[Unit], patience: Patience, out_of_patience: CutOff | None) -> list[Outcome]:
        while True:
            try:
                return self._carry_out(units)
            except psycopg.Error as error:
                passing = isinstance(error, TRY_AGAIN) or lost(self._connection, error)
                self._recover(error)
                if passing and patience.pause():
                    continue
                if passing and out_of_patience is not None:
                    return [out_of_patience] * len(units)
                return [explain(self._session.shown, error)] * len(units)

    def _recover(self, error: psycopg.Error) -> None:
        """Nothing of what was under way stays: by rolling back, or by letting the connection go."""
        connection = self._connection
        if connection is None:
            return
        if not lost(connection, error):
            try:
                connection.execute("rollback")
                return
            except psycopg.Error:
                pass
        connection.close()
        self._connection = None

    def _ready(self) -> Connection:
        if self._connection is None:
            self._connection = self._session.connect(writes=True)
        self._session.tell_time(self._connection)
        return self._connection

    def _carry_out(self, units: list[Unit]) -> list[Outcome]:
        outcomes: list[Outcome] = [None] * len(units)
        left = list(range(len(units)))
        while left:
            now, left = _one_of_each_run(units, left)
            for index, outcome in zip(now, self._round([units[index] for index in now]), strict=True):
                outcomes[index] = self._settled(units[index], outcome)
        return outcomes

    def _settled(self, unit: Unit, outcome: Outcome) -> Outcome:
        """After a lost acknowledgement an append finds its own events, and calls that no collision."""
        if not isinstance(outcome, Collision) or not isinstance(unit, Append) or not unit.events:
            return outcome
        ours = [row.id for row in unit.events]
        stored = self._events(unit.run_id, unit.events[0].seq)
        return None if [row.id for row in stored[: len(ours)]] == ours else outcome

    def _round(self, units: list[Unit]) -> list[Outcome]:
        """Units of different runs: all at once, and one by one if the database finds something in the way."""
        connection = self._ready()
        appends = [unit for unit in units if isinstance(unit, Append)]
        also = [statement for unit in units for statement in _statements(unit)]
        try:
            if also:
                self._all_or_nothing(connection, appends, also)
                return [None] * len(units)
            return self._each_if_it_fits(connection, appends)
        except psycopg.Error as error:
            if lost(connection, error) or isinstance(error, TRY_AGAIN):
                raise
            self._recover(error)
        return self._one_by_one(self._ready(), units)

    def _each_if_it_fits(self, connection: Connection, appends: list[Append]) -> list[Outcome]:
        group = group_of(appends, self._body_numbers, strict=False)
        rows = connection.execute(literal(group.statement), group.values, binary=True).fetchall()
        moved = {row[0] for row in rows}
        return [None if append.run_id in moved else Collision(append.run_id) for append in appends]

    def _all_or_nothing(self, connection: Connection, appends: list[Append], also: list[Statement]) -> None:
        """One round trip that fails as a whole unless everything in it goes through."""
        group = group_of(appends, self._body_numbers, strict=True) if appends else None
        with connection.pipeline():
            connection.execute("begin")
            if group is not None:
                connection.execute(literal(group.statement), group.values)
            for query, values in also:
                connection.execute(literal(_strict(query)), values)
            connection.execute("commit")

    def _one_by_one(self, connection: Connection, units: list[Unit]) -> list[Outcome]:
        """One transaction with a savepoint for each unit."""
        connection.execute("begin")
        outcomes = [self._in_savepoint(connection, unit) for unit in units]
        connection.execute("commit")
        return outcomes

    def _in_savepoint(self, connection: Connection, unit: Unit) -> Outcome:
        connection.execute("savepoint unit")
        outcome: Outcome = None
        try:
            self._one(connection, unit)
        except (Collision, OnceTaken) as error:
            outcome = error
        except psycopg.Error as error:
            if lost(connection, error) or isinstance(error, TRY_AGAIN):
                raise
            outcome = explain(self._session.shown, error)
        if outcome is not None:
            connection.execute("rollback to unit")
        connection.execute("release unit")
        return outcome

    def _one(self, connection: Connection, unit: Unit) -> None:
        if isinstance(unit, Append):
            (outcome,) = self._each_if_it_fits(connection, [unit])
            if outcome is not None:
                raise outcome
        for query, values in _statements(unit):
            changed = connection.execute(literal(for_postgres(POSTGRES_QUERIES[query])), values).rowcount
            if query in CLAIMS and changed != 1:
                raise OnceTaken(str(values[CLAIMS[query]]))

    def _body_numbers(self, count: int) -> list[int]:
        """Numbers that no other writer has, from the block in hand and from new ones."""
        assert self._connection is not None, "a group is put together for an open connection"
        numbers: list[int] = []
        while len(numbers) < count:
            if not self._bodies:
                row = self._connection.execute("select nextval('body_block')").fetchone()
                assert row is not None, "a sequence always has a next number"
                first = int(str(row[0]))
                self._bodies = range(first, first + BLOCK)
            missing = count - len(numbers)
            numbers.extend(self._bodies[:missing])
            self._bodies = self._bodies[missing:]
        return numbers


def _statements(unit: Unit) -> Sequence[Statement]:
    return unit.also if isinstance(unit, Append) else unit


def _one_of_each_run(units: list[Unit], indexes: list[int]) -> tuple[list[int], list[int]]:
    """Units that can go together, and those that must follow: a second append of the same run."""
    now: list[int] = []
    later: list[int] = []
    runs: set[str] = set()
    for index in indexes:
        unit = units[index]
        if isinstance(unit, Append):
            if unit.run_id in runs:
                later.append(index)
                continue
            runs.add(unit.run_id)
        now.append(index)
    return now, later


def _strict(query: str) -> str:
    """The statement so that it fails where it would raise OnceTaken."""
    statement = for_postgres(POSTGRES_QUERIES[query])
    if query not in CLAIMS:
        return statement
    return f"with claimed as ({statement} returning 1) select 1 / count(*) from claimed"
