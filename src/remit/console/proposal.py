"""A proposed call as a difference of the world: what is known of its object, and what is asked for. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from remit.event import Done, Origin
from remit.log import Entry

MOST_VALUES = 5000
"""Values of the results that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A value as a tool gave it."""

    field: str
    value: Any
    tool: str
    at: float
    """From when it is, in seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One argument of the call beside what is known of it; a line without a proposal is context."""

    name: str
    proposed: Any
    is_proposed: bool
    known: Known | None
    origin: Origin | None = None
    bounds: str = ""

    @property
    def differs(self) -> bool:
        """Whether something else is asked for than what is known."""
        return self.is_proposed and self.known is not None and not same(self.proposed, self.known.value)


def proposal(
    arguments: Mapping[str, Any],
    origins: Sequence[Origin],
    entries: Sequence[Entry],
    bounds: Mapping[str, str],
) -> list[Line]:
    """A line for each argument in its order, then what else is known of the same object.

    The object is the record, among the results of the run, that shares most values with the arguments; of
    equals the latest.
    """
    by_name = {origin.argument: origin for origin in origins}
    record, result = _record(arguments, entries)
    fields = {name: _field(name, value, record) for name, value in arguments.items()}
    lines = [
        Line(
            name=name,
            proposed=value,
            is_proposed=True,
            known=_known(fields[name], record, result),
            origin=by_name.get(name),
            bounds=bounds.get(name, ""),
        )
        for name, value in arguments.items()
    ]
    told = {field for field in fields.values() if field is not None}
    others = [name for name, value in record.items() if name not in told and _is_plain(value)]
    context = [(name, _known(name, record, result)) for name in others]
    return [
        *lines,
        *(Line(name=name, proposed=None, is_proposed=False, known=known) for name, known in context),
    ]


def same(one: object, other: object) -> bool:
    """Whether two values say the same: a number may be written as a text."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return str(one) == str(other) and _is_plain(one) and _is_plain(other)


def _known(field: str | None, record: Mapping[str, Any], result: tuple[Done, float] | None) -> Known | None:
    if field is None or result is None:
        return None
    done, at = result
    return Known(field=field, value=record[field], tool=done.tool, at=done.as_of or at)


def _record(
    arguments: Mapping[str, Any], entries: Sequence[Entry]
) -> tuple[Mapping[str, Any], tuple[Done, float] | None]:
    """The record that shares most with the arguments, and the result that it is from."""
    best: tuple[Mapping[str, Any], tuple[Done, float] | None] = ({}, None)
    most = 0
    left = MOST_VALUES
    for entry in entries:
        if not isinstance(entry.event, Done):
            continue
        for record in _records(entry.event.result):
            left -= len(record) + 1
            if left < 0:
                return best
            shared = sum(_field(name, value, record) is not None for name, value in arguments.items())
            if shared and shared >= most and _names_it(arguments, record):
                most, best = shared, (record, (entry.event, entry.at))
    return best


def _names_it(arguments: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether a text of the call, an id mostly, stands in the record; amounts alone name nothing."""
    return any(
        isinstance(value, str) and any(same(value, other) for other in record.values())
        for value in arguments.values()
    )


def _records(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a result, the outer ones first."""
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            record = cast("Mapping[str, Any]", each)
            yield record
            waiting += reversed(list(record.values()))
        elif isinstance(each, list):
            waiting += reversed(cast("list[Any]", each))


def _field(name: str, value: Any, record: Mapping[str, Any]) -> str | None:
    """The field of the record that the argument is about: of its name, or the only one of its value."""
    if name in record:
        return name
    if not _is_plain(value) or isinstance(value, bool):
        return None
    equal = [field for field, known in record.items() if same(value, known)]
    return equal[0] if len(equal) == 1 else None


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
