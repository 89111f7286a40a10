"""What a wake has made ready of its run for judging: readings and the grant, each made once."""

from dataclasses import dataclass, field

from remit.contract import Contract, Returns, ToolRule
from remit.event import Done, GrantFrozen
from remit.log import CallState, RunState
from remit.outcome import side_effecting
from remit.permit import CompiledGrant, Reading, compile_grant


@dataclass(slots=True, kw_only=True)
class Known:
    """Readings by the event that holds them, and the compiled grant."""

    readings: dict[int, Reading] = field(default_factory=dict[int, Reading])
    grant: CompiledGrant | None = None

    def granted(self, frozen: GrantFrozen | None) -> CompiledGrant | None:
        """The grant, ready for judging; None before it is frozen."""
        if frozen is None:
            return None
        if self.grant is None or self.grant.id != frozen.grant.id:
            self.grant = compile_grant(frozen.grant)
        return self.grant

    def read_before(self, contract: Contract, state: RunState, seq: int) -> list[Reading]:
        """What had been read before that event."""
        readings: list[Reading] = []
        for call in state.calls.values():
            # What came back to the agent's own question vouches for nothing.
            if isinstance(call.result, Done) and call.result_seq < seq and call.result.source != "asked":
                known = self.readings.get(call.result_seq)
                if known is None or known.result is not call.result.result:
                    known = _reading(contract.tools.get(call.call.tool), call, call.result)
                    self.readings[call.result_seq] = known
                readings.append(known)
        return readings


def _reading(rule: ToolRule | None, call: CallState, done: Done) -> Reading:
    intent = call.intents[-1] if call.intents else None
    arguments = intent.arguments if intent is not None else {}
    return Reading(
        tool=call.call.tool,
        result=done.result,
        arguments=arguments,
        seq=call.result_seq,
        integrity=done.integrity,
        fetched=done.source not in ("last_known", "person") and done.cut_from_bytes is None,
        pinned=_pinned(rule, call),
        acted=intent is not None and side_effecting(intent.effect),
        returns=rule.returns if rule is not None else Returns.model_validate({}),
    )


def _pinned(rule: ToolRule | None, call: CallState) -> bool:
    """Whether nothing in the call was the model's choice."""
    origins = call.permit.origins if call.permit is not None else ()
    trusted = {origin.argument for origin in origins if origin.trusted}
    if rule is not None:
        trusted |= {name for name, limits in rule.args.items() if limits.is_ is not None}
    given = call.call.arguments
    names = set(given) if isinstance(given, dict) else {""} if given else set[str]()
    return names <= trusted


def uses(state: RunState, key: str) -> dict[str, int]:
    """How often each template is used up by calls other than this one."""
    counted: dict[str, int] = {}
    for call in state.calls.values():
        permit = call.permit
        if call.key == key or permit is None or not permit.template or not _uses_up(call):
            continue
        counted[permit.template] = counted.get(permit.template, 0) + 1
    return counted


def _uses_up(call: CallState) -> bool:
    """A call that was intended, or still may be."""
    if call.intents:
        return True
    if call.permit is None or call.result is not None:
        return False
    if call.permit.verdict == "allow":
        return True
    rejected = call.decision is not None and call.decision.decision == "reject"
    return call.permit.verdict == "ask" and not rejected
