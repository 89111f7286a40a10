"""A file to a contract, or to every reason why it is none."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from remit.contract.complain import location_of, sentence
from remit.contract.nodes import Lines, Location, Reading, dotted, read_yaml
from remit.contract.problem import Problem
from remit.contract.queues import with_queue_defaults
from remit.contract.remains import without
from remit.contract.schema import Contract

LARGEST_BYTES = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What one file says: `contract` is there exactly if there is no problem."""

    contract: Contract | None
    problems: tuple[Problem, ...]
    lines: Lines
    file: str
    remains: Contract | None = None
    """The contract, or what is left of it without its faulty keys: only to look for further
    problems in, so that all are reported at once; never to run."""


def parse(path: Path) -> Parsed:
    """Read one remit with all its problems, in the order of their lines. Never raises."""
    file = str(path)
    text = _text(path)
    if isinstance(text, Problem):
        return Parsed(contract=None, problems=(text,), lines=Lines(), file=file)
    return parse_text(text, file)


def parse_text(text: str, file: str) -> Parsed:
    """Read a remit that is at hand as a text; `file` is its name in the problems. Never raises."""
    reading = read_yaml(text, file)
    lines = Lines(reading.lines)
    if reading.data is None:
        return Parsed(contract=None, problems=tuple(reading.problems), lines=lines, file=file)
    contract, errors = _validated(reading)
    problems = _ordered([*reading.problems, *_problems(errors, reading, lines)])
    remains = contract or _remains(reading.data, errors)
    return Parsed(
        contract=None if problems else contract, problems=problems, lines=lines, file=file, remains=remains
    )


def _text(path: Path) -> str | Problem:
    def unreadable(message: str, suggestion: str = "", line: int = 1) -> Problem:
        return Problem(file=str(path), line=line, where="", message=message, suggestion=suggestion)

    try:
        if not path.exists():
            return unreadable("there is no such file.", "`remit new NAME` writes one to start from.")
        if not path.is_file():
            return unreadable("this is not a file.")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its path is no path"
        return unreadable(f"the file cannot be read: {reason}.")
    if len(data) > LARGEST_BYTES:
        return unreadable(f"the file is larger than {LARGEST_BYTES // 1024} KB; a remit is read by people.")
    if b"\0" in data:
        return unreadable("this is no text file.", "Save it as UTF-8 text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return unreadable("this is not UTF-8 text.", "Save it as UTF-8.", line)


def _errors_of(data: Any) -> tuple[Contract | None, list[ErrorDetails]]:
    try:
        contract = Contract.model_validate_json(json.dumps(data), by_alias=True, by_name=False)
        return with_queue_defaults(contract), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _validated(reading: Reading) -> tuple[Contract | None, list[ErrorDetails]]:
    """Validate; where a text is wanted, take `12` or `true` as the text that was written."""
    contract, errors = _errors_of(reading.data)
    texts = {
        location: reading.written[location]
        for error in errors
        if error["type"] == "string_type"
        for location in (location_of(error), location_of(error)[:-1])
        if location in reading.written
    }
    if not texts:
        return contract, errors
    for location, text in texts.items():
        _put(reading.data, location, text)
    return _errors_of(reading.data)


def _put(data: Any, location: Location, value: Any) -> None:
    for part in location[:-1]:
        data = data[part]
    data[location[-1]] = value


def _problems(errors: Iterable[ErrorDetails], reading: Reading, lines: Lines) -> Iterable[Problem]:
    known = {problem.where for problem in reading.problems}
    for error in errors:
        where = dotted(location_of(error))
        if where in known:
            continue
        message, suggestion = sentence(error)
        yield Problem(
            file=reading.file, line=lines.at(where), where=where, message=message, suggestion=suggestion
        )


def _ordered(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.where)))


def _remains(data: Any, errors: list[ErrorDetails]) -> Contract | None:
    rest = without(data, [(location_of(error), error["type"]) for error in errors])
    return _errors_of(rest)[0] if rest is not None else None
