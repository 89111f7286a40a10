"""A tool's rule made ready for judging: paths split and the condition parsed, once per release."""

from dataclasses import dataclass
from math import inf

from remit.contract import Argument, Condition, ToolRule, always_asked, bound_arguments, parse_condition


@dataclass(frozen=True, slots=True)
class Attested:
    """The argument must equal this field of the attested user."""

    argument: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnlyFrom:
    """The argument must have stood in this field of an earlier result of this tool."""

    argument: str
    tool: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The argument must be a finite number from `low` to `high`, both included."""

    argument: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A bound that cannot be enforced as it is written, and so denies."""

    argument: str
    text: str


Bound = Attested | OnlyFrom | Within | NotUnderstood


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """One tool's caps and its question, ready to judge calls."""

    name: str
    bounds: tuple[Bound, ...]
    ask: Condition | None
    """When a person is asked; None where nobody is."""
    source: ToolRule
    """The rule as it is written."""
    bound: frozenset[str]
    """The arguments that the rule binds by construction."""
    always_asked: bool
    """Whether a person decides on every call."""


def compile_rule(name: str, rule: ToolRule) -> CompiledRule:
    """The rule of the tool `name`, ready for any number of calls.

    Raises ValueError where the condition of `ask` cannot be parsed; a loaded contract has none such.
    """
    bounds = [bound for argument, limits in rule.args.items() for bound in _bounds(argument, limits)]
    ask = parse_condition(rule.ask.when) if rule.ask is not None else None
    return CompiledRule(
        name=name,
        bounds=tuple(bounds),
        ask=ask,
        source=rule,
        bound=bound_arguments(rule),
        always_asked=always_asked(rule),
    )


def _bounds(argument: str, limits: Argument) -> list[Bound]:
    bounds: list[Bound] = []
    if limits.is_ is not None:
        bounds.append(_attested(argument, limits.is_))
    if limits.only_from is not None:
        bounds.append(_only_from(argument, limits.only_from))
    if limits.max is not None or limits.min is not None:
        bounds.append(_within(argument, limits))
    return bounds


def _attested(argument: str, text: str) -> Bound:
    source, *path = text.split(".")
    if source != "user" or not path or not all(path):
        return NotUnderstood(argument, f"is: {text}")
    return Attested(argument, tuple(path))


def _only_from(argument: str, text: str) -> Bound:
    tool, *path = text.split(".")
    if not tool or not path or not all(path):
        return NotUnderstood(argument, f"only_from: {text}")
    return OnlyFrom(argument, tool, tuple(path))


def _within(argument: str, limits: Argument) -> Within:
    """A `max` alone also bounds from below: the reverse of an allowed amount is not allowed."""
    high = inf if limits.max is None else limits.max
    low = limits.min
    if low is None:
        low = 0.0 if high >= 0 else -inf
    return Within(argument, low, high)
