"""Does an answer have the form that was promised? Extraction, repair and validation of JSON.

What counts as JSON in a text, in this order:
1. the whole text, if it is strict JSON;
2. otherwise its outermost bracketed regions, with anything around them (prose, code fences) put
   aside. A region counts if it fits the schema, or is an object with a key that the schema names.
   If two that count differ, or one that names such a key cannot be read, the answer is invalid:
   nobody but the model may say which one it meant.

A region that is not strict JSON is repaired, and the repair is accepted only if the result says
exactly what the region says (see `faithful`). An answer that was cut off stays invalid, even where
only its last bracket is missing: what else was cut off cannot be known. The same holds for a key
that stands twice with different values, numbers beyond the range of a float, and half characters.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, cast

from remit.contract import misfits
from remit.model.faithful import Unfaithful, check_faithful
from remit.model.region import Region, regions

REPAIR_CHARACTERS = 200_000
"""A longer answer is not repaired, only parsed."""
MOST_REGIONS = 200
"""More bracketed stretches than these are no answer."""
_SHOWN_SCHEMA = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The verdict on one answer."""

    verdict: Literal["valid", "repaired", "invalid"]
    output: Any = None
    changes: tuple[str, ...] = ()
    """What repair did to the wrapping and the syntax."""
    problems: tuple[str, ...] = ()


class _NotJson(Exception):
    """The text is no JSON that can be kept; the argument says why."""


def check_output(text: str, schema: dict[str, Any] | None) -> Checked:
    """The verdict on `text` under `schema`; without a schema the text itself is the valid output."""
    if schema is None:
        return Checked(verdict="valid", output=text)
    try:
        value = _strict(text)
    except _NotJson as problem:
        return _from_regions(text, schema, str(problem))
    problems = misfits(value, schema)
    if problems:
        return Checked(verdict="invalid", problems=problems)
    return Checked(verdict="valid", output=value)


def repair_arguments(text: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments that a malformed text clearly means, if they fit `parameters`; else None."""
    checked = check_output(text, parameters)
    output: Any = checked.output
    if checked.verdict == "invalid" or not isinstance(output, dict):
        return None
    return cast("dict[str, Any]", output)


def reask_note(problems: tuple[str, ...], schema: dict[str, Any]) -> str:
    """What a model is told after an answer that does not fit."""
    listing = "\n".join(f"- {problem}" for problem in problems)
    written = json.dumps(schema, ensure_ascii=False)
    shown = f"\nThe JSON Schema:\n{written}" if len(written) <= _SHOWN_SCHEMA else ""
    return (
        f"Your last answer cannot be used:\n{listing}\n"
        f"Answer again with one complete JSON value that fits the schema, and nothing around it.{shown}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    value: Any
    changes: tuple[str, ...]
    misfits: tuple[str, ...]


def _from_regions(text: str, schema: dict[str, Any], reason: str) -> Checked:
    if len(text) > REPAIR_CHARACTERS:
        return Checked(verdict="invalid", problems=(f"no JSON ({reason}) and too long to repair",))
    found = regions(text)
    if len(found) > MOST_REGIONS:
        return Checked(verdict="invalid", problems=(f"the answer holds {len(found)} JSON values",))
    readings: list[_Reading] = []
    problems: list[str] = []
    for region in found:
        try:
            readings.append(_read(text, region, schema))
        except _NotJson as problem:
            if not region.closed or _names_a_key(text[region.start : region.end], schema):
                return Checked(verdict="invalid", problems=(str(problem),))
            problems.append(str(problem))
    return _chosen(readings, problems, schema)


def _chosen(readings: list[_Reading], problems: list[str], schema: dict[str, Any]) -> Checked:
    counting = [reading for reading in readings if not reading.misfits or _resembles(reading.value, schema)]
    if len({json.dumps(reading.value, sort_keys=True) for reading in counting}) > 1:
        return Checked(verdict="invalid", problems=("the answer holds several JSON values that differ",))
    if counting and not counting[0].misfits:
        return Checked(verdict="repaired", output=counting[0].value, changes=counting[0].changes)
    found = [misfit for reading in counting or readings for misfit in reading.misfits] + problems
    return Checked(verdict="invalid", problems=tuple(found) or ("there is no JSON in the answer",))


def _names_a_key(raw: str, schema: dict[str, Any]) -> bool:
    return any(key in raw for key in schema.get("properties", {}))


def _resembles(value: Any, schema: dict[str, Any]) -> bool:
    keys = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return any(key in schema.get("properties", {}) for key in keys)


def _read(text: str, region: Region, schema: dict[str, Any]) -> _Reading:
    end = region.end
    if not region.closed:
        # Quotes that do not match hide the closing bracket from the scan; the check of the repair
        # decides whether the last one in the text really closes the region.
        end = max(text.rfind("}"), text.rfind("]")) + 1
        if end <= region.start:
            raise _NotJson("truncated: the answer ends before its JSON does")
    raw = text[region.start : end]
    changes: list[str] = []
    if text[: region.start].strip() or text[end:].strip():
        changes.append("text around the JSON removed")
    try:
        value = _strict(raw)
    except _NotJson as problem:
        value, change = _repaired(raw, problem, closed=region.closed)
        changes.append(change)
    return _Reading(value=value, changes=tuple(changes), misfits=misfits(value, schema))


def _strict(text: str) -> Any:
    return _load(text, strict=True)


def _load(text: str, *, strict: bool) -> Any:
    try:
        value = json.loads(
            text.strip("\ufeff \t\r\n"), strict=strict, object_pairs_hook=_pairs, parse_constant=_constant
        )
    except RecursionError:
        raise _NotJson("it is nested too deeply") from None
    except ValueError as error:
        raise _NotJson(str(error)) from None
    return _sound(value)


def _constant(word: str) -> NoReturn:
    raise _NotJson(f"{word} is not a JSON number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value and json.dumps(value[key]) != json.dumps(item):
            raise _NotJson(f"the key {key[:40]!r} stands twice with different values")
        value[key] = item
    return value


def _sound(value: Any) -> Any:
    """The value, if the log can hold it as it is."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except RecursionError:
        raise _NotJson("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise _NotJson("a text in it holds half a character") from None
    except ValueError:
        raise _NotJson("a number in it is beyond the range of a float") from None
    return value


def _without_control_check(raw: str) -> Any:
    return _load(raw, strict=False)


def _by_library(raw: str) -> Any:
    import json_repair

    return _sound(json_repair.loads(raw, skip_json_loads=True))


_REPAIRS: tuple[tuple[str, Callable[[str], Any]], ...] = (
    ("control characters in texts escaped", _without_control_check),
    ("syntax repaired", _by_library),
)


def _repaired(raw: str, problem: _NotJson, *, closed: bool) -> tuple[Any, str]:
    """A value that says what `raw` says, and how it was come by; raises _NotJson."""
    reason = str(problem)
    if "stands twice" in reason:
        raise problem
    for change, repair in _REPAIRS:
        try:
            value = repair(raw)
            check_faithful(raw, value)
        except _NotJson:
            continue
        except (Unfaithful, RecursionError, ValueError) as error:
            reason = f"{problem}; repair would change its content: {error}"
            continue
        return value, change
    if not closed:
        raise _NotJson("truncated: the answer ends before its JSON does")
    raise _NotJson(f"the JSON is malformed: {reason}")
