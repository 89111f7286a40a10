"""How every benchmark ends: a table for people, and one JSON object as the last line for machines."""

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from statistics import median

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    "==": operator.eq,
}
Figures = Mapping[str, float | int | str | list[str]]


def table(unit: str, rows: Mapping[str, Sequence[float]], reference: str) -> str:
    """Least, median and greatest of each row, and its median as a multiple of the reference row's."""
    base = median(rows[reference])
    lines = [f"{unit:<34}{'min':>10}{'median':>10}{'max':>10}{'x':>9}"]
    for name, values in rows.items():
        middle = median(values)
        lines.append(
            f"{name:<34}{min(values):>10.3f}{middle:>10.3f}{max(values):>10.3f}{middle / base:>9.2f}"
        )
    return "\n".join(lines)


def met(figures: Figures, targets: Mapping[str, str]) -> bool:
    """True if every target, such as `"<= 0.5"`, holds for the figure of its name."""
    return all(_holds(figures[name], target) for name, target in targets.items())


def _holds(figure: object, target: str) -> bool:
    sign, bound = target.split()
    return isinstance(figure, int | float) and COMPARE[sign](figure, float(bound))


def last_line(name: str, figures: Figures, targets: Mapping[str, str]) -> str:
    """The JSON object that ends the output of a benchmark."""
    return json.dumps({"name": name, "figures": figures, "targets": targets, "met": met(figures, targets)})
