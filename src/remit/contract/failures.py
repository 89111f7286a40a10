"""Where does each failure lead? The precedence of the remit, as data and as a table."""

from dataclasses import dataclass
from typing import Literal, assert_never

from remit.contract.duration import text as duration_text
from remit.contract.schema import (
    Ask,
    Contract,
    Fallback,
    LastKnown,
    Path,
    Say,
    Topic,
    ToolRule,
    ToQueue,
    Word,
)
from remit.outcome import FailureMode

Declared = Literal["tool", "on_failure", "handover", "default"]
PathKind = Literal["queue", "say", "value", "last_known", "degrade", "fail", "refuse"]

_DEFAULTS: dict[FailureMode, Word] = {
    FailureMode.INVALID_INPUT: "refuse",
    FailureMode.OUT_OF_SCOPE: "refuse",
    FailureMode.CANCELLED: "fail",
}
"""These are told to the caller, not to people, unless the remit says otherwise."""

NOTHING_PRODUCES = frozenset(
    {
        FailureMode.UNFAMILIAR_INPUT,
        FailureMode.INJECTION_SUSPECTED,
        FailureMode.LOW_CONFIDENCE,
        FailureMode.SUBAGENT_FAILED,
        FailureMode.KNOWLEDGE_UNAVAILABLE,
        FailureMode.KNOWLEDGE_STALE,
    }
)
"""Modes of features that are not there yet; a remit may not declare a path for them."""

_INPUT: frozenset[PathKind] = frozenset({"queue", "say", "refuse", "fail"})
_TOOL: frozenset[PathKind] = frozenset({"queue", "say", "value", "degrade", "fail"})
_ANSWER: frozenset[PathKind] = frozenset({"queue", "say", "value", "fail"})

ALLOWED: dict[FailureMode, frozenset[PathKind]] = {
    FailureMode.INVALID_INPUT: _INPUT,
    FailureMode.OUT_OF_SCOPE: _INPUT,
    FailureMode.TOOL_FAILED: _TOOL,
    FailureMode.TOOL_UNAVAILABLE: _TOOL,
    FailureMode.EFFECT_UNKNOWN: frozenset({"queue", "fail"}),
    FailureMode.MODEL_UNAVAILABLE: _ANSWER,
    FailureMode.OUTPUT_INVALID: _ANSWER,
    FailureMode.CONTEXT_EXHAUSTED: _ANSWER | {"degrade"},
    FailureMode.BUDGET_EXHAUSTED: _ANSWER,
    FailureMode.CANCELLED: frozenset({"queue", "fail"}),
}
"""The paths that make sense under `on_failure`. A mode that is not here has none yet."""

ALLOWED_OF_TOOL: frozenset[PathKind] = _TOOL | {"last_known"}
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
    """The path of a failure: the tool's own, then `on_failure`, then `handover`, then the default."""
    rule = contract.tools.get(tool) if tool is not None else None
    own = _of_tool(rule, mode) if rule is not None else None
    if own is not None:
        return PathChoice(path=own, declared="tool")
    return _general(contract, mode)


def _general(contract: Contract, mode: FailureMode) -> PathChoice:
    declared = contract.on_failure.get(mode)
    if declared is not None:
        return PathChoice(path=declared, declared="on_failure")
    if mode in _DEFAULTS:
        return PathChoice(path=_DEFAULTS[mode], declared="default")
    if contract.handover is not None:
        return PathChoice(path=ToQueue(queue=contract.handover), declared="handover")
    return PathChoice(path="fail", declared="default")


def queue_for(contract: Contract, part: Topic | Ask) -> str | None:
    """The queue of a topic or a question: its own, else that of `out_of_scope` or of `handover`.

    None means that no person gets it: such a topic is refused.
    """
    if part.queue is not None:
        return part.queue
    if isinstance(part, Ask):
        return contract.handover
    path = _general(contract, FailureMode.OUT_OF_SCOPE).path
    return path.queue if part.say is None and isinstance(path, ToQueue) else None


def path_for_topic(contract: Contract, topic: Topic) -> Path:
    """What happens when a topic of `does_not` is asked for."""
    if topic.queue is not None:
        return ToQueue(queue=topic.queue)
    if topic.say is not None:
        return Say(say=topic.say)
    return _general(contract, FailureMode.OUT_OF_SCOPE).path


def failure_table(contract: Contract) -> tuple[FailureRow, ...]:
    """Every mode that can occur, in the order of the enum, each tool's own paths before the rest."""
    return tuple(
        row
        for mode in FailureMode
        if mode not in NOTHING_PRODUCES
        for row in (*_own_rows(contract, mode), _row(mode, None, _general(contract, mode)))
    )


def _own_rows(contract: Contract, mode: FailureMode) -> tuple[FailureRow, ...]:
    return tuple(
        _row(mode, name, path_for(contract, mode, name))
        for name, rule in contract.tools.items()
        if _of_tool(rule, mode) is not None
    )


def _row(mode: FailureMode, tool: str | None, choice: PathChoice) -> FailureRow:
    return FailureRow(mode=mode, tool=tool, path=choice.path, path_text=choice.text, declared=choice.declared)
