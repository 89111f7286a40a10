"""Do grants, labels and endorsements agree with the remit and with its tools?"""

from collections.abc import Iterator, Mapping

from remit.contract.facts import ToolFacts
from remit.contract.grants import Argument, Hole, Select, Template
from remit.contract.problem import Finding, did_you_mean, listed
from remit.contract.schema import Contract, ToolRule

_TRUST = {"operator": 2, "attested": 1, "third_party": 0}


def grant_findings(contract: Contract) -> Iterator[Finding]:
    """Every template that can never fit or that names what there is not; needs no tool to be imported."""
    principal = contract.input.speaker == "principal"
    if contract.guard.planner and not principal:
        yield Finding(
            "guard.planner",
            "nobody's words may be planned from: the input is from the public.",
            "Write `input: {from: principal}`, if the user's own words are their orders; else remove it.",
        )
    for name, templates in contract.grants.items():
        for index, template in enumerate(templates):
            where = f"grants.{name}.{index}"
            if template.tool not in contract.tools:
                near = did_you_mean(template.tool, contract.tools)
                message = f"`{template.tool}` is no tool of this remit."
                yield Finding(f"{where}.tool", message, near or f"The tools are {listed(contract.tools)}.")
                continue
            for argument, hole in template.args.items():
                limits = contract.tools[template.tool].args.get(argument) or Argument.model_validate({})
                yield from _hole_findings(contract, f"{where}.args.{argument}", hole, limits)


def _hole_findings(contract: Contract, where: str, hole: Hole, limits: Argument) -> Iterator[Finding]:
    if hole.from_prompt is not None and contract.input.speaker != "principal":
        yield Finding(
            f"{where}.from_prompt",
            "what the public writes vouches for nothing.",
            "Pin the value, or take it from `is`, `only`, `attested` or `select`.",
        )
    if hole.is_ is not None and not hole.is_.startswith("user."):
        yield Finding(f"{where}.is", f"`{hole.is_}` is no field of the user.", "Write `user.FIELD`.")
    made = {rule.returns.creates for rule in contract.tools.values()}
    if hole.own is not None and hole.own not in made:
        yield Finding(
            f"{where}.own", f"no tool makes a `{hole.own}`.", "Say which: `returns: {creates: ...}`."
        )
    if hole.own is not None and limits.type not in (None, hole.own):
        yield Finding(f"{where}.own", f"the argument is a `{limits.type}`, not a `{hole.own}`.")
    for key, path in (("only", hole.only), ("attested", hole.attested), ("only_from", hole.only_from)):
        if path is not None:
            yield from _path_findings(contract, f"{where}.{key}", key, path, limits)
    if hole.quoted_from is not None and hole.quoted_from not in contract.tools:
        yield _no_tool(contract, f"{where}.quoted_from", hole.quoted_from)
    if hole.select is not None:
        yield from _select_findings(contract, f"{where}.select", hole.select)


def _no_tool(contract: Contract, where: str, tool: str) -> Finding:
    near = did_you_mean(tool, contract.tools)
    return Finding(where, f"`{tool}` is no tool of this remit.", near)


def _path_findings(
    contract: Contract, where: str, key: str, path: str, limits: Argument
) -> Iterator[Finding]:
    tool, _, field = path.partition(".")
    rule = contract.tools.get(tool)
    if rule is None:
        yield _no_tool(contract, where, tool)
        return
    if not field:
        yield Finding(where, f"`{path}` names no field.", f"Write `{tool}.FIELD`.")
        return
    label = rule.returns.fields.get(field)
    if key == "attested" and label is not None and label.integrity != "attested":
        yield Finding(where, f"`{path}` is labelled {label.integrity}.", "Take a field that is attested.")
    if limits.type is not None and (label is None or label.type != limits.type):
        known = f"a `{label.type}`" if label is not None and label.type is not None else "of no type"
        yield Finding(
            where,
            f"the argument is a `{limits.type}`, and `{path}` is {known}, so nothing ever fits.",
            f"Label it: `returns: {{fields: {{{field}: {{type: {limits.type}}}}}}}`, if it is one.",
        )


def _select_findings(contract: Contract, where: str, select: Select) -> Iterator[Finding]:
    if select.from_ not in contract.tools:
        yield _no_tool(contract, f"{where}.from", select.from_)
    if select.pick in ("max", "min") and select.by is None:
        yield Finding(f"{where}.pick", f"`{select.pick}` of what?", "Add `by: FIELD`.")
    if select.pick != "count" and select.field is None:
        yield Finding(f"{where}.pick", "nothing says which field is given.", "Add `field: FIELD`.")


def guard_tool_findings(contract: Contract, facts: Mapping[str, ToolFacts]) -> Iterator[Finding]:
    """What templates and labels say of tools that the tools do not bear."""
    for name, templates in contract.grants.items():
        for index, template in enumerate(templates):
            if template.tool in facts:
                where = f"grants.{name}.{index}"
                yield from _argument_findings(contract, where, template, facts[template.tool])
    for name, tool in facts.items():
        yield from _label_findings(f"tools.{name}", name, contract.tools[name], tool)


def _argument_findings(
    contract: Contract, where: str, template: Template, tool: ToolFacts
) -> Iterator[Finding]:
    for argument in template.args:
        if argument not in tool.arguments:
            near = did_you_mean(argument, tool.arguments)
            message = f"`{template.tool}` has no argument `{argument}`."
            yield Finding(f"{where}.args.{argument}", message, near)
    limits = contract.tools[template.tool].args
    filled = {name for name, each in limits.items() if each.is_ is not None}
    missing = sorted(tool.required - set(template.args) - filled)
    if missing:
        yield Finding(
            where,
            f"`{template.tool}` needs {listed(missing)}, which the template leaves out, so no call fits it.",
            "Say what it may be, at the least `{free: true}`.",
        )


def _label_findings(where: str, name: str, rule: ToolRule, tool: ToolFacts) -> Iterator[Finding]:
    audience = rule.audience
    if audience is not None and audience not in ("user", "public") and audience not in tool.arguments:
        near = did_you_mean(audience, tool.arguments)
        yield Finding(f"{where}.audience", f"`{name}` has no argument `{audience}`.", near)
    declared = rule.returns.integrity
    if declared is not None and _TRUST[declared] > _TRUST.get(tool.integrity, 1):
        yield Finding(
            f"{where}.returns.integrity",
            f"the code says that what `{name}` returns is {tool.integrity.replace('_', ' ')}; a remit only"
            " tightens that, so it stays so.",
            "Label single fields that the system makes, under `fields`.",
            "warning",
        )
    if tool.egress and "egress" in rule.model_fields_set and not rule.egress:
        yield Finding(
            f"{where}.egress",
            f"the arguments of `{name}` leave the house; a remit only tightens that, so it stays so.",
            "Remove it.",
            "warning",
        )
    if "read_only" in tool.claims and rule.effect is not None and rule.effect != "read":
        yield Finding(
            where,
            f"its server calls `{name}` harmless. That is the server's word: it stays {rule.effect} here.",
            "",
            "warning",
        )
