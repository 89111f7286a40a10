"""An outcome as it is printed, and the exit code that it stands for."""

from dataclasses import asdict
from typing import Any

from remit.cli.store_place import store_hint
from remit.handover import way_to
from remit.outcome import Outcome, Waiting
from remit.telling import (
    OUTCOME_STYLE,
    Line,
    Painted,
    clock_time,
    faint,
    iso_time,
    one_line,
    outcome_words,
    plain,
)

EXIT_CODES = {"answered": 0, "degraded": 0, "escalated": 3, "refused": 4, "waiting": 5, "failed": 6}
NEVER_S = 253_402_214_400.0
"""A deadline so late stands for none."""


def exit_code(outcome: Outcome | Waiting) -> int:
    """The code that a script can act on."""
    return EXIT_CODES[outcome.kind]


def ending_lines(run_id: str, outcome: Outcome | Waiting) -> list[Line]:
    """What became of a run, for a person: kind, message, and where to look next."""
    if isinstance(outcome, Waiting):
        return _waiting(outcome)
    words = outcome_words(outcome)
    return [
        (Painted(f"{words[0].upper()}{words[1:]}", OUTCOME_STYLE[outcome.kind]),),
        *[(f"  {line}",) for line in plain(outcome.message).splitlines() or [""]],
        (faint(f"remit show {run_id}{store_hint()}"),),
    ]


def _waiting(outcome: Waiting) -> list[Line]:
    end = deadline_of(outcome)
    until = f", until {clock_time(end)}" if end is not None else ""
    words = one_line(f"Waiting for a person: case {outcome.case} in {outcome.queue}{until}")
    if not outcome.allowed:
        words = one_line(f"Decided: case {outcome.case} in {outcome.queue}; it can still be taken back")
    hint = store_hint()
    return [
        (Painted(words, OUTCOME_STYLE["waiting"]),),
        (f"  {one_line(outcome.question)}",),
        (faint(f"remit cases {outcome.case}{hint}    the whole case, and how to decide it"),),
        *[(faint(f"remit decide {outcome.case} {way}{hint}"),) for way in _ways(outcome.allowed)],
        (faint(f"remit show {outcome.run_id}{hint}"),),
    ]


def _ways(allowed: tuple[str, ...]) -> list[str]:
    """What to type after the case: to approve it, or where nothing is proposed each way to decide it."""
    if not allowed:
        return ["--undo"]
    shown = [word for word in allowed if word == "approve"] or allowed
    return [way_to(word) for word in shown]


def deadline_of(waiting: Waiting) -> float | None:
    """Until when the case can be decided, None where there is no end."""
    at = waiting.deadline.timestamp()
    return at if at < NEVER_S else None


def outcome_fields(run_id: str, outcome: Outcome | Waiting) -> dict[str, Any]:
    """The same for a program: `run_id`, `kind`, `message` and the fields of that kind."""
    fields = asdict(outcome)
    if isinstance(outcome, Waiting):
        fields["deadline"] = iso_time(deadline_of(outcome))
    elif fields.get("as_of") is not None:
        fields["as_of"] = iso_time(fields["as_of"].timestamp())
    return {"run_id": run_id, "kind": fields.pop("kind"), "message": fields.pop("message"), **fields}
