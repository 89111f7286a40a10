"""Events as bytes: how a body is written to the log and read back."""

from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic_core import SchemaSerializer, from_json, to_json

from remit.errors import StoreNewer
from remit.event.kinds import Event
from remit.event.runs import Ended


class UnknownKind(StoreNewer):
    """The log holds a kind of event that this code does not know: newer code wrote it."""

    def __init__(self, kind: str) -> None:
        message = f"The log holds an event of the kind {kind!r}, which this version does not know."
        super().__init__(message, remedy="Upgrade Remit.")
        self.kind = kind


KINDS: dict[str, type] = {cls.__dataclass_fields__["kind"].default: cls for cls in get_args(Event)}

FREE_FIELDS = frozenset({"input", "user", "arguments", "result", "output", "answer", "body", "correction"})
"""The fields below which any JSON may stand; everywhere else, names and numbers are the runtime's own."""


@cache
def _adapter(cls: type) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


@cache
def _serializer(cls: type) -> SchemaSerializer:
    return _adapter(cls).serializer


def encode(event: Event) -> bytes:
    """The body of an event as UTF-8 JSON, with its defaults left out."""
    # An outcome is told from the others by its `kind`, which is a default of its class.
    keep_defaults = isinstance(event, Ended)
    return _serializer(type(event)).to_json(event, exclude_defaults=not keep_defaults)


def can_hold(value: Any) -> bool:
    """True for a JSON value that a body can hold as it is: whole characters, finite numbers, some depth."""
    try:
        # The levels that an event puts around the value count as well.
        from_json(to_json([[[[value]]]], inf_nan_mode="constants"), allow_inf_nan=False)
    except ValueError:
        return False
    return True


def decode(kind: str, body: bytes) -> Event:
    """The event of that kind with that body; UnknownKind if this code does not know the kind."""
    cls = KINDS.get(kind)
    if cls is None:
        raise UnknownKind(kind)
    event: Event = _adapter(cls).validate_json(body)
    return event


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind's body."""
    return _adapter(KINDS[kind]).json_schema()
