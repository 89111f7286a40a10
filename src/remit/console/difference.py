"""What is different about the selected runs? Shares inside against shares outside; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value of a facet, and how often it occurs in the selection and in the rest."""

    name: str
    value: str
    inside: int
    outside: int
    share_inside: float
    share_outside: float
    standard_errors: float
    """The difference of the shares in standard errors of a pooled two-sample test of proportions."""


LEAST_STANDARD_ERRORS = 3.0
"""Below this a difference is not shown: among a hundred values one in a thousand would be chance."""


def differences(
    inside: Mapping[str, Mapping[str, int]],
    outside: Mapping[str, Mapping[str, int]],
    totals: tuple[int, int],
) -> Sequence[Difference]:
    """The values that distinguish the selection, the clearest first; counts by facet and value.

    `totals` are the numbers of runs inside and outside. Empty where either is empty.
    """
    n_inside, n_outside = totals
    if not n_inside or not n_outside:
        return []
    found = [
        _difference(name, value, inside[name].get(value, 0), outside.get(name, {}).get(value, 0), totals)
        for name in inside
        for value in {*inside[name], *outside.get(name, {})}
    ]
    clear = [each for each in found if abs(each.standard_errors) >= LEAST_STANDARD_ERRORS]
    return sorted(clear, key=lambda each: (-abs(each.standard_errors), each.name, each.value))


def _difference(name: str, value: str, a: int, b: int, totals: tuple[int, int]) -> Difference:
    n, m = totals
    pooled = (a + b) / (n + m)
    error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return Difference(
        name=name,
        value=value,
        inside=a,
        outside=b,
        share_inside=a / n,
        share_outside=b / m,
        standard_errors=(a / n - b / m) / error if error else 0.0,
    )
