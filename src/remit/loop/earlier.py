"""Which runs came before in the same conversation, and whether a run has anything to do."""

from remit.contract import Contract
from remit.log import Log, RunState
from remit.loop.decide import next_step
from remit.loop.steps import Stop, Wait


def earlier_runs(log: Log, state: RunState) -> tuple[RunState, ...]:
    """The conversation's runs that had ended when this one was admitted, oldest first."""
    admitted = state.admitted
    if admitted is None or admitted.conversation is None:
        return ()
    rows = log.store.rows(
        "earlier_runs",
        {
            "tenant": admitted.tenant,
            "agent": admitted.agent,
            "conversation": admitted.conversation,
            "before": state.admitted_at,
            "run_id": state.run_id,
        },
    )
    return tuple(log.fold(row["run_id"]) for row in rows)


def is_idle(contract: Contract, state: RunState) -> bool:
    """True if the run has ended, is set aside or waits for a person."""
    return isinstance(next_step(contract, state), Stop | Wait)
