"""What a model is shown of a run: the fold as messages, earlier runs of the conversation first."""

from collections.abc import Sequence

from remit.event import Done, Integrity, Message, ModelAnswered, ModelSaid, Said, ToolFailed, ToolSaid
from remit.intake import text_of
from remit.log import CallState, Note, RunState
from remit.tools import declined_text, denied_text, done_text, failed_text, unknown_effect_text


def conversation(earlier: Sequence[RunState], state: RunState) -> tuple[Message, ...]:
    """All messages that the next model call could be shown, oldest first."""
    messages: list[Message] = []
    for run in earlier:
        messages.extend(run_messages(run))
        messages.extend(_ending(run))
    messages.extend(run_messages(state))
    return tuple(messages)


def run_messages(state: RunState) -> list[Message]:
    """One run's input and everything that the model said and heard since."""
    admitted = state.admitted
    assert admitted is not None, "a run begins with its admission"
    integrity = Integrity.USER if admitted.input_from == "principal" else Integrity.THIRD_PARTY
    messages: list[Message] = [
        Said(text=text_of(admitted.input), integrity=integrity, run_id=state.run_id, seq=0)
    ]
    for position, item in enumerate(state.transcript):
        match item:
            case ModelAnswered():
                seq = _answer_seq(state, position)
                messages.append(
                    ModelSaid(
                        text=item.text,
                        calls=item.calls,
                        provider_parts=item.provider_parts,
                        run_id=state.run_id,
                        seq=seq,
                    )
                )
            case CallState():
                messages.append(_tool_said(state, item))
            case Note():
                messages.append(
                    Said(text=item.text, integrity=Integrity.OPERATOR, run_id=state.run_id, seq=item.seq)
                )
    return messages


def _answer_seq(state: RunState, position: int) -> int:
    earlier = sum(isinstance(item, ModelAnswered) for item in state.transcript[:position])
    return state.answer_seqs[earlier]


def _tool_said(state: RunState, call: CallState) -> ToolSaid:
    text, failed, integrity = _worded(call)
    return ToolSaid(
        call_id=call.call.id,
        tool=call.call.tool,
        text=text,
        failed=failed,
        integrity=integrity,
        run_id=state.run_id,
        seq=call.result_seq or call.answer_seq,
    )


def _worded(call: CallState) -> tuple[str, bool, Integrity]:
    result = call.result
    if isinstance(result, Done):
        if call.text is None:
            call.text = done_text(result)
        return call.text, False, result.integrity
    if isinstance(result, ToolFailed):
        return failed_text(result), True, Integrity.THIRD_PARTY
    if call.unknown is not None:
        return unknown_effect_text(call.unknown), True, Integrity.OPERATOR
    if call.decision is not None and call.decision.decision == "reject":
        return declined_text(call.decision), True, Integrity.OPERATOR
    reason = call.permit.reason if call.permit is not None else "The run ended before this call was judged."
    return denied_text(call.call.tool, reason), True, Integrity.OPERATOR


def _ending(run: RunState) -> list[Message]:
    """How an earlier run ended, where its last answer does not say so itself."""
    outcome = run.outcome
    if outcome is None:
        return []
    last = run.transcript[-1] if run.transcript else None
    if isinstance(last, ModelAnswered) and not last.calls and last.text == outcome.message:
        return []
    return [ModelSaid(text=outcome.message, run_id=run.run_id, seq=run.head)]
