"""What may a run call? Its templates, from the remit and, within it, from a plan of trusted text."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from pydantic import ValidationError

from remit.contract import Contract, Hole
from remit.contract import Template as Written
from remit.event import Grant, Template
from remit.permit.content import verbatim
from remit.permit.templates import STANDING
from remit.permit.values import shown

MOST_PLANNED = 40
MOST_USES = 20
"""A plan of more is cut: a person's wish does not hold that many calls of one kind."""
_FREE: dict[str, Any] = {"free": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a plan becomes: templates, and what of it is not granted."""

    templates: tuple[Template, ...] = ()
    dropped: tuple[str, ...] = ()


def frozen_grant(contract: Contract, guarded: Iterable[str], plan: Planned | None = None) -> Grant:
    """The grant of a run: the templates of the remit, the plan's, and the rules of the other guarded tools.

    A tool that a template of the remit names has no other template. Its id is the hash of its templates.
    """
    named = {template.tool for templates in contract.grants.values() for template in templates}
    templates = [
        _template(f"grants.{name}.{index}", template)
        for name, written in contract.grants.items()
        for index, template in enumerate(written)
    ]
    if plan is not None:
        templates += [each for each in plan.templates if each.tool not in named]
    if not contract.guard.planner:
        templates += [_standing(contract, name) for name in guarded if name not in named]
    return Grant(id=_hash(templates), templates=tuple(templates))


def _template(name: str, written: Written) -> Template:
    holes = {argument: _dumped(hole) for argument, hole in written.args.items()}
    return Template(id=name, tool=written.tool, arguments=holes, uses=written.uses)


def _dumped(hole: Hole) -> dict[str, Any]:
    return hole.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _standing(contract: Contract, name: str) -> Template:
    """The rule of a tool as its template, so that the log shows what was in force."""
    limits = {
        argument: each.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for argument, each in contract.tools[name].args.items()
    }
    return Template(id=f"{STANDING}{name}", tool=name, arguments=limits, uses=None)


def _hash(templates: Sequence[Template]) -> str:
    content = [[each.id, each.tool, each.arguments, each.uses] for each in templates]
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def planned(
    plan: Any, contract: Contract, parameters: Mapping[str, Mapping[str, Any]], own_words: str
) -> Planned:
    """The templates of a plan that was made from the user's own words alone.

    `plan` is `{"calls": [{"tool": ..., "args": {...}, "uses": 1}]}` with arguments as the remit writes them;
    `parameters` are the tools' JSON Schemas. A pin that does not stand word for word in `own_words` is free
    instead, and so is a source that would trust a stranger's choice; what cannot be read is left out.
    """
    entries: Any = cast("Mapping[str, Any]", plan).get("calls") if isinstance(plan, Mapping) else None
    if not isinstance(entries, list):
        return Planned(dropped=("the plan is no list of calls",))
    templates: list[Template] = []
    dropped: list[str] = []
    listed = cast("list[Any]", entries)
    if len(listed) > MOST_PLANNED:
        dropped.append(f"{len(listed) - MOST_PLANNED} calls beyond the first {MOST_PLANNED}")
    for index, entry in enumerate(listed[:MOST_PLANNED]):
        name = f"planner.{index}"
        written = _read(entry)
        if isinstance(written, str):
            dropped.append(f"{name}: {written}")
        elif written.tool not in contract.tools:
            dropped.append(f"{name}: there is no tool {shown(written.tool)}")
        else:
            template, notes = _narrowed(name, written, contract, parameters.get(written.tool, {}), own_words)
            templates.append(template)
            dropped.extend(notes)
    return Planned(templates=tuple(templates), dropped=tuple(dropped))


def _read(entry: Any) -> Written | str:
    try:
        return Written.model_validate_json(json.dumps(entry), by_alias=True, by_name=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"it is no template ({place}: {first['msg']})"
    except (TypeError, ValueError):
        return "it is no JSON"


def _narrowed(
    name: str, written: Written, contract: Contract, schema: Mapping[str, Any], own_words: str
) -> tuple[Template, list[str]]:
    holes: dict[str, Any] = {}
    notes: list[str] = []
    properties = cast("Mapping[str, Any]", schema.get("properties", {}))
    for argument, hole in written.args.items():
        if argument not in properties:
            notes.append(f"{name}: {written.tool} has no argument {shown(argument)}")
            continue
        shape = cast("Mapping[str, Any]", properties[argument])
        why = _too_wide(hole, shape, own_words, egress=contract.tools[written.tool].egress)
        if why is not None:
            notes.append(f"{name}.{argument}: {why}; it is free instead")
        holes[argument] = _FREE if why is not None else _dumped(hole)
    uses = min(written.uses, MOST_USES)
    return Template(id=name, tool=written.tool, arguments=holes, uses=uses), notes


def _too_wide(hole: Hole, schema: Mapping[str, Any], own_words: str, *, egress: bool) -> str | None:
    """Why a plan may not fill the argument so; None where it may."""
    if hole.only_from is not None:
        return f"only a remit may trust the choice of whoever writes {hole.only_from}"
    if hole.quoted_from is not None and not egress:
        return "only what a read is sent to may be quoted from a result"
    for literal in _literals(hole):
        if not _choice(literal, schema) and not verbatim(literal, own_words):
            return f"{shown(literal)} does not stand in the user's own words"
    return None


def _literals(hole: Hole) -> Iterator[Any]:
    if "value" in hole.model_fields_set:
        yield from hole.value if isinstance(hole.value, tuple) else (hole.value,)
    yield from hole.one_of
    if hole.day is not None:
        yield hole.day
    if hole.like is not None:
        yield from _fixed_parts(hole.like)
    yield from (limit for limit in (hole.max, hole.min) if limit is not None)


def _fixed_parts(form: str) -> Iterator[str]:
    """What a form says between its gaps; a form of gaps only says nothing, and nothing is verbatim."""
    parts = [part.strip(" ,;:'\"") for part in form.split("*")]
    yield from [part for part in parts if part] or [""]


def _choice(literal: Any, schema: Mapping[str, Any]) -> bool:
    """True for a member of a closed set that the tool itself declares: which one, the plan may say."""
    forms = [schema, *cast("Sequence[Mapping[str, Any]]", schema.get("anyOf", ()))]
    for form in forms:
        if isinstance(literal, bool) and form.get("type") == "boolean":
            return True
        if not isinstance(literal, bool) and literal in form.get("enum", ()):
            return True
    return False
