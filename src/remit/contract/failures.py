"""Where does each failure lead? The precedence of the remit, as data and as a table."""

from dataclasses import dataclass
from typing import Literal, assert_never

from remit.contract.duration import text as duration_text
from remit.contract.path import Fallback, LastKnown, Path, Say, ToQueue, Word
from remit.contract.schema import Ask, Contract, ToolRule, Topic
from remit.outcome import FailureMode

Declared = Literal["tool", "input", "does_not", "scope", "confidence", "on_failure", "handover", "default"]
PathKind = Literal["queue", "say", "value", "last_known", "degrade", "fail", "refuse"]

_DEFAULTS: dict[FailureMode, Word] = {
    FailureMode.INVALID_INPUT: "refuse",
    FailureMode.OUT_OF_SCOPE: "refuse",
    FailureMode.CANCELLED: "fail",
}
"""These are told to the caller, not to people, unless the remit says otherwise."""

_INPUT: tuple[PathKind, ...] = ("queue", "say", "refuse", "fail")
_TOOL: tuple[PathKind, ...] = ("queue", "say", "value", "degrade", "fail")
_ANSWER: tuple[PathKind, ...] = ("queue", "say", "value", "fail")
_PEOPLE: tuple[PathKind, ...] = ("queue", "fail")

ALLOWED: dict[FailureMode, tuple[PathKind, ...]] = {
    FailureMode.INVALID_INPUT: _INPUT,
    FailureMode.OUT_OF_SCOPE: _INPUT,
    FailureMode.UNFAMILIAR_INPUT: _INPUT,
    FailureMode.INJECTION_SUSPECTED: _INPUT,
    FailureMode.TOOL_FAILED: _TOOL,
    FailureMode.TOOL_UNAVAILABLE: _TOOL,
    FailureMode.EFFECT_UNKNOWN: _PEOPLE,
    FailureMode.MODEL_UNAVAILABLE: _ANSWER,
    FailureMode.OUTPUT_INVALID: _ANSWER,
    FailureMode.LOW_CONFIDENCE: _ANSWER,
    FailureMode.CONTEXT_EXHAUSTED: _ANSWER,
    FailureMode.BUDGET_EXHAUSTED: _ANSWER,
    FailureMode.CANCELLED: _PEOPLE,
}
"""The paths that make sense under `on_failure`. A mode that is not here is produced by nothing yet."""

ALLOWED_OF_TOOL: tuple[PathKind, ...] = (*_TOOL, "last_known")
"""The paths that make sense as a tool's own `unavailable` or `failed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChoice:
    """Where one failure leads, and which part of the remit says so."""

    path: Path
    declared: Declared

    @property
    def text(self) -> str:
        """The path as a short phrase."""
        return path_text(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """One line of the failure table; `tool` is None for every tool without a path of its own."""

    mode: FailureMode
    tool: str | None
    path: Path
    path_text: str
    declared: Declared


def path_kind(path: Path) -> PathKind:
    """Which form of a path this is."""
    match path:
        case ToQueue():
            return "queue"
        case Say():
            return "say"
        case Fallback():
            return "value"
        case LastKnown():
            return "last_known"
        case "degrade" | "fail" | "refuse":
            return path
        case _:
            assert_never(path)


def path_text(path: Path) -> str:
    """A path as a short phrase that a person reads."""
    match path:
        case ToQueue(queue=queue):
            return f"hand over to {queue}"
        case Say(say=say):
            return f"refuse and say “{say}”"
        case Fallback(value=value):
            return f"answer {value!r}, marked as degraded"
        case LastKnown(last_known=age_s):
            return f"use the last known result, with its date, up to {duration_text(age_s)} old"
        case "degrade":
            return "go on without it and say what is missing"
        case "refuse":
            return "refuse with the usual sentence"
        case "fail":
            return "fail and say so"
        case _:
            assert_never(path)


def _of_tool(rule: ToolRule, mode: FailureMode) -> Path | None:
    match mode:
        case FailureMode.TOOL_UNAVAILABLE:
            return rule.unavailable
        case FailureMode.TOOL_FAILED:
            return rule.failed
        case FailureMode.EFFECT_UNKNOWN:
            return rule.unknown
        case _:
            return None


def path_for(contract: Contract, mode: FailureMode, tool: str | None = None) -> PathChoice:
    """The path of a failure: the tool's own or the gate's, then `on_failure`, `handover`, the default."""
    rule = contract.tools.get(tool) if tool is not None else None
    own = _of_tool(rule, mode) if rule is not None else None
    if own is not None:
        return PathChoice(path=own, declared="tool")
    gated = _of_gate(contract, mode)
    if gated is not None:
        return gated
    declared = contract.on_failure.get(mode)
    if declared is not None:
        return PathChoice(path=declared, declared="on_failure")
    if mode in _DEFAULTS:
        return PathChoice(path=_DEFAULTS[mode], declared="default")
    if contract.handover is not None:
        return PathChoice(path=ToQueue(queue=contract.handover), declared="handover")
    return PathChoice(path="fail", declared="default")


def _of_gate(contract: Contract, mode: FailureMode) -> PathChoice | None:
    """The path that `scope` or `confidence` declares for what it holds back."""
    scope, confidence = contract.scope, contract.confidence
    if mode is FailureMode.UNFAMILIAR_INPUT and scope is not None and scope.unfamiliar is not None:
        return PathChoice(path=scope.unfamiliar, declared="scope")
    if mode is FailureMode.LOW_CONFIDENCE and confidence is not None and confidence.below is not None:
        return PathChoice(path=confidence.below, declared="confidence")
    return None


def queue_for(contract: Contract, part: Topic | Ask) -> str | None:
    """The queue of a topic or a question, its own or the general one; None if no person gets it."""
    if isinstance(part, Ask):
        return part.queue or contract.handover
    path = path_for_topic(contract, part).path
    return path.queue if isinstance(path, ToQueue) else None


def path_for_topic(contract: Contract, topic: Topic) -> PathChoice:
    """What happens when a topic of `does_not` is asked for: its own path, else that of `out_of_scope`."""
    if topic.queue is not None:
        return PathChoice(path=ToQueue(queue=topic.queue), declared="does_not")
    if topic.say is not None:
        return PathChoice(path=Say(say=topic.say), declared="does_not")
    return path_for(contract, FailureMode.OUT_OF_SCOPE)


def path_for_language(contract: Contract) -> PathChoice:
    """What happens to an input in a language that is not read: its own path, else that of `invalid_input`."""
    if contract.input.other_language is not None:
        return PathChoice(path=contract.input.other_language, declared="input")
    return path_for(contract, FailureMode.INVALID_INPUT)


def failure_table(contract: Contract) -> tuple[FailureRow, ...]:
    """Every mode that can occur, in the order of the enum, each tool's own paths before the rest."""
    return tuple(
        _row(contract, mode, tool)
        for mode in FailureMode
        if mode in ALLOWED and _occurs(contract, mode)
        for tool in (*_tools_with_own(contract, mode), None)
    )


def _occurs(contract: Contract, mode: FailureMode) -> bool:
    """False for a mode that nothing in this remit produces."""
    if mode is FailureMode.UNFAMILIAR_INPUT:
        return contract.scope is not None
    return mode is not FailureMode.LOW_CONFIDENCE or _gated(contract)


def _gated(contract: Contract) -> bool:
    return contract.confidence is not None and contract.confidence.mode == "gate"


def _tools_with_own(contract: Contract, mode: FailureMode) -> list[str]:
    return [name for name, rule in contract.tools.items() if _of_tool(rule, mode) is not None]


def _row(contract: Contract, mode: FailureMode, tool: str | None) -> FailureRow:
    choice = path_for(contract, mode, tool)
    text = choice.text
    if isinstance(choice.path, LastKnown):
        text = f"{text}; where there is none, {path_for(contract, mode).text}"
    return FailureRow(mode=mode, tool=tool, path=choice.path, path_text=text, declared=choice.declared)
