"""Does a value fill an argument of a template, and is it trusted by construction?"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, cast

from remit.contract import Argument, Endorsement, Hole, ToolRule
from remit.event import Origin
from remit.permit.content import folded, holds, verbatim
from remit.permit.readings import Reading, tagged
from remit.permit.selecting import NotSelected, Selected, selected
from remit.permit.values import Scalar, field_of, is_number, same, shown

Verdict = Literal["fits", "untrusted", "misfits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What became of one argument: it fits, it fits but nobody vouches for it, or it does not fit."""

    verdict: Verdict
    words: str
    seq: int | None = None

    def origin(self, argument: str) -> Origin:
        """The same as a part of the permit."""
        return Origin(argument=argument, trusted=self.verdict == "fits", words=self.words, seq=self.seq)


def fits(words: str, seq: int | None = None) -> Filled:
    """Trusted by construction."""
    return Filled(verdict="fits", words=words, seq=seq)


def untrusted(words: str, seq: int | None = None) -> Filled:
    """It may stand there, and nobody vouches for it."""
    return Filled(verdict="untrusted", words=words, seq=seq)


def misfits(words: str) -> Filled:
    """It may not stand there."""
    return Filled(verdict="misfits", words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the values of a call are held against."""

    user: Mapping[str, Any] | None
    own_words: str
    """What the principal wrote themselves; empty where nobody speaks for themselves."""
    readings: Sequence[Reading]
    rules: Mapping[str, ToolRule]
    endorsements: Sequence[Endorsement] = ()
    today: str = ""
    """The day, as `2026-11-23`."""
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    """What was looked up for this call already: several templates ask the same."""


def filled(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    """Whether the value may stand where the template has this hole; `free` is the caller's to judge."""
    form = next((form for name in hole.model_fields_set if (form := _FORMS.get(name)) is not None), None)
    if form is None:
        return untrusted("nothing says what it may be")
    found = form(hole, limits, value, around)
    if found.verdict == "untrusted":
        return endorsed(limits, value, around) or _explained(found, value, around)
    return found


def endorsed(limits: Argument, value: Any, around: Around) -> Filled | None:
    """The endorsement that covers every value, while it lasts; None where there is none."""
    if limits.type is None:
        return None
    owners: list[str] = []
    for each in _entries(value):
        words = next(
            (
                f"{known.owner} vouches for it until {known.until}"
                for known in around.endorsements
                if known.type == limits.type and around.today <= known.until and same(known.value, each)
            ),
            None,
        )
        if words is None:
            return None
        owners.append(words)
    return fits(owners[0]) if owners else None


def origin_of(value: Any, around: Around) -> tuple[str, int | None]:
    """Where an untrusted value was read, in words for a person: an explanation, never a permission."""
    key = f"origin {value!r}"
    if key not in around.found:
        around.found[key] = _origin_of(value, around)
    known: tuple[str, int | None] = around.found[key]
    return known


def _origin_of(value: Any, around: Around) -> tuple[str, int | None]:
    written = [folded(each) for each in map(str, _entries(value)) if each.strip()]
    for reading in reversed(around.readings):
        if written and all(holds(reading.text(), each) for each in written):
            whose = "by a third party" if reading.integrity == "third_party" else "by a trusted source"
            at = f", event {reading.seq}" if reading.seq else ""
            return f"written {whose}: it stands in what {reading.tool} returned{at}", reading.seq
    if around.own_words and written and all(holds(folded(around.own_words), each) for each in written):
        return "it stands in the user's own words", None
    return "it stands in nothing that was read: the model made it or changed it", None


def _explained(found: Filled, value: Any, around: Around) -> Filled:
    words, seq = origin_of(value, around)
    return untrusted(f"{found.words}; {words}" if found.words else words, seq)


def _entries(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(cast("Sequence[Any]", value))
    return [value]


def _value(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    pinned = list(hole.value) if isinstance(hole.value, tuple) else hole.value
    if (
        same(value, pinned)
        or _as_list(value, pinned)
        or (isinstance(pinned, list) and same(sorted_texts(value), sorted_texts(pinned)))
    ):
        return fits("pinned by the template")
    return misfits(f"it must be {shown(pinned)}")


def sorted_texts(value: Any) -> Any:
    """A list of texts in one order, anything else as it is: who is written to first makes no difference."""
    if not isinstance(value, list | tuple):
        return value
    entries = _entries(value)
    return sorted(entries) if all(isinstance(each, str) for each in entries) else entries


def _one_of(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    if any(same(value, each) for each in hole.one_of):
        return fits("one of those that the template pins")
    return misfits(f"it must be one of {', '.join(shown(each) for each in hole.one_of)}")


def _is(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    source, *path = (hole.is_ or "").split(".")
    attested = field_of(around.user, tuple(path)) if source == "user" and path else None
    if attested != "" and isinstance(attested, Scalar) and same(value, attested):
        return fits(f"the caller's {hole.is_}")
    return misfits(f"it must be the caller's {hole.is_}")


def _path(text: str) -> tuple[str, tuple[str, ...]]:
    tool, _, field = text.partition(".")
    return tool, tuple(field.split("."))


def _wrong_type(text: str, limits: Argument, around: Around) -> Filled | None:
    """A misfit where argument and field are identifiers of different namespaces."""
    tool, path = _path(text)
    rule = around.rules.get(tool)
    label = rule.returns.fields.get(".".join(path)) if rule is not None else None
    known = label.type if label is not None else None
    if limits.type is None or known == limits.type:
        return None
    return misfits(f"it is a {limits.type}, and {text} is {f'a {known}' if known else 'not one'}")


def _stood(
    text: str, limits: Argument, value: Any, around: Around, vouched: Callable[[Reading], bool], words: str
) -> Filled | None:
    """Fits where every entry stands in that field of a reading that is `vouched` for."""
    tool, path = _path(text)
    looked = [each for each in around.readings if each.tool == tool and each.fetched and vouched(each)]
    seq: int | None = None
    entries = _entries(value)
    for entry in entries:
        if not isinstance(entry, Scalar):
            return None
        key = tagged(entry)
        found = next((each for each in looked if key in each.values(path)), None)
        if found is None:
            return None
        seq = found.seq
    return fits(words, seq) if entries else None


def _only(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    text = hole.only or ""
    wrong = _wrong_type(text, limits, around)
    if wrong is not None:
        return wrong

    def lone(reading: Reading) -> bool:
        return reading.pinned and len(reading.records()) == 1

    found = _stood(text, limits, value, around, lone, f"the only record that {_path(text)[0]} gave")
    return found or untrusted(f"not {text} of an only record")


def _own(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    if limits.type is not None and limits.type != hole.own:
        return misfits(f"it is a {limits.type}, not a {hole.own}")
    made = {key for reading in around.readings if reading.acted for key in _made(reading, hole.own)}
    entries = _entries(value)
    if entries and all(isinstance(each, Scalar) and tagged(each) in made for each in entries):
        return fits(f"a {hole.own} that this run has made")
    return untrusted(f"no {hole.own} that this run has made")


def _made(reading: Reading, namespace: str | None) -> list[Any]:
    """The identifiers of what a call made, from fields that are labelled with the namespace."""
    if reading.returns.creates != namespace or not reading.fetched:
        return []
    names = [name for name, label in reading.returns.fields.items() if label.type == namespace]
    return [key for name in names for key in reading.values(tuple(name.split(".")))]


def _attested(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    text = hole.attested or ""
    wrong = _wrong_type(text, limits, around)
    if wrong is not None:
        return wrong
    _, path = _path(text)

    def labelled(reading: Reading) -> bool:
        label = reading.label(path)
        if label is None:
            return reading.integrity != "third_party"
        return label.integrity == "attested"

    found = _stood(text, limits, value, around, labelled, f"attested: {text}")
    return found or untrusted(f"not in {text}")


def _only_from(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    text = hole.only_from or ""
    wrong = _wrong_type(text, limits, around)
    if wrong is not None:
        return wrong
    found = _stood(text, limits, value, around, lambda _: True, f"stood in {text}")
    return found or misfits(f"no earlier result has it as {text}")


def _quoted_from(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    looked = [each for each in around.readings if each.tool == hole.quoted_from and each.fetched]
    written = [folded(each) for each in _entries(value) if isinstance(each, str) and each.strip()]
    if written and len(written) == len(_entries(value)):
        for reading in looked:
            if all(holds(reading.text(), each) for each in written):
                return fits(f"quoted from what {hole.quoted_from} returned", reading.seq)
    return misfits(f"it does not stand in what {hole.quoted_from} returned")


def _select(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    assert hole.select is not None, "the form says so"
    if limits.type is not None and hole.select.field is not None:
        wrong = _wrong_type(f"{hole.select.from_}.{hole.select.field}", limits, around)
        if wrong is not None and not hole.select.field.startswith("argument."):
            return wrong
    key = f"select {hole.select!r}"
    if key not in around.found:
        around.found[key] = selected(hole.select, around.readings)
    found: Selected | NotSelected = around.found[key]
    if isinstance(found, NotSelected):
        words = f"it is computed, and {found.reason}"
        return misfits(words) if found.unread else untrusted(words)
    if found.any_of:
        known = all(any(same(entry, each) for each in found.value) for entry in _entries(value))
        words = f"one of those that {hole.select.from_} returned"
        return fits(words) if known and _entries(value) else misfits(f"not {words}")
    if same(value, found.value) or _as_list(value, found.value):
        return fits(f"computed from what {hole.select.from_} returned")
    return misfits(f"the runtime computed {shown(found.value)}")


def _as_list(value: Any, computed: Any) -> bool:
    """A list of one for a single value."""
    return isinstance(value, list) and same(cast("list[Any]", value), [computed])


def _day(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    form = rf"{re.escape(hole.day or '')}(?:[ T]\d\d:\d\d(?::\d\d)?)?"
    if isinstance(value, str) and re.fullmatch(form, value) is not None:
        return fits(f"a time on {hole.day}")
    return misfits(f"it must be on {hole.day}")


def _like(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    """What fits the form is still the model's own words: never trusted by its form alone."""
    parts = (hole.like or "").split("*")
    form = "(.{1,200})".join(re.escape(part) for part in parts)
    if isinstance(value, str) and re.fullmatch(form, value, re.DOTALL) is not None:
        return untrusted("of the form that the template gives")
    return misfits(f"it must be of the form {shown(hole.like)}")


def _from_prompt(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    if around.own_words and verbatim(value, around.own_words):
        return fits("it stands in the user's own words")
    return misfits("it does not stand in the user's own words")


def _range(hole: Hole, limits: Argument, value: Any, around: Around) -> Filled:
    low = hole.min if hole.min is not None else (0.0 if (hole.max or 0.0) >= 0 else float("-inf"))
    high = hole.max if hole.max is not None else float("inf")
    if is_number(value) and isfinite(value) and low <= value <= high:
        return fits(f"a number from {low:.12g} to {high:.12g}")
    return misfits(f"it must be a number from {low:.12g} to {high:.12g}")


_FORMS: Mapping[str, Callable[[Hole, Argument, Any, Around], Filled]] = {
    "value": _value,
    "one_of": _one_of,
    "is_": _is,
    "only": _only,
    "own": _own,
    "attested": _attested,
    "only_from": _only_from,
    "quoted_from": _quoted_from,
    "select": _select,
    "day": _day,
    "like": _like,
    "from_prompt": _from_prompt,
    "max": _range,
    "min": _range,
}
