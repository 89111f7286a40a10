"""The invariants: what no schedule may break, held against the log and against the simulated bank."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json
from sim_agent import ASKED, EFFECTS, KEY_TTL_S, ONCE_PER_ORDER, TIMEOUT_S
from sim_database import Database

from remit.log import verify_run
from remit.outcome import Effect
from remit.store import Append, Row

ASIDE = ("rated", "late", "decided")
"""What may stand behind the end of a run: a handed-over matter is still decided then."""


@dataclass(slots=True)
class CallRecord:
    """What the log and the bank know of one call."""

    tool: str = ""
    order: str = ""
    intents: list[dict[str, Any]] = field(default_factory=list)
    result: str | None = None
    source: str = ""
    mode: str = ""
    unknown: bool = False
    executed: int = 0
    executed_at: float = 0.0
    late: bool = False
    sent: bool = False


@dataclass(slots=True)
class RunRecord:
    """One run as its committed events say, read without the code under test."""

    seq: int = -1
    wakes: list[str] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    calls: dict[str, CallRecord] = field(default_factory=dict)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    decided: dict[str, dict[str, Any]] = field(default_factory=dict)
    cancelled: bool = False
    ended: dict[str, Any] | None = None

    def approved(self, key: str) -> bool:
        """Whether the last case about this call was approved."""
        cases = [case for case, opened in self.cases.items() if opened.get("key") == key]
        decided = self.decided.get(cases[-1]) if cases else None
        return decided is not None and decided["decision"] in ("approve", "edit")


class Check:
    """Sees each commit and each call that reaches the bank; `broken` says what does not hold."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self.database = database
        self.now = now
        self.runs: dict[str, RunRecord] = {}
        self.broken: list[str] = []
        self.happened: Counter[str] = Counter()
        self.keys: dict[str, CallRecord] = {}
        self.orders: dict[str, list[CallRecord]] = {}
        self.reopened: set[str] = set()
        """Cases of which something was learned later, so that an earlier decision may be void."""
        database.listeners.append(self.committed)

    def fail(self, sentence: str) -> None:
        self.broken.append(sentence)

    def committed(self, append: Append, before: Row | None) -> None:
        """The events of one commit, in order."""
        run_id = append.run_id
        record = self.runs.setdefault(run_id, RunRecord())
        for event in append.events:
            if event.seq != record.seq + 1:
                self.fail(f"{run_id}: event {event.seq} was recorded after event {record.seq}")
            record.seq = event.seq
            if record.ended is not None and event.kind not in ASIDE:
                self.fail(f"{run_id}: {event.kind} after the end")
            see = _SEES.get(event.kind)
            if see is not None:
                see(self, run_id, record, from_json(event.data), event.seq, before)

    def _taken(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        wake = event["wake"]
        if wake in record.wakes:
            self.fail(f"{run_id}: wake {wake} took the run twice")
        record.wakes.append(wake)
        if (
            before is not None
            and before["lease_wake"] not in (None, wake)
            and before["lease_until"] >= self.now()
        ):
            self.fail(f"{run_id}: wake {wake} took the run under the live lease of {before['lease_wake']}")

    def _answered(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        asked = event["asked_seq"]
        if asked in record.answered:
            self.fail(f"{run_id}: the question at {asked} was answered twice")
        record.answered.add(asked)

    def _intended(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        key, tool = event["key"], event["tool"]
        call = record.calls.get(key)
        if call is None:
            call = record.calls[key] = self.keys[key] = CallRecord(
                tool=tool, order=event["arguments"]["order"]
            )
        if record.cancelled:
            self.fail(f"{run_id}: {tool} intended after the cancellation")
        if event["wake"] != record.wakes[-1]:
            self.fail(f"{run_id}: {tool} intended by wake {event['wake']}, which no longer has the run")
        if call.result is not None:
            self.fail(f"{run_id}: {tool} intended again after its result")
        # A wake may intend anew what its own commit delayed, as long as it has sent nothing.
        renewed = all(earlier["wake"] == event["wake"] for earlier in call.intents) and not call.sent
        if call.intents and EFFECTS[tool] is Effect.IRREVERSIBLE and not renewed:
            self.fail(f"{run_id}: irreversible {tool} intended twice")
        if tool in ASKED and not record.approved(key):
            self.fail(f"{run_id}: {tool} intended without a person's word")
        call.intents.append(event)

    def _finished(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        key = event["key"]
        call = record.calls.get(key)
        if call is None:
            call = record.calls[key] = CallRecord(tool=event["tool"])
        if call.result is not None:
            self.fail(f"{run_id}: the result of {event['tool']} was recorded twice")
        failed = "mode" in event
        call.result = "failed" if failed else "done"
        call.source = "" if failed else event["source"]
        call.mode = event.get("mode", "")

    def _unknown(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        self.happened["effect unknown"] += 1
        record.calls[event["key"]].unknown = True

    def _opened(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        if event["case"] in record.cases:
            self.fail(f"{run_id}: case {event['case']} was opened twice")
        record.cases[event["case"]] = event | {"seen": seq}

    def _decided(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        case = event["case"]
        if case in record.decided and case not in self.reopened:
            self.fail(f"{run_id}: case {case} was decided twice")
        if case not in record.cases:
            self.fail(f"{run_id}: case {case} was decided before it was opened")
            return
        record.decided[case] = event
        if event["by"] == "deadline":
            self.happened["default applied"] += 1
        opened = record.cases[case]
        if opened["trigger"] == "poisoned" and event["decision"] == "reject":
            record.cancelled = True

    def _cancelled(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        self.happened["cancelled"] += 1
        record.cancelled = True

    def _ended(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        record.ended = event["outcome"]
        for call in record.calls.values():
            if (
                call.intents
                and call.result is None
                and not call.unknown
                and EFFECTS[call.tool] is not Effect.READ
            ):
                self.fail(f"{run_id}: ended while {call.tool} was neither done nor unknown")

    def _late(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        self.happened["late result"] += 1
        for case, opened in record.cases.items():
            if opened.get("key") is not None and opened["key"] == event["body"].get("key"):
                opened["seen"] = seq
                self.reopened.add(case)

    def _set_aside(
        self, run_id: str, record: RunRecord, event: dict[str, Any], seq: int, before: Row | None
    ) -> None:
        self.happened["set aside"] += 1

    def sending(
        self, tool: str, key: str, run_id: str, wake: str | None, clock: float, paused: bool
    ) -> float:
        """A call leaves its process; until when it may reach the bank without being late."""
        if EFFECTS[tool] is Effect.READ:
            return float("inf")
        record = self.runs.get(run_id)
        call = record.calls.get(key) if record is not None else None
        own = [intent for intent in call.intents if intent["wake"] == wake] if call is not None else []
        if not own:
            self.fail(f"{run_id}: {tool} was sent without its intent in the log")
            return float("inf")
        assert call is not None, "an intent belongs to a call"
        call.sent = True
        if clock >= own[-1]["call_before"] and not paused:
            self.fail(f"{run_id}: {tool} was sent after call_before")
        return own[-1]["call_before"] + TIMEOUT_S

    def executed(self, tool: str, key: str, order: str, late: bool) -> None:
        """The bank acts."""
        call = self.keys.get(key)
        if call is None:
            call = self.keys[key] = CallRecord(tool=tool, order=order)
        if late:
            self.happened["late effect"] += 1
            call.late = True
        effect = EFFECTS[tool]
        if effect is Effect.KEYED and call.executed and self.now() - call.executed_at <= KEY_TTL_S:
            self.happened["deduplicated by key"] += 1
            return
        call.executed += 1
        call.executed_at = self.now()
        if call.executed > 1 and effect is Effect.IRREVERSIBLE:
            self.fail(f"irreversible {tool} of key {key} was executed twice")
        if call.executed > 1 and effect is Effect.KEYED and not call.late:
            self.fail(f"keyed {tool} of key {key} was executed twice")
        if tool in ONCE_PER_ORDER and call.executed == 1:
            earlier = self.orders.setdefault(order, [])
            if any(not other.late for other in earlier) and not late:
                self.fail(f"{tool} for {order} was executed twice, by two calls")
            earlier.append(call)

    def at_the_end(self, acknowledged: list[str]) -> None:
        """After the faults have stopped and people have decided what they were asked."""
        for run_id in acknowledged:
            if run_id not in self.database.runs:
                self.fail(f"{run_id}: it was acknowledged and is lost")
        for run_id, row in self.database.runs.items():
            record = self.runs[run_id]
            self._run_at_the_end(run_id, row, record)
            found = verify_run(self.database, run_id, row["head"], row["chain"])
            for fault in found.breaks:
                self.fail(f"{run_id}: the chain breaks at {fault.seq}: {fault.reason}")

    def _run_at_the_end(self, run_id: str, row: Row, record: RunRecord) -> None:
        if record.ended is None:
            self.fail(f"{run_id}: lost: {row['state']}, nobody advances it")
        elif (
            row["state"] != "ended" or row["lease_wake"] is not None or row["outcome"] != record.ended["kind"]
        ):
            self.fail(
                f"{run_id}: the row says {row['state']}, {row['outcome']}, leased by {row['lease_wake']}"
            )
        if row["head"] != record.seq:
            self.fail(f"{run_id}: the row's head is {row['head']}, the last event {record.seq}")
        for case, opened in record.cases.items():
            state = self.database.cases[case]["state"]
            outlives = opened["trigger"] in ("handover", "effect_unknown")
            right = "decided" if case in record.decided else "open" if outlives else "void"
            # What came late may have voided a decision before it was used; the case is then open again.
            again = case in self.reopened and outlives and state == "open"
            if state != right and not again:
                self.fail(f"{run_id}: the row of case {case} says {state}, the log {right}")
        for key, call in record.calls.items():
            self._call_at_the_end(run_id, key, call)

    def _call_at_the_end(self, run_id: str, key: str, call: CallRecord) -> None:
        if EFFECTS[call.tool] is Effect.READ:
            return
        if call.source in ("tool", "reconciled") and not call.executed:
            self.fail(f"{run_id}: {call.tool} is recorded as done and never took place")
        known_not_done = call.result == "failed" and EFFECTS[call.tool] in (Effect.IRREVERSIBLE, Effect.KEYED)
        if known_not_done and call.executed and not call.late:
            self.fail(f"{run_id}: {call.tool} is recorded as without effect and took place")


_SEES: dict[str, Callable[..., None]] = {
    "taken": Check._taken,
    "model_answered": Check._answered,
    "intended": Check._intended,
    "done": Check._finished,
    "tool_failed": Check._finished,
    "effect_unknown": Check._unknown,
    "case_opened": Check._opened,
    "decided": Check._decided,
    "cancelled": Check._cancelled,
    "set_aside": Check._set_aside,
    "late": Check._late,
    "ended": Check._ended,
}
