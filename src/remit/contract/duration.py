"""Durations as people write them: `3s`, `4h`, `90d`."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST_S = 3650 * SECONDS["d"]
_FORM = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,30})?)\s*(ms|s|m|h|d)\s*")


def seconds(value: Any) -> Any:
    """Seconds from a text such as `90s`; ValueError names the form where it is not one."""
    if not isinstance(value, str):
        raise ValueError("a duration is a number and a unit, such as 30s, 5m, 4h or 90d")
    match = _FORM.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is no duration; write a number and a unit, such as 30s, 5m, 4h or 90d")
    duration_s = float(match[1]) * SECONDS[match[2]]
    if not 0 < duration_s <= LONGEST_S:
        raise ValueError(f"a duration is more than 0 and at most {text(LONGEST_S)}, not {value}")
    return duration_s


def text(duration_s: float) -> str:
    """The shortest way to write a duration that reads back as the same."""
    for unit in ("d", "h", "m", "s", "ms"):
        count = round(duration_s / SECONDS[unit])
        if count >= 1 and count * SECONDS[unit] == duration_s:
            return f"{count}{unit}"
    return f"{Decimal(repr(duration_s)):f}s"


Duration = Annotated[
    float,
    BeforeValidator(seconds),
    PlainSerializer(text, return_type=str, when_used="json"),
]
"""Seconds, written with a unit; at most ten years."""
