"""What a model is shown of a run: the fold as messages, earlier runs of the conversation first."""

from collections.abc import Sequence

from remit.event import Done, Integrity, Message, ModelAnswered, ModelSaid, Said, ToolFailed, ToolSaid
from remit.intake import text_of
from remit.log import CallState, Note, RunState
from remit.model import estimate_message
from remit.tools import declined_text, denied_text, done_text, failed_text, unknown_effect_text

NO_LONGER_KEPT = "(What was said here earlier is no longer kept.)"
"""Stands for a run of the conversation whose bodies retention has dropped."""


class Shown:
    """What one wake shows of a conversation: it grows with the run; nothing is worded or counted twice."""

    def __init__(self, earlier: Sequence[RunState]) -> None:
        self._messages: list[Message] = []
        self._tokens: dict[int, int] = {}
        self._started = False
        self._items = 0
        self._answers = 0
        for run in earlier:
            if run.admitted is None:
                self._extend([_no_longer_kept(run)])
                continue
            self._extend(run_messages(run))
            self._extend(_ending(run))

    def conversation(self, state: RunState) -> tuple[Message, ...]:
        """All messages that the next model call could be shown, oldest first."""
        if not self._started:
            self._started = True
            self._extend([_input(state)])
        self._extend(_said(state, self._items, self._answers))
        self._items = len(state.transcript)
        self._answers = len(state.answer_seqs)
        return tuple(self._messages)

    def count(self, message: Message) -> int:
        """Estimated tokens of a message."""
        known = self._tokens.get(id(message))
        return known if known is not None else estimate_message(message)

    def _extend(self, messages: list[Message]) -> None:
        for message in messages:
            # The message is kept here, so that no other can come to have its id.
            self._tokens[id(message)] = estimate_message(message)
        self._messages.extend(messages)


def _no_longer_kept(state: RunState) -> Said:
    return Said(text=NO_LONGER_KEPT, integrity=Integrity.OPERATOR, run_id=state.run_id, seq=0)


def run_messages(state: RunState) -> list[Message]:
    """One run's input and everything that the model said and heard since."""
    return [_input(state), *_said(state, 0, 0)]


def _input(state: RunState) -> Said:
    admitted = state.admitted
    assert admitted is not None, "a run begins with its admission"
    integrity = Integrity.USER if admitted.input_from == "principal" else Integrity.THIRD_PARTY
    return Said(text=text_of(admitted.input), integrity=integrity, run_id=state.run_id, seq=0)


def _said(state: RunState, from_item: int, answers: int) -> list[Message]:
    """The transcript from an item on; `answers` model answers stand before it."""
    messages: list[Message] = []
    for item in state.transcript[from_item:]:
        match item:
            case ModelAnswered():
                messages.append(
                    ModelSaid(
                        text=item.text,
                        calls=item.calls,
                        provider_parts=item.provider_parts,
                        run_id=state.run_id,
                        seq=state.answer_seqs[answers],
                    )
                )
                answers += 1
            case CallState():
                messages.append(_tool_said(state, item))
            case Note():
                messages.append(
                    Said(text=item.text, integrity=Integrity.OPERATOR, run_id=state.run_id, seq=item.seq)
                )
    return messages


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
