"""A calibration: from which score on an agent may answer alone, and what that rests on. A stored row."""

from dataclasses import dataclass, replace
from hashlib import sha256

from pydantic import TypeAdapter
from pydantic_core import to_json

from remit.stats import Scaling
from remit.store import Row, Statement, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One threshold with its promise, for one way of answering, one model and one slice."""

    agent: str
    release: str
    """The release that the labelled answers were given by."""
    basis: str
    """The hash of everything that decides how answers and their scores come about."""
    model: str
    """The model, as the remit names it."""
    reported_model: str
    """What its provider said it was; empty where that is not known."""
    slice: str
    max_error: float
    """The greatest share of wrong answers among those that go out alone."""
    sure: float
    """How sure that is."""
    threshold: float | None
    """None: no answer may go out alone yet."""
    labels: int
    automatic: int
    """Labelled answers at or above the threshold."""
    errors: int
    """Wrong ones among them."""
    upper_bound: float
    """Above the true error, as sure as stated."""
    coverage: float
    """The share of labelled answers that would have gone out alone."""
    needed: int
    """About how many labels a threshold needs."""
    scaling: Scaling
    """From a score to the probability of being right."""
    since: float
    """When the oldest of the labelled answers was given; seconds since the epoch."""
    points: tuple[tuple[float, bool], ...] = ()
    """Score and truth of each label, for the curves."""
    hash: str = ""
    created_at: float = 0.0
    expired_at: float | None = None
    """When audited answers showed that the promise no longer holds."""
    reason: str = ""
    """What they showed."""


_READ = TypeAdapter(Calibration)
_OF_THE_ROW = {"hash", "created_at", "expired_at", "reason"}


def named(calibration: Calibration) -> Calibration:
    """The calibration with the hash of its content and of the time that it was made at."""
    return replace(calibration, hash=sha256(_content(calibration)).hexdigest()[:16])


def keep_calibration(calibration: Calibration) -> Statement:
    """The statement that makes a named calibration count from now on."""
    return Statement(
        "put_calibration",
        {
            "hash": calibration.hash,
            "agent": calibration.agent,
            "release_hash": calibration.release,
            "basis": calibration.basis,
            "model": calibration.model,
            "slice": calibration.slice,
            "threshold": calibration.threshold,
            "labels": calibration.labels,
            "since": calibration.since,
            "content": _content(calibration),
            "created_at": calibration.created_at,
        },
    )


def _content(calibration: Calibration) -> bytes:
    return to_json({"made_at": calibration.created_at} | _fields(calibration))


def _fields(calibration: Calibration) -> dict[str, object]:
    found = _READ.dump_python(calibration, mode="json")
    return {name: value for name, value in found.items() if name not in _OF_THE_ROW}


def calibration_of(row: Row) -> Calibration:
    """The calibration of a stored row."""
    read = TypeAdapter(dict[str, object]).validate_json(row["content"])
    read.pop("made_at", None)
    known = {name: row[name] for name in _OF_THE_ROW}
    return _READ.validate_python(read | known, strict=False)


def calibrations(store: Store, *, agent: str, basis: str, model: str) -> list[Calibration]:
    """Every calibration of one way of answering by one model, newest first."""
    values = {"agent": agent, "basis": basis, "model": model}
    return [calibration_of(row) for row in store.rows("calibrations_of_basis", values)]


def newest(known: list[Calibration], slice_: str) -> Calibration | None:
    """The calibration that counts for a slice: the newest one; None if there never was any."""
    return next((each for each in known if each.slice == slice_), None)
