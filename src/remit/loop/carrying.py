"""Carry out tool calls under the effect protocol: intend, call, record, and never twice blindly."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from math import inf

from pydantic_core import from_json, to_json

from remit.contract import LastKnown, ToolRule, path_for
from remit.event import Done, EffectUnknown, Event, Integrity, Intended, ToolFailed
from remit.intake import UNSUSPECTED, Suspicion, suspicion_of
from remit.log import CallState
from remit.loop.breakers import breaker_of, claim_probe, count_in_breaker
from remit.loop.judging import validated_arguments
from remit.loop.rates import tools_may
from remit.loop.wake import Wake
from remit.outcome import Effect, FailureMode
from remit.permit import result_integrity
from remit.store import Row, Statement
from remit.tools import (
    Ambiguous,
    Breaker,
    Closed,
    HalfOpen,
    NotDone,
    Open,
    Succeeded,
    Tool,
    ToolContext,
    admit,
    carry_out,
    healthy,
    last_known_key,
    once_key,
    probing,
    usable,
)

RENEWALS = 3
"""How often a call whose time to be sent ran out is intended anew, before it counts as unavailable."""


async def carry_out_calls(wake: Wake, calls: Sequence[CallState]) -> None:
    """Makes the calls: those that may be repeated together, the others one by one."""
    plan = wake.plan
    gone = [call for call in calls if call.call.tool not in plan.tools]
    for call in gone:
        wake.add(_failed_as_gone(call))
    if gone:
        return
    together = [
        call for call in calls if plan.tools[call.call.tool].effect in (Effect.READ, Effect.IDEMPOTENT)
    ]
    if together:
        await _send(wake, together)
        return
    await _send(wake, calls[:1])


async def _send(wake: Wake, calls: Sequence[CallState]) -> None:
    """Intends all, commits unless they only read, calls, records; the next commit keeps the results."""
    once = any(wake.plan.contract.tools[call.call.tool].once_per for call in calls)
    # The first record of a business action may be a result of this very answer: it has to be readable.
    if once and not await wake.flush():
        return
    breakers: dict[str, Breaker] = {}
    ready = [call for call in await tools_may(wake, calls) if _intend(wake, call, breakers)]
    if not ready:
        return
    only_reads = all(wake.plan.tools[call.call.tool].effect is Effect.READ for call in ready)
    probes = any(breaker.opened_at is not None for breaker in breakers.values())
    # A read may be repeated: its intent rides with its result in the next commit. That it probes a
    # resting tool must be known to other runs before it does.
    if (probes or not only_reads) and not (await wake.flush() and await _renewed(wake, ready)):
        return
    wake.interruptible = only_reads
    try:
        if len(ready) == 1:
            results = [await _call(wake, ready[0])]
        else:
            results = await asyncio.gather(*(_call(wake, call) for call in ready))
    except asyncio.CancelledError:
        if not wake.resume_after_interruption():
            raise
        await wake.fold_again()
        return
    finally:
        wake.interruptible = False
    for name, breaker in breakers.items():
        verdicts = [
            healthy(result) for call, result in zip(ready, results, strict=True) if call.call.tool == name
        ]
        count_in_breaker(wake, wake.plan.tools[name], breaker, verdicts)
    for call, result in zip(ready, results, strict=True):
        _record(wake, call, result)


async def _renewed(wake: Wake, calls: Sequence[CallState]) -> bool:
    """Intends anew what the commit took too long for: it was not sent, and the run is still this wake's."""
    for _ in range(RENEWALS):
        late = [call for call in calls if wake.world.clock() >= call.intents[-1].call_before]
        if not late:
            break
        for call in late:
            wake.add(replace(call.intents[-1], call_before=_call_before(wake, call)))
        if not await wake.flush():
            return False
    return True


def _call_before(wake: Wake, call: CallState) -> float:
    """The last moment at which the call may be sent: within the lease, its retries, and its key."""
    rule = wake.plan.contract.tools[call.call.tool]
    within_lease = wake.world.clock() + wake.world.lease_s + rule.timeout * (rule.tries - 1)
    return min(within_lease, key_end(wake, call))


def _intend(wake: Wake, call: CallState, breakers: dict[str, Breaker]) -> bool:
    """Appends the intent; False where the call is answered or refused without being made."""
    tool, rule = wake.plan.tools[call.call.tool], wake.plan.contract.tools[call.call.tool]
    arguments = validated_arguments(wake, call)
    now = wake.world.clock()
    action = None
    if rule.once_per:
        admitted = wake.state.admitted
        assert admitted is not None, "a run begins with its admission"
        action = once_key(admitted.agent, admitted.tenant, tool.name, rule.once_per, arguments)
        answered = _answered_before(wake, call, action)
        if answered is not None:
            wake.add(answered)
            return False
    if tool.name not in breakers:
        breakers[tool.name] = breaker_of(wake, tool)
    breaker = breakers[tool.name]
    match admit(breaker, now, rule.breaker, rule.breaker_rest):
        case Open():
            _record(wake, call, _resting(tool))
            return False
        case HalfOpen():
            breakers[tool.name] = probing(breaker, now)
            claim_probe(wake, tool, breaker, now)
        case Closed():
            pass
    wake.add(
        Intended(
            key=call.key,
            wake=wake.id,
            tool=tool.name,
            arguments=arguments,
            effect=tool.effect,
            call_before=_call_before(wake, call),
            timeout_s=rule.timeout,
            once_key=action,
        )
    )
    return True


def key_end(wake: Wake, call: CallState) -> float:
    """Until when the call may be sent under its key; endless for effects that have none.

    The other side keeps a key for `key_ttl` from its first request on, by its own clock, and a request
    may be on its way for as long as the time-out.
    """
    tool, rule = wake.plan.tools[call.call.tool], wake.plan.contract.tools[call.call.tool]
    if tool.effect is not Effect.KEYED:
        return inf
    first = call.first_intended_at if call.intents else wake.world.clock()
    return first + max(rule.timeout, rule.key_ttl - rule.timeout - wake.world.clock_skew_s)


def _resting(tool: Tool) -> NotDone:
    reason = f"{tool.name} failed so often that it is being given a rest"
    return NotDone(mode=FailureMode.TOOL_UNAVAILABLE, reason=reason, attempts=(), latency_ms=0.0)


async def _call(wake: Wake, call: CallState) -> Succeeded | NotDone | Ambiguous:
    tool, rule = wake.plan.tools[call.call.tool], wake.plan.contract.tools[call.call.tool]
    intent = call.intents[-1]
    return await carry_out(
        tool,
        intent.arguments,
        context(wake, call),
        timeout_s=rule.timeout,
        tries=rule.tries,
        call_before=intent.call_before,
        doubtful=any(earlier.wake != wake.id for earlier in call.intents[:-1]),
        clock=wake.world.clock,
        sleep=wake.world.sleep,
        random=wake.world.random,
        max_result_bytes=rule.max_result_bytes,
    )


def context(wake: Wake, call: CallState) -> ToolContext:
    """What the tool may know of this call."""
    admitted = wake.state.admitted
    assert admitted is not None, "a run begins with its admission"
    return ToolContext(run_id=wake.state.run_id, key=call.key, user=admitted.user, tenant=admitted.tenant)


def _suspicion(wake: Wake, result: Succeeded) -> Suspicion:
    """How much a result looks like an attack, where the remit says that something follows from it."""
    if wake.plan.contract.guard.suspicious_from is None:
        return UNSUSPECTED
    return suspicion_of(to_json(result.result).decode(), of_tool=True)


def _record(wake: Wake, call: CallState, result: Succeeded | NotDone | Ambiguous) -> None:
    """Appends what became of the call, with the rows of breaker and last-known value."""
    tool, rule = wake.plan.tools[call.call.tool], wake.plan.contract.tools[call.call.tool]
    match result:
        case Succeeded():
            suspicion = _suspicion(wake, result)
            done = Done(
                key=call.key,
                tool=tool.name,
                result=result.result,
                source="tool",
                suspicion=suspicion.score,
                signs=suspicion.signs,
                latency_ms=result.latency_ms,
                integrity=result_integrity(tool.integrity, rule.returns, result.result),
                cut_from_bytes=result.cut_from_bytes,
                attempts=result.attempts,
            )
            _remember(wake, call, tool, rule, done)
            wake.add(done)
        case NotDone():
            wake.add(_last_known(wake, call, tool, rule, result) or _failed(call, tool, result))
        case Ambiguous():
            wake.add(unknown(wake, call, result.reason))


def _failed(call: CallState, tool: Tool, result: NotDone) -> ToolFailed:
    return ToolFailed(
        key=call.key,
        tool=tool.name,
        mode=result.mode,
        reason=result.reason,
        latency_ms=result.latency_ms,
        attempts=result.attempts,
    )


def _failed_as_gone(call: CallState) -> ToolFailed:
    """A permitted call of a run that was moved to a release without that tool."""
    mode, reason = FailureMode.TOOL_UNAVAILABLE, "the release that it goes on with has no such tool"
    return ToolFailed(key=call.key, tool=call.call.tool, mode=mode, reason=reason, latency_ms=0.0)


def unknown(wake: Wake, call: CallState, reason: str) -> EffectUnknown:
    """The call may have taken place; decidable once the last moment of sending has surely passed."""
    intent = call.intents[-1]
    opens_at = intent.call_before + intent.timeout_s + wake.world.clock_skew_s
    return EffectUnknown(key=call.key, tool=call.call.tool, reason=reason, opens_at=opens_at)


def _answered_before(wake: Wake, call: CallState, action: str) -> Event | None:
    """The first record of the same business action, or None if this call is the first."""
    row: Row | None = wake.log.store.row("once_row", {"once_key": action})
    if row is None or row["key"] == call.key:
        return None
    tool = call.call.tool
    if row["state"] == "done":
        return Done(
            key=call.key,
            tool=tool,
            result=from_json(row["result"]),
            source="once_per",
            latency_ms=0.0,
            as_of=row["at"],
        )
    reason = f"run {row['run_id']} has begun the same action and its end is not known"
    return ToolFailed(key=call.key, tool=tool, mode=FailureMode.TOOL_FAILED, reason=reason, latency_ms=0.0)


def _age_allowed(wake: Wake, rule: ToolRule, mode: FailureMode, tool: str) -> float | None:
    path = path_for(wake.plan.contract, mode, tool).path
    return path.last_known if isinstance(path, LastKnown) else None


def _known_key(wake: Wake, call: CallState, tool: Tool) -> str:
    admitted = wake.state.admitted
    assert admitted is not None, "a run begins with its admission"
    return last_known_key(admitted.tenant, admitted.user, tool.signature, validated_arguments(wake, call))


def _remember(wake: Wake, call: CallState, tool: Tool, rule: ToolRule, done: Done) -> None:
    """Keeps a whole read for the day when the tool cannot be reached, if the remit will use it."""
    wanted = isinstance(rule.unavailable, LastKnown) or isinstance(rule.failed, LastKnown)
    if tool.effect is not Effect.READ or not wanted or done.cut_from_bytes is not None:
        return
    values = {
        "key": _known_key(wake, call, tool),
        "tool": tool.name,
        "as_of": wake.world.clock(),
        "result": wake.log.redactor(to_json({"result": done.result, "integrity": done.integrity})),
    }
    wake.appender.also(Statement("put_last_known", values))


def _last_known(wake: Wake, call: CallState, tool: Tool, rule: ToolRule, failed: NotDone) -> Done | None:
    """The last validated result with its date, where the remit allows it and it is young enough."""
    max_age_s = _age_allowed(wake, rule, failed.mode, tool.name)
    if max_age_s is None or tool.effect is not Effect.READ:
        return None
    row = wake.log.store.row("last_known_row", {"key": _known_key(wake, call, tool)})
    if row is None or usable(row["as_of"], wake.world.clock(), max_age_s) is None:
        return None
    kept = from_json(row["result"])
    return Done(
        key=call.key,
        tool=tool.name,
        result=kept["result"],
        source="last_known",
        latency_ms=failed.latency_ms,
        as_of=row["as_of"],
        integrity=Integrity(kept["integrity"]),
        attempts=failed.attempts,
    )
