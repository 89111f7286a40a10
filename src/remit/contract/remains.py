"""What is left of a remit without its faulty keys, so that the rest can still be looked at."""

import copy
from collections.abc import Iterable
from typing import Any, cast

from remit.contract.nodes import Location

_STAND_INS: dict[str, Any] = {
    "remit": 1,
    "agent": "unnamed",
    "purpose": "-",
    "model": "none:none",
    "does": ["-"],
}
_NAMED_FROM_ELSEWHERE = frozenset({"handover", "queues", "servers", "tools"})
"""Without these, every mention of what they declare would look like a fault of its own."""


def without(data: dict[str, Any], faults: Iterable[tuple[Location, str]]) -> dict[str, Any] | None:
    """A copy without the faulty keys; None where too little would be left to judge the rest by."""
    rest = copy.deepcopy(data)
    for location, fault in faults:
        if not _cut(rest, location, fault):
            return None
    return rest


def _cut(rest: dict[str, Any], location: Location, fault: str) -> bool:
    if not location:
        return False
    first = location[0]
    if isinstance(first, str) and first in _STAND_INS:
        rest[first] = copy.deepcopy(_STAND_INS[first])
        return True
    target = location[:-1] if fault == "missing" and len(location) > 1 else location
    if first in _NAMED_FROM_ELSEWHERE and len(target) <= 2 and fault != "extra_forbidden":
        return False
    return _remove(rest, target)


def _remove(rest: dict[str, Any], location: Location) -> bool:
    """Remove a key; of a list, the whole list, so that no other item changes its place."""
    lists = [depth for depth, part in enumerate(location) if isinstance(part, int)]
    keys = [str(part) for part in (location[: lists[0]] if lists else location)]
    parent = rest
    for key in keys[:-1]:
        child = parent.get(key)
        if not isinstance(child, dict):
            return True
        parent = cast("dict[str, Any]", child)
    parent.pop(keys[-1], None)
    return True
