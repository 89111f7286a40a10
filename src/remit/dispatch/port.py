"""The port: how a run comes to be advanced, whichever engine wakes it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from remit.store import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """How many runs of an agent may be under way at once, over all workers."""

    agent: str
    at_once: int
    per_tenant: int


class Dispatch(Protocol):
    """Has runs advanced: each at least once, by this process or by another of the same engine.

    A wake that is lost is made good by the sweep, when the lease of its claim has run out.
    """

    name: str

    async def start(self, concurrency: int) -> None:
        """Makes ready to advance up to `concurrency` runs at once in this process."""
        ...

    async def wake(self, run_id: str) -> None:
        """Has a run advanced that no live lease protects; nothing happens to another."""
        ...

    async def wake_next(self, most: int) -> int:
        """Has the next runs advanced that this process is able to run, at most so many; how many."""
        ...

    async def wake_limited(self, most: int, limited: Limited) -> int:
        """The same for one agent, whose runs under way are bounded."""
        ...

    def waiting_here(self) -> int:
        """How many claimed runs have not been begun yet, as far as this process knows."""
        ...

    async def tidy(self, dead: Sequence[str]) -> None:
        """Takes back what dead workers held in the engine, and drops what it kept of finished wakes."""
        ...

    async def stop(self) -> None:
        """Takes nothing more; wakes under way are the caller's to wait for."""
        ...


def claim_next(worker: str, claim: str, lease_s: float, most: int) -> tuple[Statement, ...]:
    """Claims the next runs of agents without bounds."""
    values = {"worker": worker, "claim": claim, "lease_s": lease_s, "most": most}
    return (Statement("claim_runs", values),)


def claim_limited(
    worker: str, claim: str, lease_s: float, most: int, limited: Limited
) -> tuple[Statement, ...]:
    """Claims the next runs of one agent within its bounds."""
    values = {
        "worker": worker,
        "claim": claim,
        "lease_s": lease_s,
        "most": most,
        "agent": limited.agent,
        "at_once": limited.at_once,
        "per_tenant": limited.per_tenant,
    }
    return (Statement("count_alone", {"agent": limited.agent}), Statement("claim_limited_runs", values))


def claim_named(run_ids: Sequence[str], claim: str, lease_s: float) -> tuple[Statement, ...]:
    """Claims just these runs, as far as no other wake has them."""
    values = {"run_ids": json.dumps(sorted(run_ids)), "claim": claim, "lease_s": lease_s}
    return (Statement("claim_named_runs", values),)
