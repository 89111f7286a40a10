"""Setting a run aside: nobody takes it until a person has looked, and there is always a case."""

import logging

from remit.contract import Contract
from remit.event import CaseOpened, Event, SetAside
from remit.handover import OPERATORS, queue_terms

ALERTS = logging.getLogger("remit.alerts")


def poisoned(contract: Contract, run_id: str, *, case_id: str, wakes: int) -> tuple[Event, ...]:
    """What is appended to a run that `wakes` wakes took without progress."""
    reason = f"{wakes} wakes took this run and none made progress"
    ALERTS.error("Run %s of %s is set aside: %s.", run_id, contract.agent, reason)
    return (
        SetAside(wakes=wakes, reason=reason),
        CaseOpened(
            case=case_id,
            queue=contract.handover or OPERATORS,
            trigger="poisoned",
            question="This run stops its worker again and again. Should it be tried once more?",
            why=reason,
            deadline=None,
            otherwise="none",
            **queue_terms(contract, contract.handover or OPERATORS),
        ),
    )


def release_gone(
    agent: str, release: str, run_id: str, *, queue: str | None, case_id: str, silent_s: float
) -> tuple[Event, ...]:
    """What is appended to a run whose release no worker has been able to load for `silent_s` seconds."""
    reason = f"no worker that can run release {release} of {agent} has been seen for {silent_s:.0f} s"
    ALERTS.error("Run %s of %s is set aside: %s.", run_id, agent, reason)
    return (
        SetAside(wakes=0, reason=reason),
        CaseOpened(
            case=case_id,
            queue=queue or OPERATORS,
            trigger="release_gone",
            question=f"The release {release} of {agent} is gone. Should this run go on with the current one?",
            why=reason,
            deadline=None,
            otherwise="none",
        ),
    )
