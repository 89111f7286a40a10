"""Drive a run: decide, carry out, record, until it ends, waits or is another wake's."""

from dataclasses import replace
from typing import assert_never

from remit.contract import ToolRule, ToQueue
from remit.event import Done, Ended, OutputChecked, Screened, ToolFailed
from remit.handover import case_for_unknown, open_case
from remit.intake import screen
from remit.log import CallState, RunState
from remit.loop import own_request
from remit.loop.asking import Unfit, ask
from remit.loop.carrying import carry_out_calls, context, key_end, unknown
from remit.loop.conclude import Diversion, answered, effective_path, ending, handed_over, returned
from remit.loop.decide import is_own_request, next_step
from remit.loop.experts import expert_name
from remit.loop.gating import audit_case
from remit.loop.granting import freeze_grant
from remit.loop.judging import judge_approved, judge_calls, validated_arguments
from remit.loop.scoring import ask_about_draft, ask_for_score, score
from remit.loop.steps import (
    Answer,
    AskAboutDraft,
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
    Return,
    Score,
    ScreenInput,
    Settle,
    Step,
    Stop,
    Wait,
)
from remit.loop.wake import Superseded, Wake
from remit.model import Checked, check_output, estimate_text
from remit.outcome import Effect, FailureMode
from remit.permit import result_integrity
from remit.tools import NeverHappened, StillUnknown, TookPlace, Tool
from remit.tools import reconcile as ask_tool

CUT_OFF = "it was cut off before its end; a shorter one is needed"
SILENT = "it has no text"

Decision = (
    ScreenInput
    | JudgeCalls
    | JudgeApproved
    | Settle
    | AskPerson
    | CheckAnswer
    | Answer
    | Divert
    | HandOver
    | Return
    | Wait
    | Stop
)


async def drive(wake: Wake) -> RunState:
    """Advances the run as far as this wake can; returns the state in which it left it."""
    try:
        while True:
            step = next_step(wake.plan.contract, wake.state)
            if isinstance(step, Stop | Wait):
                await wake.release()
                if isinstance(next_step(wake.plan.contract, wake.state), Stop | Wait):
                    return wake.state
                continue
            await perform(wake, step)
    except Superseded:
        return wake.log.fold(wake.state.run_id)


async def perform(wake: Wake, step: Step) -> None:
    """Carries out one step; what it appends is durable with the next commit at the latest."""
    match step:
        case AskModel():
            unfit = await ask(wake, step)
            if unfit is not None:
                divert(wake, _exhausted(unfit))
        case FreezeGrant():
            await freeze_grant(wake)
        case CarryOut():
            await carry_out_calls(wake, step.calls)
        case Recover():
            await recover(wake, step.call)
        case Reconcile():
            await reconcile(wake, step.call)
        case AskForScore():
            await ask_for_score(wake, step)
        case Score():
            await score(wake, step)
        case AskAboutDraft():
            ask_about_draft(wake, step)
        case _:
            record(wake, step)


def record(wake: Wake, step: Decision) -> None:
    """Appends what follows from a step that reaches nothing outside."""
    match step:
        case ScreenInput():
            screen_input(wake)
        case JudgeCalls():
            judge_calls(wake)
        case JudgeApproved():
            judge_approved(wake, step.call)
        case Settle():
            settle(wake, step.call)
        case AskPerson():
            ask_person(wake, step.call)
        case CheckAnswer():
            check_answer(wake)
        case Answer():
            give(wake, step)
        case Divert() | HandOver() | Return():
            leave(wake, step)
        case Wait() | Stop():
            raise AssertionError("`drive` returns before it performs these")
        case _:
            assert_never(step)


def _exhausted(unfit: Unfit) -> Divert:
    return Divert(mode=FailureMode.CONTEXT_EXHAUSTED, reason=unfit.reason)


def screen_input(wake: Wake) -> None:
    """Appends intake's verdict on the input."""
    admitted = wake.state.admitted
    assert admitted is not None, "a run begins with its admission"
    if admitted.unreadable:
        wake.add(Screened(verdict="invalid_input", reason=admitted.unreadable))
        return
    plan = wake.plan
    gate, schema = plan.gate, plan.input_schema
    found = screen(plan.contract, admitted.input, count_tokens=estimate_text, gate=gate, schema=schema)
    said = found.judgement
    wake.add(
        Screened(
            verdict=found.verdict,
            reason=found.reason,
            topic=found.topic,
            score=round(said.score, 4) if said is not None else None,
            threshold=round(said.threshold, 4) if said is not None else None,
            nearest=tuple(each.topic for each in said.nearest) if said is not None else (),
            gate=gate.hash if gate is not None else None,
            suspicion=found.suspicion.score,
            signs=found.suspicion.signs,
            language=found.language.code if found.language is not None else None,
            language_probability=round(found.language.probability, 4) if found.language is not None else None,
        )
    )


def check_answer(wake: Wake) -> None:
    """Holds the last answer against its schema and appends the verdict."""
    state = wake.state
    answer = state.answer
    assert answer is not None, "there is an answer to check"
    checked = check_output(answer.text, wake.plan.output_schema)
    if wake.plan.output_schema is None and (not answer.text.strip() or answer.finish == "length"):
        checked = Checked(verdict="invalid", problems=(CUT_OFF if answer.text.strip() else SILENT,))
    wake.add(
        OutputChecked(
            answer_seq=state.answer_seq,
            verdict=checked.verdict,
            output=checked.output,
            problems=checked.problems,
            changes=checked.changes,
        )
    )


def give(wake: Wake, step: Answer) -> None:
    """Ends the run with this answer; one that was drawn is put before a reviewer afterwards."""
    audit = audit_case(wake.plan.contract, wake.state, step, case_id=wake.new_id(), now=wake.world.clock())
    if audit is not None:
        wake.add(audit)
    wake.add(Ended(outcome=answered(wake.state, step.output, step.by, expert_name(step.case))))


def divert(wake: Wake, step: Divert) -> None:
    """Ends the run on the path that its failure mode has."""
    diversion = Diversion(
        mode=step.mode, reason=step.reason, tool=step.tool, case_id=wake.new_id(), now=wake.world.clock()
    )
    for event in ending(wake.plan.contract, wake.state, diversion):
        wake.add(event)


def leave(wake: Wake, step: Divert | HandOver | Return) -> None:
    """Ends the run beside its happy path: on the path of a failure, or as a person's."""
    if isinstance(step, Divert):
        divert(wake, step)
        return
    if isinstance(step, Return):
        wake.add(Ended(outcome=returned(step.case)))
        return
    contract, now = wake.plan.contract, wake.world.clock()
    for event in handed_over(contract, wake.state, step.asked, case_id=wake.new_id(), now=now):
        wake.add(event)


async def recover(wake: Wake, call: CallState) -> None:
    """What a new wake does with a call that an earlier one may have sent."""
    intent = call.intents[-1]
    if call.call.tool not in wake.plan.tools:
        wake.add(unknown(wake, call, "the release that it goes on with has no such tool"))
        return
    repeatable = intent.effect in (Effect.READ, Effect.IDEMPOTENT)
    again = repeatable or (intent.effect is Effect.KEYED and wake.world.clock() < key_end(wake, call))
    if again and wake.state.cancelled is None and wake.state.hand_over is None:
        await carry_out_calls(wake, [call])
        return
    wake.add(unknown(wake, call, "the process that made this call stopped before its result was recorded"))


async def reconcile(wake: Wake, call: CallState) -> None:
    """Asks the tool's own query whether the call took place; where it cannot say, a person."""
    assert call.unknown is not None, "only an unknown call is reconciled"
    if call.call.tool not in wake.plan.tools:
        ask_about_unknown(wake, call, call.unknown.reason)
        return
    tool, rule = wake.plan.tools[call.call.tool], wake.plan.contract.tools[call.call.tool]
    if tool.reconcile is None:
        ask_about_unknown(wake, call, call.unknown.reason)
        return
    if not await wake.flush():
        return
    await wake.world.sleep(max(0.0, call.unknown.opens_at - wake.world.clock()))
    found = await ask_tool(
        tool,
        call.intents[-1].arguments,
        context(wake, call),
        timeout_s=rule.timeout,
        max_result_bytes=rule.max_result_bytes,
    )
    match found:
        case TookPlace():
            wake.add(_took_place(call, tool, rule, found))
        case NeverHappened():
            wake.add(never_happened(call, "the tool's own query says that it never took place"))
        case StillUnknown():
            ask_about_unknown(wake, call, f"{call.unknown.reason}; {found.reason}")
        case _:
            assert_never(found)


def _took_place(call: CallState, tool: Tool, rule: ToolRule, found: TookPlace) -> Done:
    return Done(
        key=call.key,
        tool=tool.name,
        result=found.result,
        source="reconciled",
        latency_ms=0.0,
        integrity=result_integrity(tool.integrity, rule.returns, found.result),
        cut_from_bytes=found.cut_from_bytes,
    )


def never_happened(call: CallState, reason: str) -> ToolFailed:
    """An unknown call of which it is now known that it had no effect."""
    return ToolFailed(
        key=call.key, tool=call.call.tool, mode=FailureMode.EFFECT_UNKNOWN, reason=reason, latency_ms=0.0
    )


def ask_about_unknown(wake: Wake, call: CallState, reason: str) -> None:
    """Opens the case of an unknown call, or ends the run where the remit wants no person asked."""
    contract = wake.plan.contract
    choice = effective_path(contract, FailureMode.EFFECT_UNKNOWN, call.call.tool)
    if not isinstance(choice.path, ToQueue):
        divert(wake, Divert(mode=FailureMode.EFFECT_UNKNOWN, reason=reason, tool=call.call.tool))
        return
    assert call.unknown is not None, "only an unknown call is asked about"
    wake.add(
        case_for_unknown(
            contract,
            case_id=wake.new_id(),
            unknown=replace(call.unknown, reason=reason),
            arguments=call.intents[-1].arguments,
            now=wake.world.clock(),
        )
    )


def settle(wake: Wake, call: CallState) -> None:
    """Records what a person found out about an unknown call, or answered to the agent's own question."""
    decision = call.decision
    assert decision is not None, "a person has spoken"
    if is_own_request(wake.plan.contract, call):
        own_request.hear(wake, call)
        return
    if decision.decision == "happened":
        result = decision.answer if decision.answer is not None else {"confirmed_by": decision.by}
        wake.add(Done(key=call.key, tool=call.call.tool, result=result, source="person", latency_ms=0.0))
        return
    wake.add(never_happened(call, f"{decision.by} found that it never took place"))


def ask_person(wake: Wake, call: CallState) -> None:
    """Opens the case of a call that needs a person's approval, or of the agent's own question."""
    contract = wake.plan.contract
    if is_own_request(contract, call):
        own_request.ask(wake, call)
        return
    assert call.permit is not None, "only a judged call is asked about"
    wake.add(
        open_case(
            contract,
            case_id=wake.new_id(),
            permit=call.permit,
            arguments=validated_arguments(wake, call),
            now=wake.world.clock(),
        )
    )
