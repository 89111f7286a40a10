"""What people do with a case beside deciding it, judged against the fold and appended like a decision."""

from collections.abc import Callable
from typing import TypeVar

from remit.app.outside import append, facts_of, run_of_case
from remit.contract import Contract, unknown_queue
from remit.errors import DecisionRefused, NotFound
from remit.event import Event, HandedOn, Released, Reserved, Snoozed, Undone
from remit.handover import CaseState as CaseFacts
from remit.handover import Rejected, hand_on, queue_terms, release, reserve, snooze, take_back
from remit.log import Log, RunState
from remit.release import thaw

Done = TypeVar("Done", bound=Event)
RESERVED_S = 900.0
"""How long a case is reserved where nobody says otherwise."""


class Reviewing:
    """The cases of one log, for the people who work on them; times in seconds.

    Each method says in its event what was done; DecisionRefused says why it was not, NotFound if there is
    no such case. Any thread may call it.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    def hand_on(self, case: str, queue: str, *, by: str, reason: str = "") -> HandedOn:
        """Puts the case into another queue of its remit; its deadline and default stay."""

        def judged(facts: CaseFacts, contract: Contract | None, now: float) -> HandedOn | Rejected:
            if contract is None:
                gone = "Its release is gone from this log: nobody knows which queues there are."
                return Rejected(reason=gone, ground="unfit")
            unknown, terms = unknown_queue(contract, queue), queue_terms(contract, queue)
            return hand_on(
                facts, by=by.strip(), queue=queue, unknown=unknown, reason=reason, terms=terms, now=now
            )

        return self._do(case, judged)

    def snooze(self, case: str, *, by: str, for_s: float) -> Snoozed:
        """Puts the case out of sight for so long; its default applies when it would have."""
        return self._do(case, lambda facts, _, now: snooze(facts, by=by.strip(), until=now + for_s, now=now))

    def reserve(self, case: str, *, by: str, for_s: float = RESERVED_S) -> Reserved:
        """Makes the case one person's for so long: nobody else decides it."""
        return self._do(case, lambda facts, _, now: reserve(facts, by=by.strip(), until=now + for_s, now=now))

    def release(self, case: str, *, by: str) -> Released:
        """Lets a reserved case go."""
        return self._do(case, lambda facts, _, now: release(facts, by=by.strip(), now=now))

    def undo(self, case: str, *, by: str) -> Undone:
        """Takes one's own decision back before it counts."""
        return self._do(case, lambda facts, _, now: take_back(facts, by=by.strip(), now=now))

    def _do(self, case: str, judged: Callable[[CaseFacts, Contract | None, float], Done | Rejected]) -> Done:
        log, run_id = self._log, run_of_case(self._log, case)
        found: list[Done] = []

        def make(state: RunState) -> Done:
            opened = state.cases.get(case)
            if opened is None:
                raise NotFound(
                    f"What was read of run {run_id} is older than case {case}.", remedy="Try again."
                )
            verdict = judged(facts_of(state, opened), contract_of(log, state), log.clock())
            if isinstance(verdict, Rejected):
                raise DecisionRefused(verdict.reason, ground=verdict.ground)
            found.append(verdict)
            return verdict

        append(log, run_id, make)
        return found[-1]


def contract_of(log: Log, state: RunState) -> Contract | None:
    """The remit that the run keeps, as it was frozen; None where this log no longer has it."""
    release = state.release or (state.admitted.release if state.admitted is not None else "")
    row = log.store.row("release_row", {"hash": release})
    return thaw(row["content"]).contract if row is not None else None
