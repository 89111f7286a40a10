"""A calibration in words, for people and for programs. Pure."""

from datetime import UTC, datetime
from typing import Any

from remit.contract import Confidence, promise_text, share_text
from remit.log import Calibration
from remit.stats import Reliability, reliability, risk_coverage
from remit.telling import Line, Painted, Style, faint, iso_time, one_line, strong


def promise_lines(calibration: Calibration) -> list[Line]:
    """Whose promise it is, what it says, and what it rests on."""
    slice_ = f", slice {calibration.slice}" if calibration.slice else ""
    head = (strong(one_line(f"{calibration.model}{slice_}")), faint(f"  promise {calibration.hash}"))
    if calibration.expired_at is not None:
        ended = f"  expired on {day(calibration.expired_at)}: {calibration.reason}; people answer"
        return [head, (Painted(ended, Style.BAD),), (faint(f"  it said: {promise_words(calibration)}"),)]
    if calibration.threshold is None:
        return [head, (Painted(f"  {missing_words(calibration)}", Style.WARN),)]
    return [
        head,
        (f"  {promise_words(calibration)}",),
        (f"  threshold {calibration.threshold:.4g}: {evidence_words(calibration)}",),
    ]


def promise_words(calibration: Calibration) -> str:
    """`at most 5 % wrong among those answered without a person, 90 % sure, 412 labels, since 3 November`."""
    bound = Confidence.model_validate({"max_error": calibration.max_error, "sure": calibration.sure})
    return f"{promise_text(bound)}, {calibration.labels} labels, since {day(calibration.since)}"


def evidence_words(calibration: Calibration) -> str:
    """What the threshold rests on."""
    return (
        f"{share_text(round(calibration.coverage, 3))} of the labelled answers reach it, "
        f"{calibration.errors} of these {calibration.automatic} were wrong; the true share is at most "
        f"{share_text(round(calibration.upper_bound, 4))}"
    )


def missing_words(calibration: Calibration) -> str:
    """Why there is no threshold, and how much is missing."""
    if calibration.labels < calibration.needed:
        so_far = f"{calibration.labels} of about {calibration.needed} labels"
        return f"{so_far}; until then every answer goes to people"
    bound = Confidence.model_validate({"max_error": calibration.max_error, "sure": calibration.sure})
    return (
        f"{calibration.labels} labels show no score at which {promise_text(bound)}; every answer goes to "
        "people. More labels, a better score or a wider bound would help"
    )


def day(at: float) -> str:
    """A day as people write it, in UTC."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%B}"


def reliability_of(calibration: Calibration) -> Reliability:
    """How often answers were right, by the probability that is shown for them."""
    shown = [calibration.scaling.probability(score) for score, _ in calibration.points]
    return reliability(shown, [correct for _, correct in calibration.points], bins=10)


def calibration_fields(calibration: Calibration, *, curves: bool = True) -> dict[str, Any]:
    """The calibration for a program."""
    fields: dict[str, Any] = {
        "hash": calibration.hash,
        "release": calibration.release,
        "model": calibration.model,
        "reported_model": calibration.reported_model,
        "slice": calibration.slice,
        "promise": promise_words(calibration) if calibration.threshold is not None else None,
        "state": state_of(calibration),
        "reason": calibration.reason or (missing_words(calibration) if calibration.threshold is None else ""),
        "max_error": calibration.max_error,
        "sure": calibration.sure,
        "threshold": calibration.threshold,
        "labels": calibration.labels,
        "needed": calibration.needed,
        "automatic": calibration.automatic,
        "errors": calibration.errors,
        "upper_bound": calibration.upper_bound,
        "coverage": calibration.coverage,
        "since": iso_time(calibration.since),
        "created_at": iso_time(calibration.created_at),
        "expired_at": iso_time(calibration.expired_at),
    }
    if not curves:
        return fields
    found = reliability_of(calibration)
    scores, correct = [score for score, _ in calibration.points], [right for _, right in calibration.points]
    fields["calibration_error"] = found.error
    fields["reliability"] = [
        {"low": each.low, "high": each.high, "score": each.score, "right": each.right, "labels": each.count}
        for each in found.bins
    ]
    fields["risk_coverage"] = [
        {"threshold": point.threshold, "coverage": point.coverage, "risk": point.risk}
        for point in risk_coverage(scores, correct)
    ]
    return fields


def state_of(calibration: Calibration) -> str:
    """`holds`, `expired` or `missing`."""
    if calibration.expired_at is not None:
        return "expired"
    return "holds" if calibration.threshold is not None else "missing"
