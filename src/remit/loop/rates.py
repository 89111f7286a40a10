"""Limits per minute that all workers share: a call that has to wait does so here, or the run lets go."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from remit.event import Postponed, Usage
from remit.log import CallState
from remit.loop.wake import Wake
from remit.model import Answer, NoAnswer
from remit.store import Statement

MINUTE_S = 60.0
AT_ONCE = 6
"""The part of a minute's calls or tokens that may be used at one moment: a sixth."""
UNBOUNDED_S = 1e12
WAIT_HERE_S = 2.0
"""A longer wait is not worth a worker's place: the run is postponed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How far one unit moves the bucket, and how far it may be ahead of the clock; both in seconds."""

    unit_s: float
    ahead_s: float


def pace(per_minute: int | None) -> Pace:
    """The pace that keeps within so many units in any minute, of which a sixth may come at once.

    Generic cell rate algorithm, ITU-T I.371: burst + refill of a minute together are the limit.
    """
    if per_minute is None:
        return Pace(unit_s=0.0, ahead_s=UNBOUNDED_S)
    burst = max(1, per_minute // AT_ONCE)
    if burst == 1:
        return Pace(unit_s=MINUTE_S / per_minute, ahead_s=0.0)
    unit_s = MINUTE_S / (per_minute - burst)
    return Pace(unit_s=unit_s, ahead_s=(burst - 1) * unit_s)


async def wait_s(wake: Wake, name: str, calls: Pace, tokens: Pace, estimate: int) -> float:
    """0 if the call may be made now and has been counted, else the seconds until it may."""
    changes = wake.world.changes
    assert changes is not None, "a runtime has a connection for changes"
    values = {
        "name": name,
        "call_s": calls.unit_s,
        "calls_ahead_s": calls.ahead_s,
        "tokens_s": tokens.unit_s * estimate,
        "tokens_ahead_s": tokens.ahead_s,
    }
    if await asyncio.to_thread(changes.carry_out, Statement("take_rate", values)):
        return 0.0
    (row,) = await asyncio.to_thread(changes.look, "rate_row", {"name": name})
    late = (row["calls_at"] - calls.ahead_s, row["tokens_at"] - tokens.ahead_s)
    return max(0.001, max(late) - row["now_at"])


async def model_may(wake: Wake, estimate: int) -> bool:
    """Whether the first model may be asked now; False if the run has been postponed instead."""
    choice = wake.plan.contract.model
    if choice.calls_per_minute is None and choice.tokens_per_minute is None:
        return True
    calls, tokens = pace(choice.calls_per_minute), pace(choice.tokens_per_minute)
    name = f"model:{wake.plan.models[0].name}"
    while left_s := await wait_s(wake, name, calls, tokens, estimate):
        if not await _waited(wake, left_s, name):
            return False
    return True


async def settle_model(wake: Wake, result: Answer | NoAnswer, estimate: int) -> None:
    """Puts what the chain used in truth in place of what was counted beforehand."""
    choice = wake.plan.contract.model
    if choice.calls_per_minute is None and choice.tokens_per_minute is None:
        return
    first = wake.plan.models[0].name
    used = [attempt.target for attempt in result.attempts]
    used += [result.model] if isinstance(result, Answer) else []
    for target in dict.fromkeys((first, *used)):
        own = target == first
        more = used.count(target) - own
        tokens = _tokens(result.usage) if target == (used or [first])[-1] else 0
        values = {
            "name": f"model:{target}",
            "calls_s": pace(choice.calls_per_minute).unit_s * max(0, more),
            "tokens_s": pace(choice.tokens_per_minute).unit_s * (tokens - (estimate if own else 0)),
        }
        await wake.log.store.execute(Statement("mend_rate", values))


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


async def tools_may(wake: Wake, calls: Sequence[CallState]) -> Sequence[CallState]:
    """The calls that may be made now; none of them if the run has been postponed instead."""
    while True:
        ready: list[CallState] = []
        shortest_s, waits_for = UNBOUNDED_S, ""
        for call in calls:
            name = call.call.tool
            per_minute = wake.plan.contract.tools[name].calls_per_minute
            left_s = 0.0
            if per_minute is not None:
                key = f"tool:{wake.plan.contract.agent}:{name}"
                left_s = await wait_s(wake, key, pace(per_minute), pace(None), 0)
            if left_s == 0.0:
                ready.append(call)
            elif left_s < shortest_s:
                shortest_s, waits_for = left_s, name
        if ready or not await _waited(wake, shortest_s, waits_for):
            return ready


async def _waited(wake: Wake, left_s: float, name: str) -> bool:
    """Waits here where it is short and the budget allows it; else postpones the run."""
    budget_s = wake.plan.contract.budget.working_time - wake.state.working_s
    if left_s <= min(WAIT_HERE_S, budget_s):
        await wake.world.sleep(left_s)
        return True
    wake.add(Postponed(until=wake.world.clock() + left_s, reason=f"{name} is used as much as is allowed"))
    return False
