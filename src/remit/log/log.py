"""Append and read: the one way in which a run advances."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from remit.errors import NotFound, StoreError
from remit.event import Event, ModelAsked, decode, encode
from remit.log.chain import digest, link, origin
from remit.log.fold import apply
from remit.log.ids import RandomBytes
from remit.log.redact import Redactor
from remit.log.rows import head_columns, measured, projections, run_columns
from remit.log.state import RunState
from remit.store import Append, Collision, Course, EventRow, Row, Statement, Store, StoredEvent

EVENT_ID_BYTES = 8
SALT_BYTES = 16


class Entry(NamedTuple):
    """One event of a run as it is read: `event` is None where its body was erased."""

    run_id: str
    seq: int
    id: str
    at: float
    kind: str
    event: Event | None


Subscriber = Callable[[list[Entry]], None]


class Log:
    """The one append-only log: everything that reads or writes runs goes through it."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float],
        random_bytes: RandomBytes,
        redactor: Redactor,
    ) -> None:
        self.store = store
        self.clock = clock
        self.random_bytes = random_bytes
        self.redactor = redactor
        self.subscribers: list[Subscriber] = []

    def read(self, run_id: str) -> list[Entry]:
        """A run's events in order; NotFound if there are none."""
        entries = [_entry(run_id, stored) for stored in self.store.events(run_id)]
        if not entries:
            raise NotFound(f"There is no run {run_id} in this log.", remedy="`remit runs` lists them.")
        return entries

    def read_from(self, run_id: str, seq: int) -> list[Entry]:
        """A run's events from that number on; none where there are none."""
        return [_entry(run_id, stored) for stored in self.store.events(run_id, seq)]

    def read_between(self, run_id: str, first: int, beyond: int) -> list[Entry]:
        """A run's events from the seq `first` on, before the seq `beyond`."""
        values = {"run_id": run_id, "from_seq": first, "to_seq": beyond}
        return [_read(run_id, row) for row in self.store.rows("events_between", values)]

    def turns_between(self, run_id: str, first: int, beyond: int, *, most: int) -> list[Entry]:
        """The same of events that are out of the ordinary, the first so many of them."""
        values = {"run_id": run_id, "from_seq": first, "to_seq": beyond, "most": most}
        return [_read(run_id, row) for row in self.store.rows("turns_between", values)]

    def fold(self, run_id: str, *, at_least: int = -1) -> RunState:
        """The run as its events say; UnknownKind if newer code wrote one of them, StoreError if what was
        read ends before the seq `at_least`, of which the caller knows that it is durable."""
        state = RunState(run_id)
        state.chain = origin(run_id)
        self.catch_up(state)
        if state.head < 0:
            raise NotFound(f"There is no run {run_id} in this log.", remedy="`remit runs` lists them.")
        if state.head < at_least:
            raise StoreError(
                f"What was read of run {run_id} ends at event {state.head}, and event {at_least} is durable.",
                remedy="Read the log from the database that it is written to.",
            )
        return state

    def catch_up(self, state: RunState) -> list[Entry]:
        """Applies what was appended since; returns it."""
        entries: list[Entry] = []
        for stored in self.store.events(state.run_id, state.head + 1):
            entry = _entry(state.run_id, stored)
            if entry.event is None:
                raise NotFound(f"Event {entry.seq} of run {state.run_id} was erased; the run cannot go on.")
            apply(state, entry.event, entry.seq, entry.at)
            state.chain = stored.chain
            entries.append(entry)
        return entries

    def appender(self, state: RunState) -> "Appender":
        """Something that adds events to this run from where the state stands."""
        return Appender(self, state)

    def start(self, state: RunState) -> "Appender":
        """The same for a run that does not exist yet."""
        state.chain = origin(state.run_id)
        return Appender(self, state)

    def tell(self, entries: list[Entry]) -> None:
        """Hands events that are now durable to every subscriber."""
        for subscriber in self.subscribers:
            subscriber(entries)


class Appender:
    """Adds events to one run: at once to the state, and to the log when flushed."""

    def __init__(self, log: Log, state: RunState) -> None:
        self.log = log
        self.state = state
        self.base = state.head
        self.unflushed: list[Event] = []
        self._rows: list[EventRow] = []
        self._also: list[Statement] = []
        self._leased_at: float | None = None
        self._flushing = asyncio.Lock()

    def add(self, event: Event) -> int:
        """Applies the event and holds it for the next flush; returns its seq."""
        state, log = self.state, self.log
        seq, at = state.head + 1, log.clock()
        encoded = encode(event)
        data = log.redactor(encoded)
        if data is not encoded:
            # From here on the run knows only the name of the secret, as it will when it is read again.
            event = decode(event.kind, data)
        random = log.random_bytes(EVENT_ID_BYTES + SALT_BYTES)
        event_id, salt = random[:EVENT_ID_BYTES].hex(), random[EVENT_ID_BYTES:]
        body_digest = digest(salt, data)
        state.chain = link(state.chain, state.run_id, seq, event_id, at, event.kind, body_digest)
        row = EventRow(
            seq, event_id, at, event.kind, body_digest, state.chain, *measured(event), salt=salt, data=data
        )
        apply(state, event, seq, at)
        self._also.extend(projections(state, event, at, log.redactor))
        self._rows.append(row)
        self.unflushed.append(event)
        return seq

    def unflushed_questions(self) -> dict[int, ModelAsked]:
        """The questions to models that are not durable yet, by seq."""
        numbered = enumerate(self.unflushed, self.base + 1)
        return {seq: event for seq, event in numbered if isinstance(event, ModelAsked)}

    def also(self, *statements: Statement) -> None:
        """Rows of other tables that must become durable with the next flush."""
        self._also.extend(statements)

    async def flush(self, *, wake: str | None = None, lease_s: float = 0.0) -> None:
        """Makes what was added durable; Collision if somebody else was first, and nothing is kept.

        What is added while a flush is under way waits for the next one.
        """
        async with self._flushing:
            await self._flush(wake=wake, lease_s=lease_s)

    async def settled(self) -> None:
        """Waits until no flush is under way."""
        async with self._flushing:
            pass

    async def _flush(self, *, wake: str | None, lease_s: float) -> None:
        if not self._rows and not self._also:
            return
        now = self.log.clock()
        fresh = self._leased_at is not None and now - self._leased_at < lease_s / 3
        goes_on = fresh and self.state.state == "runnable" and self.state.postponed_until is None
        append = self._append(wake=wake, lease_s=lease_s, course="within_wake" if goes_on else "wake")
        try:
            await self.log.store.append(append)
        except (Collision, StoreError):
            if not self._arrived(append):
                raise
        if not goes_on:
            self._leased_at = now
        self._landed(append)

    def flush_from_outside(self) -> None:
        """The same without an event loop, for what comes from outside a wake."""
        append = self._append(wake=None, lease_s=0.0, course="outside")
        try:
            self.log.store.append_now(append)
        except (Collision, StoreError):
            if not self._arrived(append):
                raise
        self._landed(append)

    def _append(self, *, wake: str | None, lease_s: float, course: Course) -> Append:
        return Append(
            run_id=self.state.run_id,
            expected_head=self.base,
            events=list(self._rows),
            run=head_columns(self.state)
            if course == "within_wake"
            else run_columns(self.state, wake=wake, lease_s=lease_s),
            course=course,
            also=list(self._also),
        )

    def _arrived(self, append: Append) -> bool:
        """After a lost acknowledgement: whether these very events stand in the log."""
        if not append.events:
            return False
        stored = self.log.store.events(self.state.run_id, append.events[0].seq)
        ours = [row.id for row in append.events]
        return [row.id for row in stored[: len(ours)]] == ours

    def _landed(self, append: Append) -> None:
        self.base += len(append.events)
        del self._rows[: len(append.events)], self.unflushed[: len(append.events)]
        del self._also[: len(append.also)]
        if self.log.subscribers:
            run_id = self.state.run_id
            self.log.tell(
                [
                    Entry(run_id, row.seq, row.id, row.at, row.kind, decode(row.kind, row.data))
                    for row in append.events
                ]
            )


def _entry(run_id: str, stored: StoredEvent) -> Entry:
    event = decode(stored.kind, stored.data) if stored.data is not None else None
    return Entry(run_id, stored.seq, stored.id, stored.at, stored.kind, event)


def _read(run_id: str, row: Row) -> Entry:
    event = decode(row["kind"], row["data"]) if row["data"] is not None else None
    return Entry(run_id, row["seq"], row["id"], row["at"], row["kind"], event)
