"""The verdict on one call: deny beats ask, ask beats allow, and a cap beats every approval."""

import json
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Literal, assert_never

from remit.event import Integrity, Permit
from remit.outcome import Effect
from remit.permit.facts import CallFacts
from remit.permit.filling import Around
from remit.permit.rule import Attested, Bound, CompiledRule, NotUnderstood, OnlyFrom, Within
from remit.permit.templates import Match, NoMatch, Proposal, matched
from remit.permit.values import Scalar, cut, field_of, is_number, same, shown

_MESSAGE_CHARACTERS = 300
Verdict = Literal["allow", "deny", "ask", "invalid", "unknown_tool"]


def judge(facts: CallFacts) -> Permit:
    """The permit of one call, for any facts at all; never raises.

    The caps `is`, `only_from`, `max` and `min` hold whoever approved. After the first third-party byte a
    guarded call needs a template of the grant. A question is settled by an approval of this very call with
    exactly these arguments.
    """
    refused = _refused(facts)
    if refused is not None:
        return refused
    assert facts.rule is not None, "refused otherwise"
    arguments = dict(facts.arguments or {})
    for bound in facts.rule.bounds:
        reason = _broken(bound, arguments.get(bound.argument), facts)
        if reason is not None:
            return _permit(facts, "deny", f"tools.{facts.tool}.args.{bound.argument}", reason)
    found = _template(facts, facts.rule, arguments)
    match = found if isinstance(found, Match) else None
    if _approves(facts, arguments):
        return _ask(facts, facts.rule, arguments, match)
    if _tainted(facts):
        if match is None:
            return _permit(facts, "deny", "grant", _no_template(facts, found))
        if match.refusals:
            reason = _sentence("Refused", match.refusals)
            return _permit(facts, "deny", match.template.id, reason, match)
    questions = _questions(facts, match)
    if questions and not facts.can_ask:
        rule = match.template.id if match is not None else _SUSPICION
        return _permit(facts, "deny", rule, _sentence("Nobody is there to be asked", questions), match)
    return _ask(facts, facts.rule, arguments, match)


def _refused(facts: CallFacts) -> Permit | None:
    """The verdict on what cannot be judged by its arguments."""
    if not facts.known:
        return _permit(facts, "unknown_tool", "unknown_tool", _no_such_tool(facts))
    for bound in facts.rule.bounds if facts.rule is not None else ():
        reason = _unattested(bound, facts) if isinstance(bound, Attested) else None
        if reason is not None:
            return _permit(facts, "deny", f"tools.{facts.tool}.args.{bound.argument}", reason)
    if facts.invalid is not None or facts.arguments is None:
        return _permit(facts, "invalid", "arguments", _message(facts))
    if facts.cancelled:
        return _permit(facts, "deny", "cancelled", "The run was cancelled; nothing new is begun.")
    if facts.rule is None or facts.rule.name != facts.tool:
        return _permit(facts, "deny", "default", "The remit has no rule for this tool.")
    if facts.effect is None:
        return _permit(facts, "deny", "default", "What this tool does to the world is not declared.")
    return None


def _tainted(facts: CallFacts) -> bool:
    """Whether the call is guarded and strangers' words had been read when it was asked for."""
    return facts.guarded and facts.context_integrity is Integrity.THIRD_PARTY


_SUSPICION = "guard.suspicious_from"


def _questions(facts: CallFacts, match: Match | None) -> tuple[str, ...]:
    """What the grant leaves open after strangers' words, and what a suspicious result adds to it."""
    asked = match.questions if match is not None and _tainted(facts) else ()
    if not facts.suspicious:
        return asked
    return (*asked, f"a result that was read looks like an attempt to give orders ({facts.suspicion:.2f})")


def _template(facts: CallFacts, rule: CompiledRule, arguments: Mapping[str, Any]) -> Match | NoMatch:
    if facts.grant is None:
        return NoMatch(reason="no grant was frozen")
    around = Around(
        user=facts.user,
        own_words=facts.own_words,
        readings=facts.readings,
        rules=facts.rules,
        endorsements=facts.endorsements,
        today=facts.today,
    )
    proposal = Proposal(
        rule=rule,
        arguments=arguments,
        defaults=facts.defaults,
        around=around,
        egress=facts.effect is Effect.READ and facts.egress,
        used=facts.used,
        trusted_texts=facts.trusted_texts,
    )
    return matched(facts.grant.by_tool.get(facts.tool, ()), proposal)


def _no_template(facts: CallFacts, found: Match | NoMatch) -> str:
    why = f": {found.reason}" if isinstance(found, NoMatch) else ""
    return f"What was read includes text by third parties, and nothing granted before permits this call{why}."


def _sentence(opening: str, parts: Sequence[str]) -> str:
    return f"{opening}: {'; '.join(parts)}."


def _approves(facts: CallFacts, arguments: Mapping[str, Any]) -> bool:
    """Whether a person approved this very call with exactly these arguments."""
    approval = facts.approved
    return approval is not None and approval.key == facts.key and same(approval.arguments, arguments)


def _no_such_tool(facts: CallFacts) -> str:
    there_are = f"The tools are {', '.join(facts.available)}." if facts.available else "There are no tools."
    return f"There is no tool {shown(facts.tool)}. {there_are}"


def _ask(facts: CallFacts, rule: CompiledRule, arguments: Mapping[str, Any], match: Match | None) -> Permit:
    """Allow, unless the rule or the template asks and nobody approved this very call."""
    own = _question(rule, arguments)
    questions = _questions(facts, match)
    name = match.template.id if match is not None else _SUSPICION
    name = f"tools.{facts.tool}.ask" if own is not None else name
    if own is None and not questions:
        return _permit(facts, "allow", f"tools.{facts.tool}", "Within the limits of the remit.", match)
    approval = facts.approved
    if approval is not None and _approves(facts, arguments):
        word = f"Approved by {shown(approval.by)} in case {shown(approval.case)}."
        return _permit(facts, "allow", name, word, match)
    why = own or ""
    if questions:
        why = f"{why} {_sentence('A person decides, because', questions)}".strip()
    if approval is not None:
        why += " The approval at hand is for another call or other arguments."
    if facts.context_integrity is Integrity.THIRD_PARTY:
        why += " What the agent has read so far includes text by third parties."
    return _permit(facts, "ask", name, why, match)


def _question(rule: CompiledRule, arguments: Mapping[str, Any]) -> str | None:
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


def _unattested(bound: Attested, facts: CallFacts) -> str | None:
    attested = field_of(facts.user, bound.path)
    if attested == "" or not isinstance(attested, Scalar):
        field = ".".join(("user", *bound.path))
        return f"{bound.argument} must be the caller's {field}, which the caller does not attest."
    return None


def _not_attested(bound: Attested, value: Any, facts: CallFacts) -> str | None:
    if not same(value, field_of(facts.user, bound.path)):
        return (
            f"{bound.argument} is {shown(value)}; it must be the caller's {'.'.join(('user', *bound.path))}."
        )
    return None


def _from_elsewhere(bound: OnlyFrom, value: Any, facts: CallFacts) -> str | None:
    readings = [each for each in facts.readings if each.tool == bound.tool and each.fetched]
    values: tuple[Any, ...] = tuple(value) if isinstance(value, list | tuple) else (value,)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    if not values:
        return f"{bound.argument} is an empty list; it must name what {bound.tool} found."
    for each in values:
        if not any(reading.holds(each, bound.path) for reading in readings):
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


def _permit(facts: CallFacts, verdict: Verdict, rule: str, reason: str, match: Match | None = None) -> Permit:
    return Permit(
        key=facts.key,
        tool=facts.tool,
        verdict=verdict,
        rule=rule,
        reason=reason,
        grant=facts.grant.id if match is not None and facts.grant is not None else "",
        template=match.template.id if match is not None else "",
        origins=match.origins if match is not None else (),
        questions=_questions(facts, match) if verdict == "ask" else (),
    )
