"""What is a scope gate worth? Read off what it made of examples that it had not seen."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import beta

from remit.intake.gate import HeldOut, ScopeGate

_SURE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Held-out examples of one topic that were taken for another."""

    topic: str
    taken_for: str
    count: int
    of: int
    """Held-out examples of the topic."""
    crosses: bool
    """True where one of the two is in scope and the other is not."""
    overlap: bool
    """True where they overlap so much that what lies between them goes to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A held-out example in scope that the gate would not have let pass, or only just."""

    text: str
    topic: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """What held-out examples say of a gate."""

    examples: int
    in_scope: int
    held_out_in_scope: int
    kept: int
    """Held-out examples in scope that pass."""
    kept_from: float
    """The lower end of the 95 % interval of the share that passes (Clopper and Pearson)."""
    kept_to: float
    needed: int
    """How many more examples in scope it takes before the declared share can be promised at all."""
    holds: bool
    """Whether as many pass as the remit declares."""
    caught: int
    """Held-out examples out of scope, named topics included, that do not pass."""
    held_out_outside: int
    confusions: tuple[Confusion, ...]
    near_misses: tuple[Lost, ...]

    @property
    def kept_share(self) -> float:
        """The share of held-out examples in scope that pass; 0 where there are none."""
        return self.kept / self.held_out_in_scope if self.held_out_in_scope else 0.0


def gate_report(gate: ScopeGate, *, most: int = 10) -> GateReport:
    """The figures of a gate, its most frequent confusions and its nearest misses, at most `most` of each."""
    inside = [each for each in gate.held_out if gate.labels[each.label].kind == "in"]
    outside = [each for each in gate.held_out if gate.labels[each.label].kind != "in"]
    kept = sum(gate.passes(each) for each in inside)
    low, high = share_interval(kept, len(inside))
    lost = [each for each in inside if not gate.passes(each)]
    in_scope = sum(gate.labels[label].kind == "in" for label in gate.label_of)
    return GateReport(
        examples=len(gate.texts),
        in_scope=in_scope,
        held_out_in_scope=len(inside),
        kept=kept,
        kept_from=low,
        kept_to=high,
        needed=max(0, fewest_examples(gate.keep) - in_scope),
        holds=bool(inside) and len(lost) <= math.floor((1.0 - gate.keep) * (len(inside) + 1) + 1e-9),
        caught=sum(not gate.passes(each) for each in outside),
        held_out_outside=len(outside),
        confusions=tuple(_confusions(gate)[:most]),
        near_misses=tuple(_lost(gate, lost, most)),
    )


def fewest_examples(keep: float) -> int:
    """Examples in scope below which no threshold can be promised to keep that share."""
    return math.ceil(1.0 / (1.0 - keep) - 1e-9) - 1


def share_interval(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Clopper and Pearson, Biometrika 1934)."""
    if count == 0:
        return 0.0, 1.0
    tail = (1.0 - _SURE) / 2
    low = float(beta.ppf(tail, hits, count - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1.0 - tail, hits + 1, count - hits)) if hits < count else 1.0
    return low, high


def _confusions(gate: ScopeGate) -> list[Confusion]:
    of = Counter(each.label for each in gate.held_out)
    pairs = Counter((each.label, each.predicted) for each in gate.held_out if each.label != each.predicted)
    found = [
        Confusion(
            topic=gate.labels[label].topic,
            taken_for=gate.labels[predicted].topic,
            count=count,
            of=of[label],
            overlap=(label, predicted) in gate.overlaps,
            crosses=(gate.labels[label].kind == "in") != (gate.labels[predicted].kind == "in"),
        )
        for (label, predicted), count in pairs.items()
    ]
    return sorted(found, key=lambda each: (not each.crosses, -each.count, each.topic, each.taken_for))


def _lost(gate: ScopeGate, lost: Sequence[HeldOut], most: int) -> list[Lost]:
    nearest = sorted(lost, key=lambda each: (-each.score, each.example))[:most]
    return [
        Lost(text=gate.texts[each.example], topic=gate.labels[each.label].topic, score=round(each.score, 3))
        for each in nearest
    ]
