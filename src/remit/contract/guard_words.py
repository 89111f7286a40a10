"""What guards an agent after it has read strangers' words, in sentences."""

from collections.abc import Iterable, Iterator

from remit.contract.binding import always_asked, free_authorities
from remit.contract.grants import Hole, Select, Template, Where
from remit.contract.schema import Contract, ToolRule
from remit.outcome import Effect, side_effecting


def guarded(rule: ToolRule, effect: Effect | None, *, egress: bool = False) -> bool:
    """True if calls of the tool need a template once strangers' words were read."""
    return effect is None or side_effecting(effect) or rule.egress or egress


def bound_text(contract: Contract, name: str, rule: ToolRule, arguments: Iterable[str] | None = None) -> str:
    """What may be called of a guarded tool after strangers' words were read, in one phrase."""
    named = [label for label, templates in contract.grants.items() if any(t.tool == name for t in templates)]
    if named:
        return f"only as grant {' or '.join(named)} says"
    if contract.guard.planner:
        return "only as the plan made from the user's own words says"
    if always_asked(rule):
        return "within its limits, a person decides each time"
    free = free_authorities(rule, rule.args if arguments is None else arguments)
    if free:
        return f"within its limits, and a person decides on {', '.join(free)}"
    return "within its limits"


def label_texts(rule: ToolRule) -> Iterator[str]:
    """What the file says of the tool's arguments and results beyond its limits, one phrase each."""
    if rule.egress:
        yield "its arguments leave the house"
    if rule.audience is not None:
        yield f"its content is read by {_audience(rule.audience)}"
    for name, argument in rule.args.items():
        if argument.kind == "detail":
            yield f"{name} decides when or how"
        if argument.type is not None:
            yield f"{name} is of the kind {argument.type}"
        if argument.active_content != "ask":
            word = "refused" if argument.active_content == "deny" else "let through"
            yield f"links and addresses in {name} are {word}"
    yield from _return_texts(rule)


def _audience(audience: str) -> str:
    known = {"user": "the user alone", "public": "anybody"}
    return known.get(audience, f"whomever {audience} names")


def _return_texts(rule: ToolRule) -> Iterator[str]:
    returns = rule.returns
    if returns.integrity is not None:
        yield f"its result is {returns.integrity.replace('_', ' ')}"
    if returns.readers == "public":
        yield "anybody may know its result"
    if returns.records is not None:
        yield f"its records stand in {returns.records}"
    if returns.creates is not None:
        yield f"what it makes is a {returns.creates}"
    for name, label in returns.fields.items():
        kind = f", a {label.type}" if label.type is not None else ""
        yield f"{name} of its result is {label.integrity.replace('_', ' ')}{kind}"


def guard_texts(contract: Contract) -> Iterator[str]:
    """The guard, the grants and the endorsements, one sentence each."""
    if contract.guard.planner:
        yield "A model that sees the user's own words only writes first what may be called."
    limit = contract.guard.suspicious_from
    if limit is not None:
        yield (
            f"After a result with a suspicion of {limit:.12g} or more, a person is asked before each guarded "
            "call, whatever permits it."
        )
    yield f"After {contract.guard.denials} denied calls a run ends as injection_suspected."
    for name, templates in contract.grants.items():
        for template in templates:
            yield f"Grant {name}: {template_text(template)}."
    for each in contract.endorsements:
        yield f"{each.owner} vouches for {each.value} as a {each.type} until {each.until}."


def template_text(template: Template) -> str:
    """A template in words."""
    holes = "; ".join(f"{name} is {hole_text(hole)}" for name, hole in template.args.items())
    times = "once" if template.uses == 1 else f"{template.uses} times"
    return f"{template.tool}, {times}" + (f", where {holes}" if holes else ", without arguments")


def hole_text(hole: Hole) -> str:
    """What may stand in one argument, in words."""
    if hole.select is not None:
        return _select_text(hole.select)
    if "max" in hole.model_fields_set or "min" in hole.model_fields_set:
        return _range(hole)
    texts = {
        "value": f"{hole.value!r}",
        "one_of": f"one of {', '.join(map(repr, hole.one_of))}",
        "is_": f"the caller's own {str(hole.is_).removeprefix('user.')}",
        "only": f"the {_field(hole.only)} of the only record that {_tool(hole.only)} gave",
        "own": f"a {hole.own} that this run has made",
        "attested": f"an attested {_field(hole.attested)} of {_tool(hole.attested)}",
        "only_from": f"a {_field(hole.only_from)} of {_tool(hole.only_from)}",
        "quoted_from": f"quoted from what {hole.quoted_from} returned",
        "day": f"a time on {hole.day}",
        "after": _after(hole),
        "like": f"of the form {hole.like!r}",
        "from_prompt": "quoted from the user's own words",
        "free": "free",
    }
    return next(text for name, text in texts.items() if name in hole.model_fields_set)


def _after(hole: Hole) -> str:
    return f"{hole.after.minutes} minutes after {hole.after.argument}" if hole.after is not None else ""


def _tool(path: str | None) -> str:
    return (path or "").partition(".")[0]


def _field(path: str | None) -> str:
    return (path or "").partition(".")[2]


def _range(hole: Hole) -> str:
    low = f"at least {hole.min:.12g}" if hole.min is not None else ""
    high = f"at most {hole.max:.12g}" if hole.max is not None else ""
    return " and ".join(part for part in (low, high) if part)


def _select_text(select: Select) -> str:
    by = f" by {select.by}" if select.by is not None else ""
    field = f"the {select.field} of " if select.field is not None else ""
    where = " and ".join(_where_text(each) for each in select.where)
    text = f"{field}{select.pick}{by} of the {select.over} of {select.from_}"
    text += f" where {where}" if where else ""
    text += f", times {select.times:.12g}" if select.times != 1 else ""
    return text + (f", plus {select.plus:.12g}" if select.plus else "")


def _where_text(where: Where) -> str:
    words = {
        "is": where.is_,
        "starts with": where.starts_with,
        "contains": where.contains,
        "is at least": where.at_least,
        "is at most": where.at_most,
    }
    tests = " and ".join(f"{word} {value!r}" for word, value in words.items() if value is not None)
    return f"{where.field} {tests}" if tests else where.field
