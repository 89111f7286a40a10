"""Labelled answers: from the log, where reviewers spoke, or from a file that somebody kept."""

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from remit.errors import RemitError
from remit.log import Log, calibration_of
from remit.stats import Label
from remit.store import Row

TRUE = ("true", "1", "right", "good", "yes")
FALSE = ("false", "0", "wrong", "bad", "no")
COLUMNS = "score,correct and, if you like, slice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Labelled answers of one model, the newest first."""

    model: str
    reported_model: str
    labels: tuple[Label, ...]
    since: float
    """When the oldest of them was given; seconds since the epoch."""


def labels_of_log(log: Log, *, agent: str, basis: str, latest: int) -> tuple[list[Answers], tuple[str, ...]]:
    """The latest labelled answers of each model, and what is to be said of those that do not count.

    Only answers that were drawn count, so that the labels are a fair sample of the traffic; where
    reviewers disagree the answer counts as wrong; after an expired promise only later answers count.
    """
    rows = log.store.rows("labelled_answers", {"agent": agent, "basis": basis, "since": 0.0})
    found: list[Answers] = []
    said: list[str] = []
    for model in sorted({row["model"] for row in rows}):
        of_model = [row for row in rows if row["model"] == model]
        answers, problems = _of_model(of_model, _last_alarm(log, agent, basis, model), latest)
        found.append(answers)
        said += problems
    return found, tuple(said)


def _last_alarm(log: Log, agent: str, basis: str, model: str) -> float:
    values = {"agent": agent, "basis": basis, "model": model}
    rows = log.store.rows("calibrations_of_basis", values)
    ends = [calibration_of(row).expired_at for row in rows]
    return max((end for end in ends if end is not None), default=0.0)


def _of_model(rows: Sequence[Row], since: float, latest: int) -> tuple[Answers, list[str]]:
    reported = rows[0]["reported_model"]
    runs = [list(group) for _, group in groupby(rows, key=lambda row: row["run_id"])]
    others = [run for run in runs if run[0]["reported_model"] != reported]
    chosen = [run for run in runs if not run[0]["drawn"]]
    early = [run for run in runs if run[0]["drawn"] and run[0]["at"] <= since]
    kept = [
        run
        for run in runs
        if run[0]["drawn"]
        and run[0]["at"] > since
        and run[0]["reported_model"] == reported
        and run[0]["score"] is not None
    ]
    split = [run for run in kept if len({row["correct"] for row in run}) > 1]
    kept = kept[:latest]
    labels = tuple(
        Label(
            score=run[0]["score"],
            correct=all(row["correct"] for row in run),
            group=run[0]["slice"],
        )
        for run in kept
    )
    oldest = min((run[0]["at"] for run in kept), default=0.0)
    answers = Answers(model=rows[0]["model"], reported_model=reported, labels=labels, since=oldest)
    return answers, [
        *_said(chosen, "were chosen by somebody and not drawn by chance: left out"),
        *_said(others, f"are of another model than {reported}, by the provider's word: left out"),
        *_said(early, "were given before the last promise expired: left out"),
        *_said(split, "have reviewers who disagree: each counts as wrong"),
    ]


def _said(runs: Sequence[object], what: str) -> list[str]:
    return [f"{len(runs)} labelled answers {what}."] if runs else []


def read_labels(file: Path) -> tuple[Label, ...]:
    """The labels of a CSV or JSON-lines file with score, correct and perhaps slice; RemitError otherwise."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RemitError(f"{file} cannot be read: {error}.", remedy="Name a file of UTF-8 text.") from error
    lines = text.splitlines()
    rows = _json_rows(file, lines) if file.suffix in (".jsonl", ".json") else _csv_rows(file, lines)
    return tuple(_label(file, number, row) for number, row in rows)


def _csv_rows(file: Path, lines: Sequence[str]) -> Iterable[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(lines)
    named = {name.strip() for name in reader.fieldnames or ()}
    if not {"score", "correct"} <= named:
        raise RemitError(
            f"{file} has no columns score and correct in its first line.", remedy=f"Name them: {COLUMNS}."
        )
    return [(reader.line_num, {str(key).strip(): value for key, value in row.items()}) for row in reader]


def _json_rows(file: Path, lines: Sequence[str]) -> Iterable[tuple[int, dict[str, Any]]]:
    rows: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError as error:
            raise RemitError(
                f"{file}:{number} is not JSON: {error}.", remedy="One object per line."
            ) from error
        if row is not None:
            rows.append((number, cast("dict[str, Any]", row) if isinstance(row, dict) else {}))
    return rows


def _label(file: Path, number: int, row: dict[str, Any]) -> Label:
    word = str(row.get("correct", "")).strip().casefold()
    if word not in (*TRUE, *FALSE):
        raise RemitError(
            f"{file}:{number}: correct is {row.get('correct')!r}, which says neither right nor wrong.",
            remedy="Write true or false.",
        )
    return Label(score=_number(row.get("score")), correct=word in TRUE, group=str(row.get("slice") or ""))


def _number(value: object) -> float:
    """The value as a number; NaN where it is none, which the calibration leaves out and says."""
    try:
        return float(str(value))
    except ValueError:
        return math.nan
