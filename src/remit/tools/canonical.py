"""One spelling for equal JSON values, so that they have one hash."""

import hashlib
import json
from typing import Any, cast

LARGEST_EXACT = 2**53
"""Beyond this a float no longer names one integer."""


def integral(value: Any) -> Any:
    """The same JSON value with every float that is a whole number written as an integer."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < LARGEST_EXACT else value
    if isinstance(value, dict):
        return {key: integral(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [integral(item) for item in cast("list[Any]", value)]
    return value


def digest(value: Any) -> str:
    """SHA-256 in hex of a JSON value; equal values have equal digests, in any order of keys."""
    spelling = json.dumps(integral(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelling.encode("ascii")).hexdigest()
