"""What does this run do next? One pure function of the contract and the fold."""

from typing import Any

from remit.contract import ASK_PERSON, Contract
from remit.event import HandOverAsked, ToolFailed
from remit.handover import unanswered
from remit.log import CallState, RunState
from remit.loop.conclude import effective_path
from remit.loop.experts import taken_over
from remit.loop.gating import gated
from remit.loop.steps import (
    Answer,
    AskForScore,
    AskModel,
    AskPerson,
    CarryOut,
    CheckAnswer,
    Divert,
    FreezeGrant,
    HandOver,
    JudgeApproved,
    JudgeCalls,
    Reconcile,
    Recover,
    ScreenInput,
    Settle,
    Step,
    Stop,
    Wait,
)
from remit.outcome import Effect, FailureMode


def next_step(contract: Contract, state: RunState) -> Step:
    """The next step of a run; the same fold always gives the same step."""
    if state.outcome is not None or state.set_aside is not None or state.postponed_until is not None:
        return Stop()
    calls = state.current
    for call in calls:
        if call.in_flight and not (_stopping(state) and call.intents[-1].effect is Effect.READ):
            return Recover(call=call)
    if _stopping(state):
        for call in calls:
            if call.unknown is not None and call.result is None and call.case is None:
                return Reconcile(call=call)
        return _stopped(state)
    given_away = taken_over(state)
    if given_away is not None:
        return given_away
    if state.screened is None:
        return ScreenInput()
    if state.screened.verdict != "in_scope":
        return Divert(mode=FailureMode(state.screened.verdict), reason=state.screened.reason)
    return (
        _unfinished_calls(contract, calls)
        or _denied_often(contract, state)
        or _failed_call(contract, calls)
        or _unheard_model(state)
        or _final_answer(contract, state)
        or _ungranted(contract, state)
        or _over_budget(contract, state)
        or AskModel()
    )


def _stopping(state: RunState) -> bool:
    return state.cancelled is not None or state.hand_over is not None


def _stopped(state: RunState) -> Step:
    if state.cancelled is not None:
        reason = f"{state.cancelled.by}: {state.cancelled.reason}"
        return Divert(mode=FailureMode.CANCELLED, reason=reason)
    assert state.hand_over is not None, "a run stops because somebody wants it to"
    return HandOver(asked=state.hand_over)


def _unfinished_calls(contract: Contract, calls: list[CallState]) -> Step | None:
    """Judging, calling, asking and waiting, in this order, until every call is settled."""
    if any(call.permit is None for call in calls):
        return JudgeCalls()
    for call in calls:
        step = _decided_call(contract, call)
        if step is not None:
            return step
    ready = tuple(call for call in calls if call.result is None and _allowed(call))
    if ready:
        return CarryOut(calls=ready)
    for call in calls:
        if call.unknown is not None and call.result is None and call.case is None:
            return Reconcile(call=call)
    for call in calls:
        if _verdict(call) == "ask" and call.case is None:
            return AskPerson(call=call)
    return None


def _denied_often(contract: Contract, state: RunState) -> Step | None:
    """A model that keeps asking for what it may not have is no longer working on its task."""
    denied = [call for call in state.calls.values() if _verdict(call) == "deny"]
    if len(denied) < contract.guard.denials:
        return None
    tools = ", ".join(sorted({call.call.tool for call in denied}))
    reason = f"{len(denied)} calls were denied, of {tools}"
    return Divert(mode=FailureMode.INJECTION_SUSPECTED, reason=reason)


def _ungranted(contract: Contract, state: RunState) -> Step | None:
    """What may be called is fixed before the first question, or never."""
    fresh = state.frozen is None and not state.answer_seqs
    return FreezeGrant() if fresh and contract.tools else None


def _decided_call(contract: Contract, call: CallState) -> Step | None:
    decision = call.decision
    if decision is None or call.result is not None:
        return None
    if is_own_request(contract, call):
        return _heard(contract, call)
    if call.settled:
        return None
    if call.unknown is not None:
        return Settle(call=call)
    if decision.decision == "answer":
        return Answer(output=decision.answer, by="person")
    return JudgeApproved(call=call) if _verdict(call) == "ask" else None


def is_own_request(contract: Contract, call: CallState) -> bool:
    """Whether the call is the agent's own question to a person, in a remit that lets it ask."""
    return contract.ask_person is not None and call.call.tool == ASK_PERSON


def _heard(contract: Contract, call: CallState) -> Step:
    ask, decision = contract.ask_person, call.decision
    if ask is None or ask.otherwise == "go_on" or decision is None or not unanswered(decision):
        return Settle(call=call)
    reason = "nobody answered the agent's question before its deadline"
    return HandOver(asked=HandOverAsked(by=contract.agent, reason=reason, queue=ask.queue))


def _allowed(call: CallState) -> bool:
    return _verdict(call) == "allow" and call.unknown is None


def _verdict(call: CallState) -> str | None:
    return call.permit.verdict if call.permit is not None else None


def _failed_call(contract: Contract, calls: list[CallState]) -> Step | None:
    """The first failed call whose path leads out of the run; one that a person or the tool's own
    query found never to have happened is for the model to hear of."""
    for call in calls:
        if isinstance(call.result, ToolFailed) and call.result.mode is not FailureMode.EFFECT_UNKNOWN:
            choice = effective_path(contract, call.result.mode, call.call.tool)
            if choice.path != "degrade":
                return Divert(mode=call.result.mode, reason=call.result.reason, tool=call.call.tool)
    return None


def _unheard_model(state: RunState) -> Step | None:
    if state.model_failed is not None:
        return Divert(mode=state.model_failed.mode, reason=state.model_failed.reason)
    return None


def _final_answer(contract: Contract, state: RunState) -> Step | None:
    """Waiting for people, and what follows an answer without calls."""
    waiting = state.open_cases()
    if waiting:
        return Wait(case=waiting[0])
    if state.answer is None or state.answer.calls:
        return None
    if state.checked is None:
        plain = contract.output is None and state.answer.text.strip() and state.answer.finish != "length"
        return _sure_enough(contract, state, state.answer.text) if plain else CheckAnswer()
    if state.checked.verdict != "invalid":
        return _sure_enough(contract, state, state.checked.output)
    allowed = contract.output.repair if contract.output is not None else 1
    if state.repairs >= allowed:
        return Divert(mode=FailureMode.OUTPUT_INVALID, reason="; ".join(state.checked.problems))
    return _over_budget(contract, state) or AskModel(
        purpose="repair", note=_correction(state.checked.problems)
    )


def _sure_enough(contract: Contract, state: RunState, output: Any) -> Step:
    step = gated(contract, state, output)
    return (_over_budget(contract, state) or step) if isinstance(step, AskForScore) else step


def _correction(problems: tuple[str, ...]) -> str:
    listing = "; ".join(problems)
    return f"Your answer cannot be used: {listing}. Give the whole answer again, corrected."


def _over_budget(contract: Contract, state: RunState) -> Step | None:
    """The first limit that is used up, checked before every model call."""
    budget = contract.budget
    used = state.usage.input_tokens + state.usage.output_tokens
    limits = (
        ("steps", state.steps, budget.steps),
        ("tokens", used, budget.tokens),
        ("cost_usd", state.usage.cost_usd, budget.cost_usd),
        ("working_time", state.working_s, budget.working_time),
    )
    for name, spent, limit in limits:
        if spent >= limit:
            reason = f"{name} is used up: {spent:g} of {limit:g}"
            return Divert(mode=FailureMode.BUDGET_EXHAUSTED, reason=reason)
    return None
