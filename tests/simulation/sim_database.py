"""A database in memory: what each named statement of the store means, in one transaction or not at all."""

from collections.abc import Callable, Mapping
from typing import Any

from remit.store import Append, Collision, OnceTaken, Row, Statement, StoredEvent, Value

ONCE = ("claim_once", "finish_once", "free_once")
"""The statements that change business actions: only they can refuse a transaction."""


class Database:
    """The committed rows; `fenced` and `leased` are taken away by planted bugs alone."""

    fenced = True
    """The head must be where the appender saw it, and a seq is given once."""
    leased = True
    """A live lease keeps other wakes away."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.runs: dict[str, Row] = {}
        self.kept: dict[str, list[StoredEvent]] = {}
        self.commits: dict[str, list[int]] = {}
        self.cases: dict[str, Row] = {}
        self.once: dict[str, Row] = {}
        self.breakers: dict[str, Row] = {}
        self.listeners: list[Callable[[Append, Row | None], None]] = []

    def append(self, append: Append) -> None:
        run_id = append.run_id
        before = self.runs.get(run_id)
        if append.expected_head < 0:
            if before is not None:
                raise Collision(run_id)
        elif before is None or (self.fenced and before["head"] != append.expected_head):
            raise Collision(run_id)
        if (
            append.course == "wake"
            and self.leased
            and before is not None
            and _leased_to_another(before, append.run["wake"], self.clock())
        ):
            raise Collision(run_id)
        self.execute(append.also)
        row = {**before, **append.run} if before is not None else dict(append.run)
        self._lease(row, before, append)
        self.runs[run_id] = row
        kept = self.kept.setdefault(run_id, [])
        for event in append.events:
            kept.append(
                StoredEvent(
                    event.seq,
                    event.id,
                    event.at,
                    event.kind,
                    event.digest,
                    event.chain,
                    event.salt,
                    event.data,
                )
            )
        self.commits.setdefault(run_id, []).append(len(kept))
        for listener in self.listeners:
            listener(append, before)

    def _lease(self, row: Row, before: Row | None, append: Append) -> None:
        lease_s = row.pop("lease_s", None)
        row.pop("wake", None)
        if append.course == "outside" and before is not None:
            row["lease_wake"], row["lease_until"] = before["lease_wake"], before["lease_until"]
        elif append.course != "within_wake" or before is None:
            row["lease_until"] = self.clock() + lease_s if lease_s else 0.0

    def execute(self, statements: list[Statement] | tuple[Statement, ...]) -> None:
        """All of the statements or, when a business action is taken already, none."""
        if not statements:
            return
        if any(query == "claim_probe" and not self._may_probe(values) for query, values in statements):
            raise OnceTaken("another run tries the tool")
        claims = any(statement.query == "claim_once" for statement in statements)
        kept = {key: dict(row) for key, row in self.once.items()} if claims else None
        for query, values in statements:
            if query == "claim_once":
                if not self._claim_once(values):
                    assert kept is not None
                    self.once = kept
                    raise OnceTaken(str(values["once_key"]))
            elif query in ONCE:
                getattr(self, "_" + query)(values)
        for query, values in statements:
            if query not in ONCE:
                getattr(self, "_" + query)(values)

    def _claim_once(self, values: Mapping[str, Value]) -> bool:
        row = self.once.get(values["once_key"])
        if row is None:
            self.once[values["once_key"]] = {**values, "state": "intended", "result": None}
            return True
        if row["key"] != values["key"]:
            return False
        row["at"] = values["at"]
        return True

    def _finish_once(self, values: Mapping[str, Value]) -> None:
        for row in self.once.values():
            if row["key"] == values["key"] and row["state"] == "intended":
                row["state"], row["result"] = "done", values["result"]

    def _free_once(self, values: Mapping[str, Value]) -> None:
        freed = [
            key
            for key, row in self.once.items()
            if row["key"] == values["key"] and row["state"] == "intended"
        ]
        for key in freed:
            del self.once[key]

    def _open_case(self, values: Mapping[str, Value]) -> None:
        assert values["case_id"] not in self.cases
        free = {"snoozed_until": 0.0, "reserved_by": None, "reserved_until": 0.0}
        self.cases[str(values["case_id"])] = {**values, "state": "open", **free}

    def _close_case(self, values: Mapping[str, Value]) -> None:
        free = {"reserved_by": None, "reserved_until": 0.0}
        self.cases[str(values["case_id"])].update(state=values["state"], **free)

    def _reopen_case(self, values: Mapping[str, Value]) -> None:
        row = self.cases[str(values["case_id"])]
        if row["state"] == "decided":
            row["state"] = "open"

    def _place_case(self, values: Mapping[str, Value]) -> None:
        self.cases[str(values["case_id"])].update(values)

    def _may_probe(self, values: Mapping[str, Value]) -> bool:
        row = self.breakers.get(str(values["tool"]))
        return row is not None and row["opened_at"] == values["opened_at"]

    def _claim_probe(self, values: Mapping[str, Value]) -> None:
        self.breakers[str(values["tool"])]["opened_at"] = values["at"]

    def _close_breaker(self, values: Mapping[str, Value]) -> None:
        row = self.breakers.get(str(values["tool"]))
        if row is not None:
            row["failures"], row["opened_at"] = 0, None

    def _count_breaker_failures(self, values: Mapping[str, Any]) -> None:
        row = self.breakers.setdefault(str(values["tool"]), {"tool": values["tool"], "failures": 0})
        row["failures"] += values["failures"]
        row["opened_at"] = values["at"] if row["failures"] >= values["threshold"] else None

    def _renew_leases(self, values: Mapping[str, Value]) -> None:
        for row in self.runs.values():
            if row["lease_wake"] == values["wake"] and row["state"] == "runnable":
                row["lease_until"] = self.clock() + values["lease_s"]

    def _release_lease(self, values: Mapping[str, Value]) -> None:
        row = self.runs.get(str(values["run_id"]))
        if row is not None and row["lease_wake"] == values["wake"]:
            row["lease_wake"], row["lease_until"] = None, 0.0

    def rows(self, query: str, values: Mapping[str, Any]) -> list[Row]:
        return getattr(self, "_" + query)(values)

    def _runnable_runs(self, values: Mapping[str, Any]) -> list[Row]:
        now, after = self.clock(), (values["after"], values["after_run"])
        found = [
            row
            for row in self.runs.values()
            if row["state"] == "runnable"
            and (row["lease_until"] < now or not self.leased)
            and (row["admitted_at"], row["run_id"]) > after
        ]
        found.sort(key=lambda row: (row["admitted_at"], row["run_id"]))
        return [dict(row) for row in found[: values["most"]]]

    def _due_runs(self, values: Mapping[str, Any]) -> list[Row]:
        now = self.clock()
        return [
            {"run_id": row["run_id"], "agent": row["agent"]}
            for row in self.runs.values()
            if row["deadline"] is not None and row["deadline"] <= now and row["state"] == "waiting"
        ]

    def _run_row(self, values: Mapping[str, Any]) -> list[Row]:
        row = self.runs.get(values["run_id"])
        return [dict(row)] if row is not None else []

    def _case_row(self, values: Mapping[str, Any]) -> list[Row]:
        row = self.cases.get(values["case_id"])
        return [dict(row)] if row is not None else []

    def _once_row(self, values: Mapping[str, Any]) -> list[Row]:
        row = self.once.get(values["once_key"])
        return [dict(row)] if row is not None else []

    def _breaker_row(self, values: Mapping[str, Any]) -> list[Row]:
        row = self.breakers.get(values["tool"])
        return [dict(row)] if row is not None else []

    def events(self, run_id: str, from_seq: int = 0, before_commits: int = 0) -> list[StoredEvent]:
        """A run's events; with `before_commits`, as they were that many commits ago."""
        kept = self.kept.get(run_id, [])
        if before_commits:
            commits = self.commits.get(run_id, [])
            kept = kept[: commits[-1 - before_commits]] if len(commits) > before_commits else kept[:0]
        return kept[from_seq:] if self.fenced else [event for event in kept if event.seq >= from_seq]


def _leased_to_another(row: Row, wake: object, now: float) -> bool:
    return row["lease_wake"] is not None and row["lease_wake"] != wake and row["lease_until"] >= now
