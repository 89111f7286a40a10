"""Which template of the grant permits a call, and with which questions?"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from remit.contract import After, Argument, Hole, Select, ToolRule
from remit.event import Grant, Origin
from remit.event import Template as Frozen
from remit.permit.content import active_items, holds, texts_of
from remit.permit.filling import Around, Filled, endorsed, filled, fits, misfits, origin_of, untrusted
from remit.permit.rule import CompiledRule
from remit.permit.values import field_of, same, shown

STANDING = "tools."
"""How the id of a template begins that is a tool's own rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTemplate:
    """One template, ready to be held against calls."""

    id: str
    tool: str
    holes: Mapping[str, Hole]
    uses: int | None
    sources: frozenset[str]
    """The tools that templates of the same grant name: what may be read for this call."""
    pins: bool
    """Whether it holds a word of whoever it was made for."""

    @property
    def standing(self) -> bool:
        """True if it is the tool's own rule."""
        return self.id.startswith(STANDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledGrant:
    """All templates of a run, by tool."""

    id: str
    by_tool: Mapping[str, Sequence[CompiledTemplate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A template permits the call; `questions` are for a person, `refusals` for nobody."""

    template: CompiledTemplate
    origins: tuple[Origin, ...]
    questions: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMatch:
    """No template permits the call; why, for the one that came nearest."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A call as it is held against templates."""

    rule: CompiledRule
    arguments: Mapping[str, Any]
    defaults: Mapping[str, Any]
    """What the tool takes where an argument is not given."""
    around: Around
    egress: bool
    """Whether it is a read whose arguments leave the house, and nothing more."""
    used: Mapping[str, int]
    """How often each template has been used in this run."""
    trusted_texts: Sequence[str]
    """Folded: what the operator and the user themselves wrote."""


def compile_grant(grant: Grant) -> CompiledGrant:
    """The grant of an event, ready for any number of calls."""
    groups: dict[str, set[str]] = {}
    for each in grant.templates:
        groups.setdefault(_group(each.id), set()).add(each.tool)
        groups[_group(each.id)].update(_read_by(each))
    compiled: dict[str, list[CompiledTemplate]] = {}
    known: dict[str, Hole] = {}
    for each in grant.templates:
        standing = each.id.startswith(STANDING)
        holes = {} if standing else {name: _hole(hole, known) for name, hole in each.arguments.items()}
        template = CompiledTemplate(
            id=each.id,
            tool=each.tool,
            holes=holes,
            uses=each.uses,
            sources=frozenset(groups[_group(each.id)]),
            pins=_pins_something(holes.values()),
        )
        compiled.setdefault(each.tool, []).append(template)
    return CompiledGrant(id=grant.id, by_tool=compiled)


def _hole(written: Any, known: dict[str, Hole]) -> Hole:
    """The hole as data; equal ones are one, so that a call is held against it once."""
    return known.setdefault(json.dumps(written), Hole.model_validate(written))


def _pins_something(holes: Iterable[Hole]) -> bool:
    """Whether a hole holds somebody's word: a switch or an empty list is none."""
    pinned = [hole for hole in holes if "free" not in hole.model_fields_set]
    return any(not isinstance(hole.value, bool) and hole.value not in ((), "") for hole in pinned)


def _group(template: str) -> str:
    return template.rpartition(".")[0]


def _read_by(template: Frozen) -> Iterator[str]:
    """The tools that the holes of a template refer to."""
    if template.id.startswith(STANDING):
        return
    for hole in template.arguments.values():
        form = Hole.model_validate(hole)
        for path in (form.only, form.attested, form.only_from):
            if path is not None:
                yield path.partition(".")[0]
        if form.quoted_from is not None:
            yield form.quoted_from
        if isinstance(form.select, Select):
            yield form.select.from_


def matched(templates: Sequence[CompiledTemplate], call: Proposal) -> Match | NoMatch:
    """The template that permits the call with the fewest questions; the first of equals."""
    best: Match | None = None
    reason = "none names this tool"
    for template in templates:
        found = _standing(template, call) if template.standing else _explicit(template, call)
        if isinstance(found, NoMatch):
            reason = found.reason
        elif best is None or _trouble(found) < _trouble(best):
            best = found
            if _trouble(best) == (0, 0):
                break
    return best if best is not None else NoMatch(reason=reason)


def _trouble(match: Match) -> tuple[int, int]:
    return len(match.refusals), len(match.questions)


def _explicit(template: CompiledTemplate, call: Proposal) -> Match | NoMatch:
    if template.uses is not None and call.used.get(template.id, 0) >= template.uses:
        return NoMatch(reason=f"{template.id} is used up")
    for name, value in call.arguments.items():
        if name not in template.holes and not _left_out(name, value, call):
            return NoMatch(reason=f"{template.id} does not have {name}")
    origins: list[Origin] = []
    questions: list[str] = []
    loose: list[str] = []
    for name, hole in template.holes.items():
        limits, value = _limits(call.rule, name), call.arguments.get(name)
        key = f"hole {name} {id(hole)} {template.pins}"
        found: Filled | None = call.around.found.get(key)
        if found is None:
            found = call.around.found[key] = _hole_filled(template, name, hole, value, call)
        if found.verdict == "misfits":
            return NoMatch(reason=f"{name}: {found.words}")
        origins.append(found.origin(name))
        if found.verdict == "untrusted":
            if limits.kind == "content":
                loose.append(name)
            else:
                questions.append(f"{name} is {found.words}")
    asked, refusals = _content_problems(loose, template, call)
    return Match(
        template=template,
        origins=tuple(origins),
        questions=(*questions, *asked),
        refusals=tuple(refusals),
    )


def _limits(rule: CompiledRule, name: str) -> Argument:
    return rule.source.args.get(name) or _STRICT


_STRICT = Argument.model_validate({})


def _left_out(name: str, value: Any, call: Proposal) -> bool:
    """True where nothing is given beyond the tool's own default, or where the runtime fills it in."""
    limits = _limits(call.rule, name)
    return value is None or limits.is_ is not None or same(value, call.defaults.get(name))


def _hole_filled(template: CompiledTemplate, name: str, hole: Hole, value: Any, call: Proposal) -> Filled:
    limits = _limits(call.rule, name)
    if hole.quoted_from is not None and not call.egress:
        return misfits("only a read may take its address from what strangers wrote")
    if hole.after is not None:
        return _later(hole.after, value, call)
    if "free" not in hole.model_fields_set:
        return filled(hole, limits, value, call.around)
    if _left_out(name, value, call):
        return fits("left out")
    if limits.kind == "content":
        return untrusted("written by the model")
    if limits.kind == "detail" and not others(call) and template.pins:
        return fits("when or how, and nobody else is affected")
    covered = endorsed(limits, value, call.around)
    if covered is not None:
        return covered
    words, seq = origin_of(value, call.around)
    return untrusted(words, seq)


def _later(after: After, value: Any, call: Proposal) -> Filled:
    """Fits where the time is so much later than the argument that it follows from."""
    words = f"{after.minutes} minutes after {after.argument}"
    try:
        begins = datetime.fromisoformat(str(call.arguments.get(after.argument)))
        ends = datetime.fromisoformat(str(value))
        follows = ends - begins == timedelta(minutes=after.minutes)
    except (TypeError, ValueError):
        follows = False
    return fits(words) if follows else misfits(f"it must be {words}")


def _standing(template: CompiledTemplate, call: Proposal) -> Match | NoMatch:
    """A tool's own rule as a template: its bounds hold already, what they leave open is asked about."""
    origins: list[Origin] = []
    questions: list[str] = []
    loose: list[str] = []
    for name, value in call.arguments.items():
        limits = _limits(call.rule, name)
        if limits.kind == "content":
            loose.append(name)
        elif call.rule.always_asked or name in call.rule.bound:
            origins.append(Origin(argument=name, trusted=True, words=_bound_words(limits)))
        elif not _left_out(name, value, call):
            found = endorsed(limits, value, call.around)
            if found is None:
                words, seq = origin_of(value, call.around)
                found = untrusted(words, seq)
                questions.append(f"{name} is {words}")
            origins.append(found.origin(name))
    asked, refusals = _content_problems(loose, template, call)
    return Match(
        template=template, origins=tuple(origins), questions=(*questions, *asked), refusals=tuple(refusals)
    )


def _bound_words(limits: Argument) -> str:
    if limits.is_ is not None:
        return f"the caller's {limits.is_}"
    if limits.only_from is not None:
        return f"stood in {limits.only_from}"
    return "within the limits of the remit"


def others(call: Proposal) -> bool:
    """True if anybody but the user learns of the call's content or is affected by it."""
    audience = call.rule.source.audience
    if audience is None or audience == "public":
        return True
    if audience == "user":
        return False
    value = call.arguments.get(audience)
    if value in (None, "", [], {}) or same(value, call.defaults.get(audience)):
        return False
    limits = _limits(call.rule, audience)
    if limits.is_ is None:
        return True
    attested = field_of(call.around.user, tuple(limits.is_.split(".")[1:]))
    return not same(value, attested)


def _content_problems(
    names: Sequence[str], template: CompiledTemplate, call: Proposal
) -> tuple[list[str], list[str]]:
    """What a person is asked about the model's own words, and what is refused, where others read them."""
    questions: list[str] = []
    refusals: list[str] = []
    written = [name for name in names if not _left_out(name, call.arguments.get(name), call)]
    if not written or not others(call):
        return questions, refusals
    for name in written:
        rule = _limits(call.rule, name).active_content
        items = [] if rule == "allow" else _untrusted_items(call.arguments[name], call)
        if items:
            words = f"{name} holds {', '.join(map(shown, items[:3]))}, which no trusted text holds"
            (refusals if rule == "deny" else questions).append(words)
    if not template.standing:
        private = sorted(_private_sources(call) - template.sources)
        if private:
            what, sources = ", ".join(written), ", ".join(private)
            questions.append(f"{what} may carry what {sources} returned, which the grant does not name")
    return questions, refusals


def _untrusted_items(value: Any, call: Proposal) -> list[str]:
    key = f"items {value!r}"
    known: list[str] | None = call.around.found.get(key)
    if known is None:
        items = sorted({item for text in texts_of(value) for item in active_items(text)})
        known = [item for item in items if not any(holds(trusted, item) for trusted in _trusted(call))]
        call.around.found[key] = known
    return known


def _trusted(call: Proposal) -> Iterator[str]:
    yield from call.trusted_texts
    for reading in call.around.readings:
        if reading.integrity != "third_party" and reading.fetched:
            yield reading.text()


def _private_sources(call: Proposal) -> set[str]:
    rules: Mapping[str, ToolRule] = call.around.rules
    private = {name for name, rule in rules.items() if rule.returns.readers == "user"}
    return {reading.tool for reading in call.around.readings if not reading.acted} & private
