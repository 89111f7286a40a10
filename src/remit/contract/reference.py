"""The reference of the file, read from the schema: key, type, default and meaning."""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from remit.contract.duration import seconds
from remit.contract.duration import text as duration_text
from remit.contract.failures import ALLOWED
from remit.contract.keys import key_of, members
from remit.contract.part import Part
from remit.contract.path import PATH_KEYS
from remit.contract.problem import listed
from remit.contract.schema import Contract
from remit.outcome import FailureMode


@cache
def _meanings(module: str) -> dict[str, dict[str, str]]:
    """The sentence under each field, by class and field of one file of this room."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {
        one.name: {
            field.target.id: " ".join(below.value.value.split())
            for field, below in pairwise(one.body)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        }
        for one in classes
    }


class KeyReference(NamedTuple):
    """One key of the file, as the reference prints it."""

    key: str
    type: str
    default: str
    meaning: str


def schema_reference() -> list[KeyReference]:
    """Every key that a remit may hold, parents before their children, in the order of the schema."""
    paths = [
        KeyReference(f"PATH.{key}", *_described(form, key, form.model_fields[key]))
        for key, form in PATH_KEYS.items()
    ]
    return [*_keys(Contract, ""), *paths]


def _keys(part: type[Part], prefix: str) -> Iterator[KeyReference]:
    for name, info in part.model_fields.items():
        key = key_of(name, info)
        yield KeyReference(f"{prefix}{key}", *_described(part, name, info))
        for form, step in _nested(info.annotation):
            if form not in PATH_KEYS.values():
                yield from _keys(form, f"{prefix}{key}{step}.")


def _nested(annotation: Any) -> Iterator[tuple[type[Part], str]]:
    for form in members(annotation):
        if isinstance(form, type) and issubclass(form, Part):
            yield form, ""
        elif get_origin(form) is dict:
            yield from ((part, f".NAME{step}") for part, step in _nested(get_args(form)[1]))
        elif get_origin(form) is tuple:
            yield from ((part, f"[]{step}") for part, step in _nested(get_args(form)[0]))


def _described(part: type[Part], name: str, info: FieldInfo) -> tuple[str, str, str]:
    duration = _is_duration(info.metadata)
    kind = "duration" if duration else _type(info.annotation)
    return kind, _default(info, duration=duration), _meanings(part.__module__)[part.__name__].get(name, "")


def _is_duration(metadata: Any) -> bool:
    return any(isinstance(mark, BeforeValidator) and mark.func is seconds for mark in metadata)


def _default(info: FieldInfo, *, duration: bool) -> str:
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined or value in ((), {}):
        return "none"
    if isinstance(value, Part):
        return "as its keys"
    if duration:
        return duration_text(value)
    return json.dumps(value) if not isinstance(value, str) else value


_NAMES: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "anything",
}


def _type(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        return "duration" if _is_duration(marks) else _type(inner)
    if origin in (Union, UnionType):
        return _union(annotation)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    if origin is dict:
        key, value = get_args(annotation)
        return f"mapping of {_type(key)} to {_type(value)}"
    if origin is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if annotation is FailureMode:
        return "MODE"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{value}`" for value in annotation)
    return _NAMES.get(annotation, "mapping")


def _union(annotation: Any) -> str:
    forms = [form for form in get_args(annotation) if form is not NoneType]
    parts = members(annotation)
    if len(parts) > 1 and all(form in parts for form in PATH_KEYS.values()):
        return "PATH"
    return " or ".join(_type(form) for form in forms)


def reference_markdown() -> str:
    """The page docs/reference/remit-file.md, whole."""
    lines = [
        "# The remit file",
        "",
        "Every key that `remit.yaml` may hold, printed from the schema that reads it.",
        "Any other key is an error. A key without a value is an error.",
        "",
        "- `NAME` stands for a name that you choose, `[]` for an entry of a list.",
        "- A *duration* is a number and a unit: `500ms`, `30s`, `5m`, `4h`, `90d`; at most ten years.",
        "- A *PATH* says where a failure leads: `degrade`, `refuse`, `fail`, or one of the four mappings"
        " at the end of the table.",
        f"- A *MODE* is one of {listed(ALLOWED)}.",
        "- A text may stand for a mapping where one key says it all: `model: openai:gpt-5.1-2025-11-13`,"
        " `ask: always`, `does_not: [legal advice]`, `find_order: desk:find_order`.",
        "- Numbers and truth values are `12`, `0.5`, `true` and `false`. `yes`, `on`, `1_000`, `4:30`, `010`"
        " and dates are texts.",
        "- Aliases, merge keys and tags of YAML are not read: what holds stands where it holds.",
        "",
        "| key | type | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| `{row.key}` | {row.type} | {row.default} | {row.meaning} |" for row in schema_reference()]
    return "\n".join(lines) + "\n"
