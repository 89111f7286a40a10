"""Columns of many rows as one binary array each, of a fixed type, so that a statement stays prepared."""

import struct
from collections.abc import Sequence
from typing import ClassVar

from psycopg import adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format

from remit.store.postgres_connection import without_nul

_HEADER = struct.Struct("!iiiii")
_LENGTH = struct.Struct("!i")
_NULL = b"\xff\xff\xff\xff"


def column(kind: str, values: Sequence[object]) -> "Column":
    """A column of that SQL type, ready to be sent."""
    return _KINDS[kind](values)


class Column:
    """One encoded array; the subclass is its type."""

    element: ClassVar[int]

    def __init__(self, values: Sequence[object]) -> None:
        parts = [b""]
        has_null = 0
        for value in values:
            if value is None:
                has_null = 1
                parts.append(_NULL)
            else:
                data = self.encoded(value)
                parts.append(_LENGTH.pack(len(data)))
                parts.append(data)
        parts[0] = _HEADER.pack(1, has_null, self.element, len(values), 1)
        self.data = b"".join(parts)

    def encoded(self, value: object) -> bytes:
        """One value as Postgres receives it."""
        raise NotImplementedError


class Texts(Column):
    """text[]"""

    element = 25

    def encoded(self, value: object) -> bytes:
        """UTF-8, without NUL."""
        return without_nul(str(value)).encode()


class Blobs(Column):
    """bytea[]"""

    element = 17

    def encoded(self, value: object) -> bytes:
        """The bytes themselves."""
        assert isinstance(value, bytes), "a column of bytes"
        return value


class Integers(Column):
    """int8[]"""

    element = 20

    def encoded(self, value: object) -> bytes:
        """Eight bytes, most significant first."""
        assert isinstance(value, int), "a column of integers"
        return value.to_bytes(8, "big", signed=True)


class Reals(Column):
    """float8[]"""

    element = 701

    def encoded(self, value: object) -> bytes:
        """IEEE 754, most significant byte first."""
        assert isinstance(value, int | float), "a column of numbers"
        return struct.pack("!d", value)


_KINDS: dict[str, type[Column]] = {
    "text": Texts,
    "bytea": Blobs,
    "bigint": Integers,
    "double precision": Reals,
}


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Column) -> bytes:
        return obj.data


def _dumper(oid_of_array: int) -> type[Dumper]:
    return type("ArrayDumper", (_ArrayDumper,), {"oid": oid_of_array})


for _kind, _oid in ((Texts, 1009), (Blobs, 1001), (Integers, 1016), (Reals, 1022)):
    adapters.register_dumper(_kind, _dumper(_oid))
