"""The file of examples that trains the scope gate: read whole, or refused with every reason."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, cast

import yaml

from remit.contract.problem import Finding, did_you_mean, listed
from remit.contract.schema import Contract
from remit.contract.scope import IN_SCOPE, OUT_OF_SCOPE, Scope

WHERE = "scope.examples"
LARGEST_BYTES = 20_000_000
LONGEST_TEXT = 8_000
FEWEST_IN_SCOPE = 5
"""With fewer, nothing can be said of what is in scope."""
MOST_COMPLAINTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeExample:
    """One text and the topic that a person gave it, as the remit names the topic."""

    text: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    text: Any
    topic: Any


class _Unreadable(Exception):
    """The file as a whole cannot be read; the message says why."""


def scope_examples(contract: Contract, folder: Path) -> tuple[ScopeExample, ...]:
    """The examples of a checked contract, each text once, in the order of the file; none without a gate.

    Raises ValueError for a file that `check` complains of.
    """
    if contract.scope is None:
        return ()
    findings = list(scope_findings(contract, folder))
    if findings:
        raise ValueError(findings[0].message)
    topics = scope_topics(contract)
    rows = _rows(contract.scope, folder)
    first = {_folded(row.text): ScopeExample(text=row.text, topic=topics[_folded(row.topic)]) for row in rows}
    return tuple(first.values())


def scope_topics(contract: Contract) -> dict[str, str]:
    """Every topic that an example may have, as the remit writes it, by its folded form."""
    names = (IN_SCOPE, *contract.does, *(topic.topic for topic in contract.does_not), OUT_OF_SCOPE)
    return {_folded(name): name for name in names}


def scope_findings(contract: Contract, folder: Path) -> Iterator[Finding]:
    """What is wrong with the file of examples, if anything; at most ten complaints of its rows."""
    if contract.scope is None:
        return
    name = contract.scope.examples
    try:
        rows = _rows(contract.scope, folder)
    except _Unreadable as error:
        yield Finding(WHERE, str(error), "It lies beside the remit and has the columns `text` and `topic`.")
        return
    if not rows:
        yield Finding(WHERE, f"`{name}` holds no example.", "Write some, or remove `scope`.")
        return
    found = [*_row_findings(contract, rows), *_contradictions(contract, rows)]
    yield from found[:MOST_COMPLAINTS]
    if len(found) > MOST_COMPLAINTS:
        yield Finding(WHERE, f"`{name}` has {len(found) - MOST_COMPLAINTS} more problems of this kind.")
    if not found:
        yield from _too_few(contract, rows)


def _row_findings(contract: Contract, rows: Iterable[_Row]) -> Iterator[Finding]:
    topics = scope_topics(contract)
    file = contract.scope.examples if contract.scope is not None else ""
    for row in rows:
        place = f"`{file}` line {row.line}"
        if not isinstance(row.text, str) or not row.text.strip():
            yield Finding(WHERE, f"{place} has no text.")
        elif len(row.text) > LONGEST_TEXT:
            yield Finding(WHERE, f"{place}: the text is longer than {LONGEST_TEXT} characters.")
        elif not isinstance(row.topic, str) or not row.topic.strip():
            yield Finding(WHERE, f"{place} has no topic.", f"Write `{IN_SCOPE}` or `{OUT_OF_SCOPE}`.")
        elif _folded(row.topic) not in topics:
            near = did_you_mean(_folded(row.topic), topics)
            message = f"{place}: `{row.topic}` is no topic of this remit."
            yield Finding(WHERE, message, near or f"The topics are {listed(topics.values())}.")


def _contradictions(contract: Contract, rows: Iterable[_Row]) -> Iterator[Finding]:
    file = contract.scope.examples if contract.scope is not None else ""
    seen: dict[str, _Row] = {}
    for row in rows:
        if not isinstance(row.text, str) or not isinstance(row.topic, str):
            continue
        before = seen.setdefault(_folded(row.text), row)
        if _folded(before.topic) != _folded(row.topic):
            yield Finding(
                WHERE,
                f"`{file}` contradicts itself: the same text is `{before.topic}` on line {before.line} "
                f"and `{row.topic}` on line {row.line}.",
                "Keep the one that is right.",
            )


def _too_few(contract: Contract, rows: Iterable[_Row]) -> Iterator[Finding]:
    inside = {_folded(IN_SCOPE), *map(_folded, contract.does)}
    texts = {_folded(row.text) for row in rows if _folded(row.topic) in inside}
    if len(texts) < FEWEST_IN_SCOPE:
        yield Finding(
            WHERE,
            f"{len(texts)} examples are in scope; with fewer than {FEWEST_IN_SCOPE} there is nothing to "
            "learn from.",
            f"Add inputs that the agent is for, with the topic `{IN_SCOPE}` or an entry of `does`.",
        )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _rows(scope: Scope, folder: Path) -> list[_Row]:
    """The rows as they stand; _Unreadable says why there are none."""
    text = _text(scope.examples, folder)
    match Path(scope.examples).suffix.casefold():
        case ".csv":
            return _csv_rows(scope.examples, text)
        case ".jsonl":
            return list(_jsonl_rows(scope.examples, text))
        case ".yaml" | ".yml":
            return _yaml_rows(scope.examples, text)
        case _:
            raise _Unreadable(f"`{scope.examples}` is neither .csv nor .jsonl nor .yaml.")


def _text(name: str, folder: Path) -> str:
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise _Unreadable(f"`{name}` lies outside the remit's folder.")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise _Unreadable(f"`{name}` is larger than {LARGEST_BYTES // 1_000_000} MB.")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(f"`{name}` is not UTF-8.") from error
    except (OSError, ValueError) as error:
        raise _Unreadable(f"the file `{name}` cannot be read.") from error


def _csv_rows(name: str, text: str) -> list[_Row]:
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        missing = {"text", "topic"} - set(reader.fieldnames or ())
        if missing:
            raise _Unreadable(f"`{name}` has no column {listed(sorted(missing))}.")
        return [_Row(line=reader.line_num, text=row["text"], topic=row["topic"]) for row in reader]
    except csv.Error as error:
        raise _Unreadable(f"`{name}` line {reader.line_num} is not CSV: {error}.") from error


def _jsonl_rows(name: str, text: str) -> Iterator[_Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value: Any = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _Unreadable(f"`{name}` line {number} is not JSON.") from error
        yield _row(name, number, value)


def _yaml_rows(name: str, text: str) -> list[_Row]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _Unreadable(f"`{name}` is not YAML.") from error
    if values is None:
        return []
    if not isinstance(values, list) or not isinstance(node, yaml.SequenceNode):
        raise _Unreadable(f"`{name}` is no list of `text` and `topic`.")
    items = cast("list[Any]", values)
    lines = [item.start_mark.line + 1 for item in node.value]
    return [_row(name, line, value) for line, value in zip(lines, items, strict=True)]


def _row(name: str, line: int, value: Any) -> _Row:
    if not isinstance(value, dict):
        raise _Unreadable(f"`{name}` line {line} has no `text` and `topic`.")
    fields = cast("dict[str, Any]", value)
    return _Row(line=line, text=fields.get("text"), topic=fields.get("topic"))
