"""Which arguments of a tool does its own rule leave open?"""

from collections.abc import Iterable

from remit.contract.condition import Condition, parse_condition
from remit.contract.grants import Argument
from remit.contract.schema import ToolRule


def condition_of(rule: ToolRule) -> Condition | None:
    """The condition of `ask`; None where there is none or where `check` complains of it."""
    if rule.ask is None:
        return None
    try:
        return parse_condition(rule.ask.when)
    except ValueError:
        return None


def always_asked(rule: ToolRule) -> bool:
    """True if a person decides on every call, and silence is no consent."""
    if rule.ask is None or rule.ask.otherwise != "deny":
        return False
    condition = condition_of(rule)
    return condition is None or condition.always


def bound_arguments(rule: ToolRule) -> frozenset[str]:
    """The arguments that the rule binds: by a source, a cap, or a question; and those that are content."""
    condition = condition_of(rule)
    asked = rule.ask is not None and rule.ask.otherwise == "deny"
    bounded = condition.bounded if asked and condition is not None else frozenset[str]()
    return bounded | {name for name, limits in rule.args.items() if _binds(limits)}


def _binds(limits: Argument) -> bool:
    caps = (limits.is_, limits.only_from, limits.max)
    return limits.kind == "content" or any(cap is not None for cap in caps)


def free_authorities(rule: ToolRule, arguments: Iterable[str]) -> tuple[str, ...]:
    """The authority arguments that nothing in the rule binds, sorted; none where a person is always asked."""
    return () if always_asked(rule) else tuple(sorted(set(arguments) - bound_arguments(rule)))
