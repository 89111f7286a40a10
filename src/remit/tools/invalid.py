"""Wrong arguments, said so that a model can mend them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

MOST_COMPLAINTS = 5
MOST_SHOWN_CHARACTERS = 60


def sentences(errors: Sequence[Mapping[str, Any]], arguments: Mapping[str, Any], names: Sequence[str]) -> str:
    """One sentence for each error of pydantic, at most five: which argument, what is wanted, what came."""
    said = list(dict.fromkeys(_sentence(error, arguments, names) for error in errors))
    more = len(said) - MOST_COMPLAINTS
    return " ".join(said[:MOST_COMPLAINTS]) + (f" And {more} more." if more > 0 else "")


def _sentence(error: Mapping[str, Any], arguments: Mapping[str, Any], names: Sequence[str]) -> str:
    location = cast("tuple[str | int, ...]", error["loc"])
    path = _path(location, arguments, missing=error["type"] == "missing")
    if error["type"] == "missing":
        return f"Argument {path} is missing."
    if error["type"] == "extra_forbidden":
        taken = ", ".join(names) or "no arguments"
        return f"{path} is not an argument of this tool; it takes {taken}."
    wanted = str(error["msg"]).replace("Input should be", "must be").replace("Value error, ", "")
    verb = "" if wanted.startswith("must") else "is wrong: "
    return f"Argument {path} {verb}{wanted}, not {shown(error['input'])}."


def _path(location: Sequence[str | int], arguments: Any, *, missing: bool) -> str:
    """The location without the names of union members, which are no part of the arguments."""
    parts: list[str] = []
    value = arguments
    for index, step in enumerate(location):
        if isinstance(value, dict) and step in value:
            value = cast("dict[Any, Any]", value)[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(cast("list[Any]", value)):
            value = cast("list[Any]", value)[step]
        elif not (missing and index == len(location) - 1):
            continue
        parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(parts).removeprefix(".") or ".".join(str(step) for step in location)


def shown(value: Any) -> str:
    """A value as JSON, cut to a length that fits into a sentence."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_SHOWN_CHARACTERS else text[: MOST_SHOWN_CHARACTERS - 1] + "…"
