"""Pictures as numbers: where each bar stands; the templates draw them as SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from remit.console.spans import Span

LEAST_S = 1e-6
"""What lasts less is drawn as if it lasted so long."""
LEAST_WIDTH = 2.0
ROW_HEIGHT = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of a waterfall, in pixels."""

    span: Span
    x: float
    y: int
    width: float


def waterfall(spans: Sequence[Span], width: float, *, now_s: float) -> list[Bar]:
    """A bar for each span in their order, all within `width`, none narrower than two pixels.

    The first one begins at the left edge, whenever that was.
    """
    begin = min([span.start_s for span in spans], default=0.0)
    end = max([now_s if span.end_s is None else span.end_s for span in spans], default=0.0)
    scale = (width - LEAST_WIDTH) / max(end - begin, LEAST_S)
    bars: list[Bar] = []
    for row, span in enumerate(spans):
        last = now_s if span.end_s is None else span.end_s
        x = min((span.start_s - begin) * scale, width - LEAST_WIDTH)
        wide = min(max(LEAST_WIDTH, (last - span.start_s) * scale), width - x)
        bars.append(Bar(span=span, x=round(x, 2), y=row * ROW_HEIGHT, width=round(wide, 2)))
    return bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a strip: two heights in pixels, the second one a part of the first."""

    x: float
    height: float
    part: float
    total: int
    count: int
    at: float
    """When the stretch of time begins, in seconds since the epoch."""


def strip(counts: Sequence[tuple[float, int, int]], width: float, height: float) -> list[Column]:
    """Columns of `(begins at, total, count)`, the highest as high as the strip."""
    highest = max([total for _, total, _ in counts], default=0)
    step = width / len(counts) if counts else 0.0
    return [
        Column(
            x=round(number * step, 2),
            height=round(height * total / highest, 2) if highest else 0.0,
            part=round(height * count / highest, 2) if highest else 0.0,
            total=total,
            count=count,
            at=at,
        )
        for number, (at, total, count) in enumerate(counts)
    ]
