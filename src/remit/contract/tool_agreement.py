"""Does a remit fit the tools that it names? Needs the tools' facts."""

from collections.abc import Iterable, Iterator, Mapping

from remit.contract.binding import condition_of, free_authorities
from remit.contract.facts import ToolFacts, effective_effect
from remit.contract.failures import path_for
from remit.contract.grant_agreement import guard_tool_findings
from remit.contract.nodes import Lines, problems_of
from remit.contract.path import LastKnown
from remit.contract.problem import Finding, Problem, did_you_mean, listed
from remit.contract.schema import Contract, ToolRule
from remit.outcome import Effect, FailureMode, side_effecting, stricter

_CONSEQUENTIAL = frozenset({Effect.KEYED, Effect.IRREVERSIBLE})


def check_tools(
    contract: Contract, lines: Lines, file: str, facts: Mapping[str, ToolFacts]
) -> tuple[Problem, ...]:
    """Every rule that its tool does not bear, and every lethal combination; in file order.

    A tool without facts could not be imported; that is another room's problem and is passed over.
    """
    return problems_of(_findings(contract, facts), lines, file)


def _findings(contract: Contract, facts: Mapping[str, ToolFacts]) -> Iterator[Finding]:
    known = {name: (rule, facts[name]) for name, rule in contract.tools.items() if name in facts}
    for name, (rule, tool) in known.items():
        where = f"tools.{name}"
        effect = effective_effect(rule, tool)
        if rule.effect is not None and not stricter(tool.effect, rule.effect):
            yield Finding(
                f"{where}.effect",
                f"the code declares `{tool.effect}`; a remit may not loosen that to `{rule.effect}`.",
                "Change `@tool(effect=...)` if the code is wrong.",
            )
        yield from _argument_findings(where, name, rule, tool)
        yield from _condition_findings(where, name, rule, tool)
        yield from _effect_findings(where, name, rule, effect)
        yield from _unknown_findings(contract, where, name, effect)
    yield from guard_tool_findings(contract, facts)
    reads = [name for name, (rule, tool) in known.items() if effective_effect(rule, tool) is Effect.READ]
    if reads:
        granted = {each.tool for templates in contract.grants.values() for each in templates}
        for name, (rule, tool) in known.items():
            if name in granted or contract.guard.planner:
                continue
            yield from _lethal_findings(name, rule, tool, reads)


def _argument_findings(where: str, name: str, rule: ToolRule, tool: ToolFacts) -> Iterator[Finding]:
    for argument, limits in rule.args.items():
        if argument not in tool.arguments:
            yield _no_argument(f"{where}.args.{argument}", name, argument, tool)
        elif argument not in tool.numeric:
            for key, limit in (("max", limits.max), ("min", limits.min)):
                if limit is not None:
                    yield Finding(
                        f"{where}.args.{argument}.{key}", f"`{argument}` is no number.", "Remove it."
                    )
    for index, argument in enumerate(rule.once_per):
        if argument not in tool.arguments:
            yield _no_argument(f"{where}.once_per.{index}", name, argument, tool)


def _no_argument(where: str, tool_name: str, argument: str, tool: ToolFacts) -> Finding:
    near = did_you_mean(argument, tool.arguments)
    have = f"Its arguments are {listed(sorted(tool.arguments))}." if tool.arguments else "It takes none."
    return Finding(where, f"`{tool_name}` has no argument `{argument}`.", near or have)


def _condition_findings(where: str, name: str, rule: ToolRule, tool: ToolFacts) -> Iterator[Finding]:
    condition = condition_of(rule)
    if condition is None:
        return
    for argument in sorted(condition.names - tool.arguments):
        yield _no_argument(f"{where}.ask.when", name, argument, tool)
    for comparison in condition.comparisons:
        number = isinstance(comparison.literal, (int, float)) and not isinstance(comparison.literal, bool)
        if comparison.name in tool.arguments and number != (comparison.name in tool.numeric):
            is_what = "a number" if comparison.name in tool.numeric else "no number"
            yield Finding(
                f"{where}.ask.when",
                f"`{comparison.name}` is {is_what}, so comparing it with `{comparison.literal}` always asks.",
                "Write `always` if that is meant.",
            )


def _effect_findings(where: str, name: str, rule: ToolRule, effect: Effect) -> Iterator[Finding]:
    if "key_ttl" in rule.model_fields_set and effect is not Effect.KEYED:
        yield Finding(f"{where}.key_ttl", f"`{name}` is {effect}, not keyed.", "Remove it.")
    if rule.tries > 1 and effect is Effect.IRREVERSIBLE:
        yield Finding(
            f"{where}.tries",
            f"`{name}` is irreversible: after a lost result, another attempt may act twice.",
            "Remove it; a person decides instead.",
        )
    if rule.once_per and not side_effecting(effect):
        yield Finding(f"{where}.once_per", f"`{name}` is a read and acts on nothing.", "Remove it.")
    if rule.unknown is not None and effect is not Effect.IRREVERSIBLE and effect is not Effect.KEYED:
        yield Finding(f"{where}.unknown", f"`{name}` is {effect}: it is called again instead.", "Remove it.")
    if side_effecting(effect):
        for key, path in (("unavailable", rule.unavailable), ("failed", rule.failed)):
            if isinstance(path, LastKnown):
                yield Finding(
                    f"{where}.{key}",
                    f"`{name}` is {effect}: an earlier result would pass for this action's.",
                    "Only a read may answer from its last known result.",
                )


def _unknown_findings(contract: Contract, where: str, name: str, effect: Effect) -> Iterator[Finding]:
    choice = path_for(contract, FailureMode.EFFECT_UNKNOWN, name)
    if effect is Effect.IRREVERSIBLE and choice.path == "fail" and choice.declared == "default":
        yield Finding(
            where,
            f"`{name}` is irreversible, and nobody is told when its effect is unknown.",
            "Add `handover:`, or `unknown: {queue: ...}` here.",
        )


def _lethal_findings(name: str, rule: ToolRule, tool: ToolFacts, reads: Iterable[str]) -> Iterator[Finding]:
    """Text that anybody may have written, private reads, and an act whose arguments are free."""
    if effective_effect(rule, tool) not in _CONSEQUENTIAL:
        return
    free = free_authorities(rule, tool.arguments)
    if free:
        passes = (
            " `otherwise: approve` lets it pass when nobody looks."
            if rule.ask and rule.ask.otherwise != "deny"
            else ""
        )
        yield Finding(
            f"tools.{name}",
            f"what {listed(reads)} returns may be anybody's words, and `{name}` acts on {listed(free)}"
            f" without a limit, so a stranger's text could decide what it does.{passes}",
            "Three ways out: `ask: always`; under `args`, cap each of them with `is:`, `only_from:` or"
            " `max:`; or mark with `kind: content` those that do not decide who, what or how much.",
        )
