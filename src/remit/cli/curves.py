"""The curves of a calibration as text: how often answers are right, and error against coverage. Pure."""

from remit.cli.promise import reliability_of
from remit.log import Calibration
from remit.stats import CurvePoint, risk_coverage
from remit.telling import Line, Painted, Style, faint

BAR = 30
MOST_ROWS = 12


def curve_lines(calibration: Calibration) -> list[Line]:
    """Both curves, in lines; nothing where there is no label."""
    if not calibration.points:
        return []
    return [*_reliability(calibration), (), *_risk(calibration)]


def _reliability(calibration: Calibration) -> list[Line]:
    found = reliability_of(calibration)
    lines: list[Line] = [
        (faint(f"  said likely   were right   (mean gap {found.error:.1%}; | marks what was said)"),)
    ]
    for each in found.bins:
        bar = list("#" * round(each.right * BAR) + "." * (BAR - round(each.right * BAR)))
        bar[min(BAR - 1, round(each.score * BAR))] = "|"
        lines.append((f"  {each.score:>10.1%} {each.right:>12.1%}   {''.join(bar)} {each.count:>5}",))
    return lines


def _risk(calibration: Calibration) -> list[Line]:
    scores, correct = [score for score, _ in calibration.points], [right for _, right in calibration.points]
    points = risk_coverage(scores, correct)
    lines: list[Line] = [(faint("  without a person   wrong among them   threshold"),)]
    for point in _thinned(points):
        risk = f"{point.risk:>16.1%}"
        style = Style.GOOD if point.risk <= calibration.max_error else Style.WARN
        here = _is_chosen(calibration, point, points)
        lines.append(
            (
                f"  {point.coverage:>16.1%}",
                Painted(f"   {risk}", style),
                f"   {point.threshold:.4f}{'  <- the threshold' if here else ''}",
            )
        )
    return lines


def _is_chosen(calibration: Calibration, point: CurvePoint, points: tuple[CurvePoint, ...]) -> bool:
    if calibration.threshold is None:
        return False
    reached = [each for each in _thinned(points) if each.threshold >= calibration.threshold]
    return bool(reached) and reached[-1] is point


def _thinned(points: tuple[CurvePoint, ...]) -> list[CurvePoint]:
    """A dozen points, spread over the coverage."""
    if len(points) <= MOST_ROWS:
        return list(points)
    step = (len(points) - 1) / (MOST_ROWS - 1)
    return [points[round(index * step)] for index in range(MOST_ROWS)]
