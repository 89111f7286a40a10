"""A value that the runtime computes from fields of results, so that no model and no stranger chooses it."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from remit.contract import Select, Where
from remit.permit.readings import Reading, tagged
from remit.permit.values import Scalar, field_of, is_number, same

NUMBER_DIGITS = 9
"""Sums and products of amounts are compared after rounding to so many digits behind the point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What was computed; a list where `each` was asked for."""

    value: Any
    any_of: bool = False
    """Whether one of the list, or some of it, is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSelected:
    """Nothing could be computed, and why."""

    reason: str
    unread: bool = False
    """Whether the read has yet to be made; otherwise the records leave it open, and a person can decide."""


Record = Mapping[str, Any]


def selected(select: Select, readings: Sequence[Reading]) -> Selected | NotSelected:
    """The value of `select` over what was read; NotSelected where the records do not give exactly one."""
    looked = _latest(each for each in readings if each.tool == select.from_ and each.fetched)
    if not looked:
        return NotSelected(reason=f"{select.from_} has returned nothing yet", unread=True)
    records = [record for record in _records(select, looked) if _holds(select.where, record)]
    if select.pick == "count":
        return Selected(value=_computed(select, len(records)))
    if not records:
        return NotSelected(reason=f"no record of {select.from_} is like that")
    return _PICKS[select.pick](select, records)


def _latest(readings: Iterable[Reading]) -> list[Reading]:
    """The same call made again gives its records anew, not twice."""
    last = {json.dumps(each.arguments, sort_keys=True, default=str): each for each in readings}
    return list(last.values())


def _records(select: Select, looked: Sequence[Reading]) -> Iterator[Record]:
    for reading in looked:
        made_with = {f"argument.{name}": value for name, value in reading.arguments.items()}
        if select.over == "calls":
            yield {**made_with, "count": len(reading.records())}
            continue
        for record in reading.records():
            entries = cast("Record", record) if isinstance(record, Mapping) else {"value": record}
            yield {**entries, **made_with}


def _value(record: Record, field: str | None) -> Any:
    if field is None:
        return None
    return record[field] if field in record else field_of(record, tuple(field.split(".")))


def _holds(conditions: Sequence[Where], record: Record) -> bool:
    return all(_one_holds(each, _value(record, each.field)) for each in conditions)


def _one_holds(where: Where, value: Any) -> bool:
    if where.is_ is not None and not same(value, where.is_):
        return False
    if where.starts_with is not None and not (isinstance(value, str) and value.startswith(where.starts_with)):
        return False
    if where.contains is not None and not _contains(value, where.contains):
        return False
    if where.at_least is not None and not _ordered(where.at_least, value):
        return False
    return where.at_most is None or _ordered(value, where.at_most)


def _contains(value: Any, wanted: str) -> bool:
    if isinstance(value, str):
        return wanted.casefold() in value.casefold()
    return isinstance(value, list) and any(same(each, wanted) for each in cast("list[Any]", value))


def _ordered(low: Any, high: Any) -> bool:
    """True if both are numbers, or both texts, and in this order; times as ISO texts are."""
    if is_number(low) and is_number(high):
        return bool(low <= high)
    return isinstance(low, str) and isinstance(high, str) and low <= high


def _computed(select: Select, value: Any) -> Any:
    if not is_number(value) or (select.times == 1 and select.plus == 0):
        return value
    return round(value * select.times + select.plus, NUMBER_DIGITS)


def _given(select: Select, record: Record) -> Selected | NotSelected:
    value = _value(record, select.field)
    if value is None:
        return NotSelected(reason=f"the record has no {select.field}")
    return Selected(value=_computed(select, value))


def _only(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    if len(records) == 1:
        return _given(select, records[0])
    found = {tagged(value) for record in records if isinstance(value := _value(record, select.field), Scalar)}
    if len(found) == 1 and all(_value(record, select.field) is not None for record in records):
        return _given(select, records[0])
    return NotSelected(reason=f"{len(records)} records of {select.from_} are like that")


def _each(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    return Selected(value=[_computed(select, _value(record, select.field)) for record in records])


def _any(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    return Selected(
        value=[_computed(select, _value(record, select.field)) for record in records], any_of=True
    )


def _first(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    return _given(select, records[0])


def _last(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    return _given(select, records[-1])


def _extreme(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    keys = [_value(record, select.by) for record in records]
    if not (all(map(is_number, keys)) or all(isinstance(key, str) for key in keys)):
        return NotSelected(reason=f"{select.by} cannot be compared")
    best = max(keys) if select.pick == "max" else min(keys)
    winners = [record for record, key in zip(records, keys, strict=True) if key == best]
    if len(winners) > 1:
        return NotSelected(reason=f"{len(winners)} records of {select.from_} share the same {select.by}")
    return _given(select, winners[0])


def _sum(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    values = [_value(record, select.field) for record in records]
    if not all(map(is_number, values)):
        return NotSelected(reason=f"{select.field} is no number")
    return Selected(value=_computed(select, round(sum(values), NUMBER_DIGITS)))


def _most_common(select: Select, records: Sequence[Record]) -> Selected | NotSelected:
    values = [value for record in records if isinstance(value := _value(record, select.field), Scalar)]
    ranked = Counter(map(tagged, values)).most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return NotSelected(reason=f"no {select.field} is the most common one")
    return Selected(value=_computed(select, ranked[0][0][1]))


_PICKS: Mapping[str, Callable[[Select, Sequence[Record]], Selected | NotSelected]] = {
    "only": _only,
    "each": _each,
    "any": _any,
    "first": _first,
    "last": _last,
    "max": _extreme,
    "min": _extreme,
    "sum": _sum,
    "most_common": _most_common,
}
