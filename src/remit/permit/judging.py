"""The verdict on one call: deny beats ask, ask beats allow, and a cap beats every approval."""

import json
from math import inf
from typing import Any, Literal, assert_never

from remit.event import Integrity, Permit
from remit.permit.facts import CallFacts
from remit.permit.rule import Attested, Bound, CompiledRule, NotUnderstood, OnlyFrom, Within
from remit.permit.values import Scalar, cut, field_of, is_number, same, shown, stands_in

_MESSAGE_CHARACTERS = 300
Verdict = Literal["allow", "deny", "ask", "invalid", "unknown_tool"]


def judge(facts: CallFacts) -> Permit:
    """The permit of one call, for any facts at all; never raises.

    The caps `is`, `only_from`, `max` and `min` hold whoever approved; the question of `ask` is settled
    by an approval of this very call with exactly these arguments.
    """
    if not facts.known:
        return _permit(facts, "unknown_tool", "unknown_tool", _no_such_tool(facts))
    if facts.invalid is not None or facts.arguments is None:
        return _permit(facts, "invalid", "arguments", _message(facts))
    if facts.cancelled:
        return _permit(facts, "deny", "cancelled", "The run was cancelled; nothing new is begun.")
    if facts.rule is None or facts.rule.name != facts.tool:
        return _permit(facts, "deny", "default", "The remit has no rule for this tool.")
    if facts.effect is None:
        return _permit(facts, "deny", "default", "What this tool does to the world is not declared.")
    arguments = dict(facts.arguments)
    for bound in facts.rule.bounds:
        reason = _broken(bound, arguments.get(bound.argument), facts)
        if reason is not None:
            return _permit(facts, "deny", f"tools.{facts.tool}.args.{bound.argument}", reason)
    return _ask(facts, facts.rule, arguments)


def _no_such_tool(facts: CallFacts) -> str:
    there_are = f"The tools are {', '.join(facts.available)}." if facts.available else "There are no tools."
    return f"There is no tool {shown(facts.tool)}. {there_are}"


def _ask(facts: CallFacts, rule: CompiledRule, arguments: dict[str, Any]) -> Permit:
    """Allow, unless the rule asks and nobody approved this very call."""
    why = _question(rule, arguments)
    if why is None:
        return _permit(facts, "allow", f"tools.{facts.tool}", "Within the limits of the remit.")
    name = f"tools.{facts.tool}.ask"
    approval = facts.approved
    if approval is not None and approval.key == facts.key and same(approval.arguments, arguments):
        word = f"Approved by {shown(approval.by)} in case {shown(approval.case)}."
        return _permit(facts, "allow", name, word)
    if approval is not None:
        why += " The approval at hand is for another call or other arguments."
    if facts.context_integrity is Integrity.THIRD_PARTY:
        why += " What the agent has read so far includes text by third parties."
    return _permit(facts, "ask", name, why)


def _question(rule: CompiledRule, arguments: dict[str, Any]) -> str | None:
    """Why a person decides on these arguments; None where nobody is asked."""
    if rule.ask is None or not rule.ask.holds(arguments):
        return None
    if rule.ask.always:
        return "A person decides on every call of this tool."
    missing = sorted(name for name in rule.ask.names if arguments.get(name) is None)
    given = f", and {', '.join(missing)} is not given" if missing else ""
    return f"A person decides where {rule.ask.text}{given}."


def _broken(bound: Bound, value: Any, facts: CallFacts) -> str | None:
    """Why the value is beyond the bound; None where it is within."""
    match bound:
        case Attested():
            return _not_attested(bound, value, facts)
        case OnlyFrom():
            return _from_elsewhere(bound, value, facts)
        case Within():
            return _outside(bound, value)
        case NotUnderstood():
            return f"{bound.argument} is bound by `{bound.text}`, which cannot be enforced."
        case _:
            assert_never(bound)


def _not_attested(bound: Attested, value: Any, facts: CallFacts) -> str | None:
    field = ".".join(("user", *bound.path))
    attested = field_of(facts.user, bound.path)
    if attested == "" or not isinstance(attested, Scalar):
        return f"{bound.argument} must be the caller's {field}, which the caller does not attest."
    if not same(value, attested):
        return f"{bound.argument} is {shown(value)}; it must be the caller's {field}."
    return None


def _from_elsewhere(bound: OnlyFrom, value: Any, facts: CallFacts) -> str | None:
    results = facts.earlier_results.get(bound.tool, ())
    values: tuple[Any, ...] = tuple(value) if isinstance(value, list | tuple) else (value,)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    if not values:
        return f"{bound.argument} is an empty list; it must name what {bound.tool} found."
    for each in values:
        if not any(stands_in(each, result, bound.path) for result in results):
            field = ".".join(bound.path)
            return (
                f"{bound.argument} is {shown(each)}, which no earlier result of {bound.tool} in this run "
                f"has as its {field}."
            )
    return None


def _outside(bound: Within, value: Any) -> str | None:
    if is_number(value) and abs(value) != inf and bound.low <= value <= bound.high:
        return None
    low, high = f"{bound.low:.12g}", f"{bound.high:.12g}"
    if bound.high == inf:
        limits = f"a number of at least {low}"
    elif bound.low == -inf:
        limits = f"a number of at most {high}"
    else:
        limits = f"a number from {low} to {high}"
    return f"{bound.argument} is {shown(value)}; the remit allows {limits}."


def _message(facts: CallFacts) -> str:
    """The validator's message, which may quote the model, on one line of printable ASCII."""
    text = facts.invalid or "The arguments are not an object."
    return cut(json.dumps(text[: _MESSAGE_CHARACTERS + 1])[1:-1], _MESSAGE_CHARACTERS)


def _permit(facts: CallFacts, verdict: Verdict, rule: str, reason: str) -> Permit:
    return Permit(key=facts.key, tool=facts.tool, verdict=verdict, rule=rule, reason=reason)
