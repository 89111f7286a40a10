"""A run's input becomes an example of the scope gate, through a reviewer and the remit's own file."""

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import yaml

from remit.contract import Contract, did_you_mean, parse, scope_examples, scope_topics
from remit.errors import ContractError, DecisionRefused, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedExample:
    """What was written, and where; `new` is False where the file held it already."""

    file: Path
    text: str
    topic: str
    new: bool


def add_scope_example(remit_file: Path, text: str, topic: str, *, run_id: str, by: str) -> AddedExample:
    """Appends the text to the remit's file of examples, with the run that it came from and who says so.

    A CSV file keeps the run and the person where it has the columns `run` and `by`. Raises NotFound for
    a topic that the remit does not name, DecisionRefused where the file gives the text another topic,
    ContractError where the remit or its examples cannot be read.
    """
    parsed = parse(remit_file)
    if parsed.contract is None:
        raise ContractError(str(remit_file), parsed.problems)
    contract, folder = parsed.contract, remit_file.parent
    if contract.scope is None:
        raise NotFound(
            f"{contract.agent} has no `scope`.", remedy="Add `scope: {examples: scope.csv}` to its remit."
        )
    named = _topic(contract, topic)
    file = folder / contract.scope.examples
    try:
        before = {_folded(each.text): each.topic for each in scope_examples(contract, folder)}
    except ValueError as error:
        raise DecisionRefused(
            f"{file} cannot be added to: {error}", remedy="`remit check` says more."
        ) from error
    known = before.get(_folded(text))
    if known is not None and known != named:
        raise DecisionRefused(f"{file} has this text as an example of {known!r}.", remedy="Change it there.")
    if known is None:
        _append(file, {"text": text, "topic": named, "run": run_id, "by": by})
    return AddedExample(file=file, text=text, topic=named, new=known is None)


def _topic(contract: Contract, written: str) -> str:
    topics = scope_topics(contract)
    found = topics.get(_folded(written))
    if found is None:
        names = ", ".join(topics.values())
        near = did_you_mean(_folded(written), topics)
        raise NotFound(f"{contract.agent} has no topic {written!r}.", remedy=near or f"It has: {names}.")
    return found


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _append(file: Path, row: Mapping[str, str]) -> None:
    """The row in one write at the end of the file, on a line of its own."""
    before = file.read_text(encoding="utf-8-sig")
    gap = "" if before.endswith("\n") else "\n"
    with file.open("a", encoding="utf-8", newline="") as stream:
        stream.write(gap + _line(file, before, row))
        stream.flush()
        os.fsync(stream.fileno())


def _line(file: Path, before: str, row: Mapping[str, str]) -> str:
    match file.suffix.casefold():
        case ".csv":
            header = next(csv.reader(StringIO(before, newline="")))
            out = StringIO(newline="")
            writer = csv.DictWriter(out, header, restval="", extrasaction="ignore", lineterminator="\n")
            writer.writerow(row)
            return out.getvalue()
        case ".jsonl":
            return json.dumps(row, ensure_ascii=False) + "\n"
        case _:
            return yaml.safe_dump([dict(row)], allow_unicode=True, sort_keys=False)
