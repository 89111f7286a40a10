"""The JSON Schema files that inputs and answers have to fit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from remit.contract.problem import Finding
from remit.contract.schema import Contract

LARGEST_BYTES = 262_144


def output_schema(contract: Contract, folder: Path) -> dict[str, Any] | None:
    """The schema of a checked contract's answers; None where the answer is a text.

    Raises ValueError for a file that `check` complains of.
    """
    return _opened("output.schema", contract.output.schema_file, folder) if contract.output else None


def input_schema(contract: Contract, folder: Path) -> dict[str, Any] | None:
    """The schema of a checked contract's inputs; None where an input may have any form.

    Raises ValueError for a file that `check` complains of.
    """
    name = contract.input.schema_file
    return _opened("input.schema", name, folder) if name is not None else None


def _opened(where: str, name: str, folder: Path) -> dict[str, Any]:
    schema = _loaded(where, name, folder)
    if isinstance(schema, Finding):
        raise ValueError(schema.message)
    return schema


def schema_findings(contract: Contract, folder: Path) -> Iterator[Finding]:
    """What is wrong with the schema files, if anything."""
    if contract.input.schema_file is not None:
        yield from _file_findings("input.schema", contract.input.schema_file, folder)
    if contract.output is not None:
        yield from _file_findings("output.schema", contract.output.schema_file, folder)


def _file_findings(where: str, name: str, folder: Path) -> Iterator[Finding]:
    schema = _loaded(where, name, folder)
    if isinstance(schema, Finding):
        yield schema
        return
    from jsonschema.exceptions import SchemaError  # heavy, and only needed here
    from jsonschema.validators import validator_for

    try:
        validator_for(schema).check_schema(schema)  # pyright: ignore[reportUnknownMemberType] - untyped stub
    except SchemaError as error:
        place = "/".join(str(part) for part in error.absolute_path)
        yield Finding(where, f"`{name}` is no JSON Schema: at `/{place}`, {error.message}.")
        return
    for reference in _references(schema):
        yield from _reference_finding(where, name, schema, reference)


def _loaded(where: str, name: str, folder: Path) -> dict[str, Any] | Finding:
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            return Finding(where, f"`{name}` lies outside the remit's folder.", "Put it beside the remit.")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError):
        return Finding(where, f"the file `{name}` cannot be read.", "It lies beside the remit.")
    if len(data) > LARGEST_BYTES:
        return Finding(where, f"`{name}` is larger than {LARGEST_BYTES // 1024} KB.")
    try:
        schema: Any = json.loads(data)
    except ValueError as error:
        return Finding(where, f"`{name}` is not JSON: {error}.")
    except RecursionError:
        return Finding(where, f"`{name}` is nested too deeply.")
    if not isinstance(schema, dict):
        return Finding(where, f"`{name}` is no JSON Schema: it is not an object.")
    return cast("dict[str, Any]", schema)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in cast("dict[str, Any]", schema).items():
            if key == "$ref" and isinstance(value, str):
                yield value
            yield from _references(value)
    elif isinstance(schema, list):
        for item in cast("list[Any]", schema):
            yield from _references(item)


def _reference_finding(where: str, name: str, schema: dict[str, Any], reference: str) -> Iterator[Finding]:
    if not reference.startswith("#"):
        yield Finding(
            where, f"`{name}` refers to `{reference}`; nothing is fetched.", "Copy it under `$defs` instead."
        )
    elif reference.startswith("#/") and not _found(schema, reference):
        yield Finding(where, f"`{name}` refers to `{reference}`, which is not in it.")


def _found(schema: Any, reference: str) -> bool:
    place = schema
    for part in reference[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, dict) or key not in place:
            return isinstance(place, list) and key.isdigit()
        place = cast("dict[str, Any]", place)[key]
    return True
