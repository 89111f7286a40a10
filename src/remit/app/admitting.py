"""How an input becomes a run: what is kept of it, and whether it is let in."""

from typing import Any

from remit.app.remit import Remit
from remit.errors import TryLater
from remit.event import Admitted
from remit.intake import storable
from remit.log import Log

SHORTEST_RETRY_S, LONGEST_RETRY_S = 1.0, 300.0


def admission(
    remit: Remit,
    value: Any,
    *,
    user: dict[str, Any] | None,
    tenant: str,
    conversation: str | None,
    idempotency_key: str | None,
    priority: int,
    deadline: float | None,
) -> Admitted:
    """The first event of a run; `deadline` is in seconds since the epoch."""
    kept, unreadable = storable(value)
    attested, doubtful = storable(user)
    return Admitted(
        agent=remit.name,
        release=remit.release.hash,
        input=kept,
        unreadable=unreadable or doubtful.replace("input", "user"),
        input_from=remit.contract.input.speaker,
        user=attested,
        tenant=storable(tenant)[0],
        conversation=storable(conversation)[0],
        idempotency_key=storable(idempotency_key)[0],
        priority=priority,
        deadline=deadline,
    )


def already(log: Log, admitted: Admitted) -> str | None:
    """The run that has this idempotency key, if there is one."""
    if admitted.idempotency_key is None:
        return None
    values = {
        "tenant": admitted.tenant,
        "agent": admitted.agent,
        "idempotency_key": admitted.idempotency_key,
    }
    row = log.store.row("run_by_idempotency_key", values)
    return row["run_id"] if row is not None else None


def let_in(log: Log, remit: Remit) -> None:
    """TryLater if more runs of this agent wait for a worker than its remit allows."""
    most = remit.contract.flow.queued
    if most is None:
        return
    row = log.store.row("queued_of_agent", {"agent": remit.name, "most": most})
    assert row is not None, "a count is always one row"
    if row["runs"] < most:
        return
    # A run that is let in now waits about as long as the oldest one has waited already.
    retry_s = min(LONGEST_RETRY_S, max(SHORTEST_RETRY_S, row["now_at"] - row["oldest_at"]))
    raise TryLater(
        f"{most} runs of {remit.name} wait for a worker; no more are let in.",
        remedy=f"Try again in {retry_s:.0f} s, or start more workers.",
        retry_after_s=retry_s,
    )
