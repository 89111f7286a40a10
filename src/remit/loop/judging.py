"""Judge tool calls: gather the facts, let `permit` decide, record the permits."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from remit.contract import Argument
from remit.event import Done, Permit, Permitted
from remit.log import CallState
from remit.loop.decide import is_own_request
from remit.loop.granting import principal_words
from remit.loop.known import uses
from remit.loop.own_request import judge_own_request
from remit.loop.wake import Wake
from remit.model import repair_arguments
from remit.permit import Approval, CallFacts, folded, judge
from remit.tools import ArgumentsInvalid, Tool


def judge_calls(wake: Wake) -> None:
    """Judges all calls of the last answer against what stood when the answer was made."""
    state = wake.state
    permits: list[Permit] = []
    taken: dict[str, int] = {}
    for call in state.current:
        if is_own_request(wake.plan.contract, call):
            permits.append(judge_own_request(wake, call, permits))
            continue
        permit = judge(facts(wake, call, approved=None, taken=taken))
        permits.append(permit)
        if permit.template and permit.verdict in ("allow", "ask"):
            taken[permit.template] = taken.get(permit.template, 0) + 1
    wake.add(Permitted(answer_seq=state.answer_seq, permits=tuple(permits)))


def judge_approved(wake: Wake, call: CallState) -> None:
    """Judges a call again with a person's approval; hard caps still hold."""
    decision = call.decision
    assert decision is not None, "only a decided call is judged again"
    asked = wake.state.cases[decision.case].opened
    wake.validated.pop(call.key, None)
    arguments = asked.arguments
    if decision.decision == "edit":
        # The tool's own check completes what a person left out; the approval is for the whole.
        arguments, _ = checked_arguments(wake, call, wake.plan.tools[call.call.tool])
    approval = Approval(key=call.key, arguments=arguments or {}, case=decision.case, by=decision.by)
    permit: Permit = judge(facts(wake, call, approved=approval, taken={}))
    if permit.verdict == "ask":
        reason = "the approval does not fit these arguments"
        permit = Permit(key=call.key, tool=permit.tool, verdict="deny", rule="approval", reason=reason)
    wake.add(Permitted(answer_seq=call.answer_seq, permits=(permit,)))


def facts(wake: Wake, call: CallState, *, approved: Approval | None, taken: Mapping[str, int]) -> CallFacts:
    """What a permit is decided on; `taken` are uses by calls of the same answer, judged just now."""
    plan, state = wake.plan, wake.state
    contract, name = plan.contract, call.call.tool
    admitted = state.admitted
    assert admitted is not None, "a run begins with its admission"
    tool = plan.tools.get(name)
    rule = contract.tools.get(name)
    arguments, invalid = (None, None) if tool is None else checked_arguments(wake, call, tool)
    used = uses(state, call.key)
    words = principal_words(state)
    return CallFacts(
        key=call.key,
        tool=name,
        known=tool is not None,
        available=tuple(plan.tools),
        rule=plan.rules.get(name),
        effect=tool.effect if tool is not None else None,
        egress=(tool is not None and tool.egress) or (rule is not None and rule.egress),
        arguments=arguments,
        defaults=_defaults(tool),
        invalid=invalid,
        user=admitted.user,
        own_words=words,
        readings=wake.known.read_before(contract, state, call.answer_seq),
        context_integrity=call.integrity,
        suspicion=suspicion_before(wake, call.answer_seq) if contract.guard.suspicious_from else 0.0,
        suspicious_from=contract.guard.suspicious_from,
        grant=wake.known.granted(state.frozen),
        used={each: used.get(each, 0) + taken.get(each, 0) for each in {*used, *taken}} if taken else used,
        rules=contract.tools,
        endorsements=contract.endorsements,
        trusted_texts=[folded(text) for text in (words, contract.instructions, contract.purpose) if text],
        today=datetime.fromtimestamp(wake.world.clock(), UTC).date().isoformat(),
        can_ask=contract.handover is not None or (rule is not None and rule.ask is not None),
        approved=approved,
        cancelled=state.cancelled is not None,
    )


def suspicion_before(wake: Wake, seq: int) -> float:
    """The greatest suspicion of the results of this run before that event and of the earlier runs."""
    own = [call for call in wake.state.calls.values() if call.result_seq < seq]
    earlier = [call for run in wake.earlier for call in run.calls.values()]
    results = [call.result for call in (*own, *earlier)]
    return max((result.suspicion for result in results if isinstance(result, Done)), default=0.0)


def _defaults(tool: Tool | None) -> dict[str, Any]:
    properties: dict[str, Any] = tool.parameters.get("properties", {}) if tool is not None else {}
    return {name: schema["default"] for name, schema in properties.items() if "default" in schema}


def checked_arguments(wake: Wake, call: CallState, tool: Tool) -> tuple[dict[str, Any] | None, str | None]:
    """The arguments as the tool's own check returns them, or the sentence that says why not."""
    kept = wake.validated.get(call.key)
    if kept is not None:
        return kept, None
    arguments = wanted_arguments(call, tool)
    if arguments is None:
        return None, "the arguments are not a JSON object"
    try:
        valid = tool.validate(filled_in(wake, call, arguments))
    except ArgumentsInvalid as error:
        return None, str(error)
    wake.validated[call.key] = valid
    return valid, None


def filled_in(wake: Wake, call: CallState, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with those that the caller attests and that nobody gave."""
    rule, admitted = wake.plan.contract.tools.get(call.call.tool), wake.state.admitted
    user = admitted.user if admitted is not None else None
    limits: Mapping[str, Argument] = rule.args if rule is not None else {}
    attested = {
        name: value
        for name, each in limits.items()
        if each.is_ is not None and name not in arguments and (value := _attested(user, each.is_)) is not None
    }
    return {**arguments, **attested} if attested else arguments


def _attested(user: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        user = user.get(name) if isinstance(user, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any JSON
    return user  # pyright: ignore[reportUnknownVariableType] - any JSON


def wanted_arguments(call: CallState, tool: Tool) -> dict[str, Any] | None:
    """A person's edited arguments, else the model's, its slips of syntax mended."""
    decision = call.decision
    if decision is not None and decision.decision == "edit":
        return decision.arguments
    arguments = call.call.arguments
    return repair_arguments(arguments, tool.parameters) if isinstance(arguments, str) else arguments


def validated_arguments(wake: Wake, call: CallState) -> dict[str, Any]:
    """The arguments of a call that has been permitted."""
    arguments, invalid = checked_arguments(wake, call, wake.plan.tools[call.call.tool])
    assert arguments is not None, f"a permitted call has valid arguments: {invalid}"
    return arguments
