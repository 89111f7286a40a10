"""Judge tool calls: gather the facts, let `permit` decide, record the permits."""

from typing import Any

from remit.event import Permit, Permitted
from remit.log import CallState
from remit.loop.wake import Wake
from remit.model import repair_arguments
from remit.permit import Approval, CallFacts, earlier_results, judge
from remit.tools import ArgumentsInvalid, Tool


def judge_calls(wake: Wake) -> None:
    """Judges all calls of the last answer against what stood when the answer was made."""
    state = wake.state
    permits = tuple(judge(facts(wake, call, approved=None)) for call in state.current)
    wake.add(Permitted(answer_seq=state.answer_seq, permits=permits))


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
    permit: Permit = judge(facts(wake, call, approved=approval))
    if permit.verdict == "ask":
        reason = "the approval does not fit these arguments"
        permit = Permit(key=call.key, tool=permit.tool, verdict="deny", rule="approval", reason=reason)
    wake.add(Permitted(answer_seq=call.answer_seq, permits=(permit,)))


def facts(wake: Wake, call: CallState, *, approved: Approval | None) -> CallFacts:
    """What a permit is decided on."""
    plan, state = wake.plan, wake.state
    admitted = state.admitted
    assert admitted is not None, "a run begins with its admission"
    tool = plan.tools.get(call.call.tool)
    arguments, invalid = (None, None) if tool is None else checked_arguments(wake, call, tool)
    return CallFacts(
        key=call.key,
        tool=call.call.tool,
        known=tool is not None,
        available=tuple(plan.tools),
        rule=plan.rules.get(call.call.tool),
        effect=tool.effect if tool is not None else None,
        arguments=arguments,
        invalid=invalid,
        user=admitted.user,
        earlier_results=earlier_results(state.results()),
        context_integrity=state.integrity,
        approved=approved,
        cancelled=state.cancelled is not None,
    )


def checked_arguments(wake: Wake, call: CallState, tool: Tool) -> tuple[dict[str, Any] | None, str | None]:
    """The arguments as the tool's own check returns them, or the sentence that says why not."""
    kept = wake.validated.get(call.key)
    if kept is not None:
        return kept, None
    arguments = wanted_arguments(call, tool)
    if arguments is None:
        return None, "the arguments are not a JSON object"
    try:
        valid = tool.validate(arguments)
    except ArgumentsInvalid as error:
        return None, str(error)
    wake.validated[call.key] = valid
    return valid, None


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
