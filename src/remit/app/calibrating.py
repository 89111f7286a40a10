"""From labelled answers to calibrations: what the log or a file says, held against the remit's bound."""

from dataclasses import dataclass
from pathlib import Path

from remit import stats
from remit.app.labels import Answers, labels_of_log, read_labels
from remit.app.remit import Remit
from remit.contract import Confidence
from remit.errors import RemitError
from remit.log import Calibration, Log, keep_calibration, named
from remit.release import basis_of

LATEST = 1000
"""How many of the latest labels count, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a calibration came to: one row for each model and slice, and what is to be said of the labels."""

    calibrations: tuple[Calibration, ...]
    problems: tuple[str, ...]
    waiting: int = 0
    """Drawn answers that nobody has labelled yet."""


def basis_of_remit(remit: Remit) -> str:
    """The hash of all that decides how this agent's answers and their scores come about."""
    signatures = {name: tool.signature for name, tool in remit.tools.items()}
    return basis_of(
        remit.contract, prompt=remit.prompt, signatures=signatures, output_schema=remit.output_schema
    )


def calibrate_agent(
    log: Log, remit: Remit, *, labels: Path | None = None, latest: int = LATEST, model: str | None = None
) -> Made:
    """Makes and keeps the calibrations of an agent, from the log's labels or from a file.

    RemitError without `confidence`, or where the file cannot be read. Without a label nothing is kept.
    """
    confidence = remit.contract.confidence
    if confidence is None:
        raise RemitError(
            f"{remit.name} has no `confidence` in its remit, so there is nothing to calibrate.",
            remedy="Add `confidence: observe`; it records scores without holding anything back.",
        )
    basis = basis_of_remit(remit)
    problems: list[str] = []
    if labels is not None:
        read = read_labels(labels)
        name = model or remit.contract.model.use
        answers = [Answers(model=name, reported_model="", labels=read, since=log.clock())]
    else:
        answers, said = labels_of_log(log, agent=remit.name, basis=basis, latest=latest)
        answers = [each for each in answers if model in (None, each.model)]
        problems += said
    waiting = log.store.rows("drawn_unlabelled", {"agent": remit.name, "basis": basis})[0]["waiting"]
    if not answers:
        chain = (remit.contract.model.use, *remit.contract.model.fallback)
        answers = [Answers(model=model or chain[0], reported_model="", labels=(), since=log.clock())]
    made: list[Calibration] = []
    for each in answers:
        found, said = _calibrated(log, remit, confidence, basis, each)
        made += found
        problems += said
    # Nothing that is known of no answer takes the place of what is known.
    log.store.execute_now(*(keep_calibration(each) for each in made if each.labels))
    return Made(calibrations=tuple(made), problems=tuple(problems), waiting=waiting)


def _calibrated(
    log: Log, remit: Remit, confidence: Confidence, basis: str, answers: Answers
) -> tuple[list[Calibration], tuple[str, ...]]:
    sifted = stats.sift(answers.labels)
    labels = list(sifted.labels)
    if confidence.slices is None:
        labels = [stats.Label(score=label.score, correct=label.correct) for label in labels]
    found = stats.calibrate_slices(labels, max_error=confidence.max_error, sure=confidence.sure)
    made: list[Calibration] = []
    for slice_, threshold in found.items():
        members = [label for label in labels if label.group == slice_]
        scores, correct = [label.score for label in members], [label.correct for label in members]
        made.append(
            named(
                Calibration(
                    agent=remit.name,
                    release=remit.release.hash,
                    basis=basis,
                    model=answers.model,
                    reported_model=answers.reported_model,
                    slice=slice_,
                    max_error=confidence.max_error,
                    sure=confidence.sure,
                    threshold=threshold.threshold,
                    labels=threshold.labels,
                    automatic=threshold.automatic,
                    errors=threshold.errors,
                    upper_bound=threshold.upper_bound,
                    coverage=threshold.coverage,
                    needed=threshold.needed,
                    scaling=stats.fit_scaling(scores, correct),
                    since=answers.since,
                    points=tuple(zip(scores, correct, strict=True)),
                    created_at=log.clock(),
                )
            )
        )
    return made, sifted.problems
