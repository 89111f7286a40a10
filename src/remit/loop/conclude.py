"""How does a run end? Outcomes from paths and answers, as pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, assert_never

from remit.contract import (
    Contract,
    Fallback,
    LastKnown,
    PathChoice,
    Say,
    Topic,
    ToQueue,
    path_for,
    path_for_language,
    path_text,
)
from remit.event import CaseOpened, Diverted, Done, Ended, Event, HandOverAsked, ToolFailed
from remit.handover import case_for_caller, case_for_handover
from remit.intake import text_of
from remit.log import CaseState, RunState
from remit.loop.experts import queue_to_use
from remit.outcome import MEANING, Answered, Degraded, Escalated, Failed, FailureMode, Outcome, Refused

SENTENCES: dict[FailureMode, str] = {
    FailureMode.INVALID_INPUT: "I cannot read this message as it came. Please send it as plain text.",
    FailureMode.OUT_OF_SCOPE: "This is outside what I can help with here.",
    FailureMode.CANCELLED: "This request was cancelled.",
}
USUAL_REFUSAL = "I cannot help with this."
PASSED_ON = "I have passed this on to a colleague, who will take care of it."
LAST_RESORT = "I could not complete this. Nothing further was done."


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversion:
    """Why a run leaves the happy path, and what its ending needs to know."""

    mode: FailureMode
    reason: str
    tool: str | None
    case_id: str
    now: float


def ending(contract: Contract, state: RunState, diversion: Diversion) -> list[Event]:
    """The events that end a run on its declared path: why, the case if there is one, the outcome."""
    topic = _topic(contract, state) if diversion.mode is FailureMode.OUT_OF_SCOPE else None
    own = _topic_choice(topic) or _language_choice(contract, state, diversion.mode)
    choice = own or effective_path(contract, diversion.mode, diversion.tool)
    diverted = Diverted(
        mode=diversion.mode,
        path=path_text(choice.path),
        declared=choice.declared,
        reason=diversion.reason,
        tool=diversion.tool,
    )
    say = topic.say if topic is not None else None
    case, outcome = _outcome(contract, state, diversion, choice, say)
    opened = [case] if case is not None else []
    if case is not None and case.expert:
        # The run waits for what another agent or model makes of it.
        return [diverted, *opened]
    return [diverted, *opened, Ended(outcome=outcome)]


def handed_over(
    contract: Contract, state: RunState, asked: HandOverAsked, *, case_id: str, now: float
) -> list[Event]:
    """The events that end a run as a person's, since somebody wants it so."""
    request = text_of(state.admitted.input) if state.admitted is not None else ""
    case = case_for_caller(contract, case_id=case_id, asked=asked, request=request, now=now)
    return [case, Ended(outcome=Escalated(queue=case.queue, case=case.case, message=PASSED_ON))]


def effective_path(contract: Contract, mode: FailureMode, tool: str | None) -> PathChoice:
    """The path that is left once last-known information is not to be had."""
    choice = path_for(contract, mode, tool)
    return path_for(contract, mode) if isinstance(choice.path, LastKnown) else choice


def _topic(contract: Contract, state: RunState) -> Topic | None:
    name = state.screened.topic if state.screened is not None else None
    return next((topic for topic in contract.does_not if topic.topic == name), None)


def _topic_choice(topic: Topic | None) -> PathChoice | None:
    if topic is None:
        return None
    if topic.queue is not None:
        return PathChoice(path=ToQueue(queue=topic.queue), declared="does_not")
    return PathChoice(path=Say(say=topic.say), declared="does_not") if topic.say is not None else None


def _language_choice(contract: Contract, state: RunState, mode: FailureMode) -> PathChoice | None:
    """The path of an input that was declined for its language."""
    found = state.screened
    if mode is not FailureMode.INVALID_INPUT or found is None or found.language is None:
        return None
    return path_for_language(contract)


def _outcome(
    contract: Contract, state: RunState, diversion: Diversion, choice: PathChoice, say: str | None
) -> tuple[CaseOpened | None, Outcome]:
    mode, sentence = diversion.mode, SENTENCES.get(diversion.mode, USUAL_REFUSAL)
    path = choice.path
    match path:
        case ToQueue() if state.admitted is not None and state.admitted.decides is not None:
            # The case of the run that consults this one goes to people; a second one would say the same.
            asked = state.admitted.decides
            return None, Escalated(queue=asked.queue, case=asked.case, message=PASSED_ON, mode=mode)
        case ToQueue():
            case = case_for_handover(
                contract,
                case_id=diversion.case_id,
                queue=queue_to_use(contract, state, path.queue),
                mode=mode,
                why=diversion.reason,
                request=text_of(state.admitted.input) if state.admitted else "",
                now=diversion.now,
                rule=choice.declared,
            )
            message = say or PASSED_ON
            return case, Escalated(queue=case.queue, case=case.case, message=message, mode=mode)
        case Say():
            return None, Refused(message=path.say, reason=diversion.reason, mode=mode)
        case Fallback():
            return None, degraded(state, path.value, mode)
        case "refuse":
            return None, Refused(message=sentence, reason=diversion.reason, mode=mode)
        case "fail" | "degrade" | LastKnown():
            message = SENTENCES.get(mode, LAST_RESORT)
            return None, Failed(mode=mode, message=message, reason=diversion.reason)
        case _:
            assert_never(path)


def returned(case: CaseState) -> Outcome:
    """The outcome of a matter that came back from another agent or model without an answer."""
    decided, mode = case.decided, case.opened.mode
    if decided is not None and not case.held:
        sentence = SENTENCES.get(mode, USUAL_REFUSAL) if mode is not None else USUAL_REFUSAL
        return Refused(message=sentence, reason=f"{decided.by}: {decided.reason}", mode=mode)
    return Escalated(queue=case.queue, case=case.opened.case, message=PASSED_ON, mode=mode)


def answered(
    state: RunState, output: Any, by: Literal["agent", "person", "expert"], expert: str = ""
) -> Outcome:
    """The outcome of an answer: degraded where something was missing or dated.

    `expert` is the other agent or model that gave it, where one did.
    """
    missing, as_of = gaps(state)
    approved = by == "person" and state.scored is not None and output == state.draft()
    if (missing or as_of is not None) and (by == "agent" or approved):
        return degraded(state, output, None)
    sure = state.scored.probability if state.scored is not None and by == "agent" else None
    return Answered(output=output, message=output_text(output), by=by, expert=expert, confidence=sure)


def degraded(state: RunState, output: Any, mode: FailureMode | None) -> Degraded:
    """An answer that says what is missing, from when its information is and what to verify."""
    missing, as_of = gaps(state)
    lacks, verify = list(missing), [*_to_verify(state)]
    if mode is not None:
        missing = (*missing, str(mode))
        verify.append("whether this prepared answer fits")
    sentences = [output_text(output)]
    if as_of is not None:
        sentences.append(f"Please note: this rests on information as of {_minute(as_of)}.")
    if lacks:
        sentences.append(f"Please note: this is incomplete; missing: {', '.join(lacks)}.")
    if mode is not None:
        sentences.append(f"Please note: this is a prepared answer, given because {MEANING[mode]}.")
    sentences.append(f"Please verify {'; '.join(verify)}.")
    return Degraded(
        output=output,
        message=" ".join(sentence for sentence in sentences if sentence),
        missing=missing,
        as_of=as_of,
        verify=tuple(verify),
        mode=mode or _first_mode(state),
    )


def _to_verify(state: RunState) -> Iterator[str]:
    """What may have changed since, and what nobody looked at; one phrase for each tool."""
    dated: dict[str, float] = {}
    for call in state.calls.values():
        result = call.result
        if isinstance(result, Done) and result.source == "last_known" and result.as_of is not None:
            dated[result.tool] = min(result.as_of, dated.get(result.tool, result.as_of))
    for tool, at in dated.items():
        since = _minute(datetime.fromtimestamp(at, UTC))
        yield f"whether anything from {tool} has changed since {since}"
    for tool in gaps(state)[0]:
        yield f"what {tool} would have said"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def gaps(state: RunState) -> tuple[tuple[str, ...], datetime | None]:
    """What could not be had in this run, and the oldest date of what was used instead."""
    missing: list[str] = []
    dates: list[float] = []
    for call in state.calls.values():
        result = call.result
        if isinstance(result, ToolFailed) and result.mode is not FailureMode.EFFECT_UNKNOWN:
            if result.tool not in missing:
                missing.append(result.tool)
        elif isinstance(result, Done) and result.source == "last_known" and result.as_of is not None:
            dates.append(result.as_of)
    return tuple(missing), datetime.fromtimestamp(min(dates), UTC) if dates else None


def _first_mode(state: RunState) -> FailureMode | None:
    for call in state.calls.values():
        if isinstance(call.result, ToolFailed):
            return call.result.mode
        if isinstance(call.result, Done) and call.result.source == "last_known":
            return FailureMode.TOOL_UNAVAILABLE
    return None


def output_text(output: Any) -> str:
    """An output as a person reads it: its `message` or `text` field, or itself."""
    if isinstance(output, dict):
        for name in ("message", "text", "answer"):
            value: Any = output.get(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any JSON
            if isinstance(value, str):
                return value
    return text_of(output)
