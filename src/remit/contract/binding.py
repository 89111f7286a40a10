"""Which arguments of a tool does its own rule leave open?"""

from collections.abc import Iterable

from remit.contract.condition import Condition, parse_condition
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


def free_authorities(rule: ToolRule, arguments: Iterable[str]) -> tuple[str, ...]:
    """The authority arguments that nothing in the rule binds, sorted; none where a person is always asked."""
    if always_asked(rule):
        return ()
    condition = condition_of(rule)
    asked = rule.ask is not None and rule.ask.otherwise == "deny"
    bounded = condition.bounded if asked and condition is not None else frozenset[str]()
    return tuple(name for name in sorted(arguments) if not _bound(rule, name, bounded))


def _bound(rule: ToolRule, argument: str, bounded: frozenset[str]) -> bool:
    limits = rule.args.get(argument)
    if limits is None:
        return argument in bounded
    caps = (limits.is_, limits.only_from, limits.max)
    return limits.kind == "content" or argument in bounded or any(cap is not None for cap in caps)
