"""What has been read in this run, with its labels: the only place where references look."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from remit.contract import FieldLabel, Returns
from remit.event import Integrity, meet
from remit.permit.content import folded
from remit.permit.values import Scalar, field_of, is_number, leaves_at

Tagged = tuple[str, Scalar]
"""A scalar with its type, so that 1 is not True and 5 is 5.0."""


def tagged(value: Scalar) -> Tagged:
    """The value with its type."""
    if isinstance(value, bool):
        return "truth", value
    return ("number", value) if is_number(value) else ("text", value)


@dataclass(slots=True, kw_only=True)
class Reading:
    """One result of this run; what is looked up in it is found once and kept."""

    tool: str
    result: Any
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seq: int = 0
    """The event that holds it."""
    returns: Returns = field(default_factory=lambda: Returns.model_validate({}))
    integrity: Integrity = Integrity.THIRD_PARTY
    fetched: bool = True
    """Whether the tool gave it just now: an earlier result and a person's account vouch for nothing."""
    pinned: bool = False
    """Whether every argument of the call was trusted by construction."""
    acted: bool = False
    """Whether the call had a side effect."""
    _values: dict[tuple[str, ...], dict[Tagged, None]] = field(
        default_factory=dict[tuple[str, ...], dict[Tagged, None]]
    )
    _text: str | None = None

    def values(self, path: tuple[str, ...]) -> Mapping[Tagged, None]:
        """Every scalar that stands in this field of the result, in its order."""
        known = self._values.get(path)
        if known is None:
            known = {tagged(value): None for value in leaves_at(self.result, path)}
            self._values[path] = known
        return known

    def holds(self, value: Any, path: tuple[str, ...]) -> bool:
        """True if this field of the result is this value, compared whole and by type."""
        return isinstance(value, Scalar) and tagged(value) in self.values(path)

    def text(self) -> str:
        """The result as one folded text."""
        if self._text is None:
            whole = self.result
            written = whole if isinstance(whole, str) else json.dumps(whole, ensure_ascii=False)
            self._text = folded(written)
        return self._text

    def label(self, path: tuple[str, ...]) -> FieldLabel | None:
        """What the remit says of this field; None if nothing."""
        return self.returns.fields.get(".".join(path))

    def records(self) -> Sequence[Any]:
        """The records that the result is made of: those of a list, else the one that it is."""
        whole = self.result
        if self.returns.records is not None:
            whole = field_of(whole, tuple(self.returns.records.split(".")))
        if isinstance(whole, list):
            return cast("list[Any]", whole)
        if isinstance(whole, Mapping):
            entries = cast("Mapping[str, Any]", whole)
            inner = entries.get("result")
            # A server wraps a list, as structured content has to be an object.
            if len(entries) == 1 and isinstance(inner, list):
                return cast("list[Any]", inner)
            return [entries]
        return [] if whole is None else [whole]


def result_integrity(declared: Integrity, returns: Returns, result: Any) -> Integrity:
    """Whose words a result is made of: the least trusted of its parts.

    The file tightens what the code declares of the whole. A result whose every value stands in a field that
    is labelled `attested` is attested; of nothing at all there is nothing to trust.
    """
    whole = declared
    if returns.integrity is not None:
        whole = meet((declared, Integrity(returns.integrity)))
    attested = {name for name, label in returns.fields.items() if label.integrity == "attested"}
    if not attested:
        if any(label.integrity == "third_party" for label in returns.fields.values()):
            return Integrity.THIRD_PARTY
        return whole
    names = list(_leaf_names(result, ""))
    if whole is Integrity.THIRD_PARTY and names and all(name in attested for name in names):
        return Integrity.ATTESTED
    strangers = {name for name, label in returns.fields.items() if label.integrity == "third_party"}
    return Integrity.THIRD_PARTY if strangers else whole


def _leaf_names(value: Any, name: str) -> Iterator[str]:
    """The dotted name of every scalar; lists add nothing to a name."""
    pending: list[tuple[Any, str]] = [(value, name)]
    while pending:
        item, at = pending.pop()
        if isinstance(item, Mapping):
            entries = cast("Mapping[str, Any]", item)
            pending.extend((each, f"{at}.{key}" if at else key) for key, each in entries.items())
        elif isinstance(item, list | tuple):
            pending.extend((each, at) for each in cast("Sequence[Any]", item))
        elif item is not None:
            yield at
