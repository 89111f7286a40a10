"""Does the checker notice? Evidence of a real crash run, falsified in one way at a time."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from crash_bank import BankLine
from crash_check import IRREVERSIBLE, KEYED, Evidence, LoggedRun, check
from crash_child import LOG
from crash_evidence import breaks

Lie = tuple[str, Callable[[Evidence], Evidence]]
"""The kind of complaint that must follow, and the falsification."""


def lose_a_run(evidence: Evidence) -> Evidence:
    """A run that a caller was told of is gone."""
    gone = next(iter(evidence.acknowledged.values()))
    return replace(evidence, log={key: run for key, run in evidence.log.items() if key != gone})


def leave_a_run(evidence: Evidence) -> Evidence:
    """A run is still marked as running."""
    return _with_run(evidence, "answered", lambda run: replace(run, state="runnable"))


def send_twice(evidence: Evidence) -> Evidence:
    """The bank got one irreversible request twice."""
    return replace(evidence, bank=(*evidence.bank, _line(evidence, IRREVERSIBLE)))


def change_a_key(evidence: Evidence) -> Evidence:
    """The bank got a keyed request again with another key."""
    return replace(evidence, bank=(*evidence.bank, replace(_line(evidence, KEYED), key="another")))


def forget_an_unknown(evidence: Evidence) -> Evidence:
    """An irreversible call has neither a result nor the word unknown."""
    return _with_run(evidence, "answered", lambda run: _without(run, "done"))


def act_unasked(evidence: Evidence) -> Evidence:
    """The bank saw a call that the log never intended."""
    line = replace(_line(evidence, IRREVERSIBLE), key="unasked", order="unasked")
    return replace(evidence, bank=(*evidence.bank, line))


def act_never(evidence: Evidence) -> Evidence:
    """A run answered that all is done, and the bank did nothing."""
    answered = next(key for key, run in evidence.log.items() if run.outcome == "answered")
    return replace(evidence, bank=tuple(line for line in evidence.bank if line.run_id != answered))


LIES: tuple[Lie, ...] = (
    ("runs_lost", lose_a_run),
    ("runs_lost", leave_a_run),
    ("irreversible_twice", send_twice),
    ("keyed_with_another_key", change_a_key),
    ("ambiguous_not_unknown", forget_an_unknown),
    ("ambiguous_not_unknown", act_unasked),
    ("answered_without_effect", act_never),
)
TAMPERING = {
    "a body was changed": "update body set data = cast('{}' as blob) where seq = 0",
    "an event was taken out": "delete from event where seq = 1",
    "a run lost its tail": "delete from event where (run_id, seq) in (select run_id, max(seq) from event"
    " group by run_id)",
}


def undetected(evidence: Evidence, folder: Path) -> list[str]:
    """The falsifications that the checker did not complain about in the right place, and false alarms."""
    missed = [
        f"{lie.__doc__} ({expected})" for expected, lie in LIES if not getattr(check(lie(evidence)), expected)
    ]
    missed += [what for what, statement in TAMPERING.items() if not breaks(_tampered(folder, statement))]
    alarms = [name for name in check(evidence).__slots__ if getattr(check(evidence), name)]
    return missed + [f"a complaint without a falsification: {name}" for name in alarms]


def _tampered(folder: Path, statement: str) -> Path:
    copy = folder / "tampered.db"
    shutil.copy(folder / LOG, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(statement)
    return copy


def _line(evidence: Evidence, tool: str) -> BankLine:
    return next(line for line in evidence.bank if line.tool == tool and line.moment == "before")


def _with_run(evidence: Evidence, outcome: str, change: Callable[[LoggedRun], LoggedRun]) -> Evidence:
    key, run = next((key, run) for key, run in evidence.log.items() if run.outcome == outcome)
    return replace(evidence, log={**evidence.log, key: change(run)})


def _without(run: LoggedRun, kind: str) -> LoggedRun:
    return replace(run, events=tuple(event for event in run.events if event[0] != kind))
