"""Which runs came before in the same conversation, and whether a run has anything to do."""

from remit.contract import Contract
from remit.errors import NotFound
from remit.event import Admitted
from remit.log import Log, RunState
from remit.loop.decide import next_step
from remit.loop.steps import Stop, Wait


def earlier_runs(log: Log, state: RunState) -> tuple[RunState, ...]:
    """The conversation's runs that had ended when this one was admitted, oldest first.

    A run whose bodies retention has dropped is an empty one, whose id is all that can be said of it.
    """
    admitted = state.admitted
    if admitted is not None and admitted.decides is not None:
        return _consulting(log, admitted)
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
    return tuple(_folded(log, row["run_id"]) for row in rows)


def _consulting(log: Log, admitted: Admitted) -> tuple[RunState, ...]:
    """What came before the run whose case is decided: the same agent with another model sees it too."""
    assert admitted.decides is not None, "only of a run that decides a case"
    consulting = _folded(log, admitted.decides.run)
    same = consulting.admitted is not None and consulting.admitted.agent == admitted.agent
    return earlier_runs(log, consulting) if same else ()


def _folded(log: Log, run_id: str) -> RunState:
    try:
        return log.fold(run_id)
    except NotFound:
        return RunState(run_id)


def is_idle(contract: Contract, state: RunState) -> bool:
    """True if the run has ended, is set aside or waits for a person."""
    return isinstance(next_step(contract, state), Stop | Wait)
