"""Did the killed processes keep the promises? Pure: evidence in, complaints out."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from crash_bank import BankLine

IRREVERSIBLE, KEYED = "return_fee", "note_fee"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRun:
    """One run as the log's file holds it."""

    state: str
    outcome: str | None
    events: tuple[tuple[str, dict[str, Any]], ...]
    """Kind and body, in order."""

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of all events of a kind."""
        return [body for found, body in self.events if found == kind]

    def keys(self, kind: str) -> set[str]:
        """The calls that have an event of a kind."""
        return {body["key"] for body in self.bodies(kind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Three records, written by three sides: the admitting caller, the bank, and the log."""

    acknowledged: dict[str, str]
    """The run of each order that a caller was told of."""
    bank: tuple[BankLine, ...]
    log: dict[str, LoggedRun]
    chain_breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaints:
    """Every broken promise, as a sentence; all empty if none is broken."""

    runs_lost: tuple[str, ...]
    irreversible_twice: tuple[str, ...]
    keyed_with_another_key: tuple[str, ...]
    ambiguous_not_unknown: tuple[str, ...]
    answered_without_effect: tuple[str, ...]
    chain: tuple[str, ...]


def check(evidence: Evidence) -> Complaints:
    """Hold the three records against each other."""
    return Complaints(
        runs_lost=tuple(_lost(evidence)),
        irreversible_twice=tuple(_twice(evidence.bank)),
        keyed_with_another_key=tuple(_other_key(evidence.bank)),
        ambiguous_not_unknown=tuple(_ambiguous(evidence)),
        answered_without_effect=tuple(_without_effect(evidence)),
        chain=evidence.chain_breaks,
    )


def unknown_keys(evidence: Evidence) -> set[str]:
    """The calls that wait for a person to say whether they took place."""
    return {key for run in evidence.log.values() for key in run.keys("effect_unknown")}


def _lost(evidence: Evidence) -> list[str]:
    """Runs that a caller was told of and that are gone, and runs of the log that nobody will end."""
    gone = [
        f"order {order}: run {run_id} was acknowledged and is not in the log"
        for order, run_id in evidence.acknowledged.items()
        if run_id not in evidence.log
    ]
    stuck = [
        f"run {run_id} is {run.state} and waits for nobody"
        for run_id, run in evidence.log.items()
        if not _settled(run)
    ]
    return gone + stuck


def _settled(run: LoggedRun) -> bool:
    if run.state == "ended":
        return bool(run.bodies("ended"))
    asked = any(body["trigger"] == "effect_unknown" for body in run.bodies("case_opened"))
    return run.state == "waiting" and asked and bool(run.keys("effect_unknown"))


def _twice(bank: tuple[BankLine, ...]) -> list[str]:
    """Orders for which the bank was sent an irreversible request more than once."""
    for_order = Counter(line.order for line in bank if line.tool == IRREVERSIBLE and line.moment == "before")
    return [f"order {order}: sent {count} times" for order, count in for_order.items() if count > 1]


def _other_key(bank: tuple[BankLine, ...]) -> list[str]:
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for line in bank:
        if line.tool == KEYED:
            keys[line.order].add(line.key)
    return [f"order {order}: sent with {len(found)} keys" for order, found in keys.items() if len(found) > 1]


def _ambiguous(evidence: Evidence) -> list[str]:
    """Irreversible calls that were or may have been sent, without a result, and not declared unknown;
    and calls that the bank saw although the log never intended them."""
    complaints: list[str] = []
    intended: set[str] = set()
    for run_id, run in evidence.log.items():
        keys = {body["key"] for body in run.bodies("intended") if body["tool"] == IRREVERSIBLE}
        intended |= keys
        open_keys = keys - run.keys("done") - run.keys("tool_failed") - run.keys("effect_unknown")
        complaints.extend(f"run {run_id}: call {key} has neither result nor unknown" for key in open_keys)
    sent = {line.key for line in evidence.bank if line.tool == IRREVERSIBLE}
    complaints.extend(f"call {key} reached the bank without an intention" for key in sent - intended)
    return complaints


def _without_effect(evidence: Evidence) -> list[str]:
    """Runs that say that all is done while the bank did not act."""
    acted = {line.run_id for line in evidence.bank if line.tool == IRREVERSIBLE and line.moment == "acted"}
    return [
        f"run {run_id} answered, and the bank never acted"
        for run_id, run in evidence.log.items()
        if run.outcome == "answered" and run_id not in acted
    ]
