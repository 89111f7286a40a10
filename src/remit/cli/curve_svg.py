"""The curves of a calibration as one picture: SVG without a script, in light and dark. Pure."""

from collections.abc import Callable, Sequence
from html import escape

from remit.cli.promise import missing_words, promise_words, reliability_of, state_of
from remit.contract import share_text
from remit.log import Calibration
from remit.stats import risk_coverage

WIDTH, HEIGHT = 760, 380
SIDE = 250
TOP = 78
LEFTS = (62, 448)
STYLE = """
svg { font: 13px system-ui, sans-serif; }
.paper { fill: #fdfdfc; } .ink { fill: #1d2126; } .faint { fill: #5a626c; }
.line { stroke: #d5d8dc; fill: none; } .guide { stroke: #8a929c; stroke-dasharray: 4 4; fill: none; }
.curve { stroke: #1f6f8b; stroke-width: 2; fill: none; } .dot { fill: #1f6f8b; }
.bound { stroke: #a8452f; stroke-width: 1.5; fill: none; } .warn { fill: #a8452f; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #16191d; } .ink { fill: #e6e8ea; } .faint { fill: #a4acb6; }
  .line { stroke: #3a4048; } .guide { stroke: #78818c; }
  .curve { stroke: #6cc0dc; } .dot { fill: #6cc0dc; }
  .bound { stroke: #f0907a; } .warn { fill: #f0907a; }
}
"""
Place = Callable[[float, float], tuple[float, float]]


def curves_svg(calibration: Calibration) -> str:
    """Reliability on the left, error against coverage on the right, the promise as the title."""
    words = promise_words(calibration) if calibration.threshold is not None else missing_words(calibration)
    about = f"{calibration.model}{', ' + calibration.slice if calibration.slice else ''}"
    ended = " (expired)" if state_of(calibration) == "expired" else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="title desc">',
        f'<title id="title">{escape(f"Confidence of {calibration.agent}, {about}")}</title>',
        f'<desc id="desc">{escape(words + ended)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        _text(20, 28, f"{calibration.agent}  {about}", "ink", weight=600),
        _text(20, 48, words + ended, "warn" if ended or calibration.threshold is None else "faint"),
        *_reliability(calibration, LEFTS[0]),
        *_risk(calibration, LEFTS[1]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _reliability(calibration: Calibration, left: float) -> list[str]:
    at = _frame(left, 1.0, 1.0)
    bins = reliability_of(calibration).bins
    points = [at(each.score, each.right) for each in bins]
    parts = [*_axes(left, 1.0, 1.0, "said likely", "were right"), _path([at(0, 0), at(1, 1)], "guide")]
    parts.append(_path(points, "curve"))
    parts += [
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>'
        f"{each.right:.0%} of {each.count} right, said {each.score:.0%}</title></circle>"
        for each, (x, y) in zip(bins, points, strict=True)
    ]
    return parts


def _risk(calibration: Calibration, left: float) -> list[str]:
    scores, correct = [score for score, _ in calibration.points], [right for _, right in calibration.points]
    curve = risk_coverage(scores, correct)
    top = max([2 * calibration.max_error, *(point.risk for point in curve)])
    at = _frame(left, 1.0, top)
    bound = [at(0, calibration.max_error), at(1, calibration.max_error)]
    parts = [
        *_axes(left, 1.0, top, "answered without a person", "wrong among them"),
        _path(bound, "bound"),
        _text(bound[0][0] + 6, bound[0][1] - 6, f"promised: {share_text(calibration.max_error)}", "warn"),
        _path([at(point.coverage, point.risk) for point in curve], "curve"),
    ]
    if calibration.threshold is not None:
        x, y = at(calibration.coverage, calibration.errors / max(1, calibration.automatic))
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        anchor = "end" if calibration.coverage > 0.6 else "start"
        parts.append(_text(x, y + 20, f"threshold {calibration.threshold:.3g}", "ink", anchor=anchor))
    return parts


def _frame(left: float, width: float, height: float) -> Place:
    return lambda x, y: (left + SIDE * x / width, TOP + SIDE - SIDE * y / height)


def _axes(left: float, width: float, height: float, below: str, beside: str) -> list[str]:
    at = _frame(left, width, height)
    parts = [f'<rect class="line" x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}"/>']
    for share in (0.0, 0.5, 1.0):
        x, base = at(share * width, 0)
        parts.append(_text(x, base + 18, f"{share * width:.0%}", "faint", anchor="middle"))
        y = at(0, share * height)[1] + 4
        parts.append(_text(left - 8, y, _percent(share * height), "faint", anchor="end"))
    parts.append(_text(left + SIDE / 2, TOP + SIDE + 38, below, "ink", anchor="middle"))
    middle = TOP + SIDE / 2
    parts.append(
        f'<text class="ink" text-anchor="middle" transform="translate({left - 46} {middle}) rotate(-90)">'
        f"{escape(beside)}</text>"
    )
    return parts


def _percent(share: float) -> str:
    return f"{share:.0%}" if share in (0.0, 1.0) or share >= 0.1 else f"{share:.1%}"


def _path(points: Sequence[tuple[float, float]], name: str) -> str:
    listing = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{name}" points="{listing}"/>'


def _text(x: float, y: float, text: str, name: str, *, anchor: str = "start", weight: int = 400) -> str:
    return (
        f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
