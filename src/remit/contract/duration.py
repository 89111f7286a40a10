"""Durations as people write them: `3s`, `4h`, `90d`."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$")


def seconds(value: Any) -> Any:
    """Seconds from a text such as `90s`; ValueError names the form where it is not one."""
    if isinstance(value, bool) or not isinstance(value, str):
        raise ValueError("a duration is a number and a unit, such as 30s, 5m, 4h or 90d")
    match = _FORM.match(value)
    if match is None:
        raise ValueError(f"{value!r} is no duration; write a number and a unit, such as 30s, 5m, 4h or 90d")
    return float(match[1]) * SECONDS[match[2]]


def text(duration_s: float) -> str:
    """The shortest way to write a duration that reads back as the same."""
    for unit in ("d", "h", "m", "s"):
        count = duration_s / SECONDS[unit]
        if count >= 1 and count == int(count):
            return f"{int(count)}{unit}"
    return f"{duration_s:g}s" if duration_s >= 1 else f"{duration_s * 1000:g}ms"


Duration = Annotated[float, BeforeValidator(seconds), Field(gt=0)]
"""Seconds, written with a unit."""
