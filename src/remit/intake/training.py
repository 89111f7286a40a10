"""Trains a scope gate from examples: seconds, no network, the same result every time."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from remit.contract import IN_SCOPE, OUT_OF_SCOPE, Contract, ScopeExample
from remit.intake.gate import RECIPE, Features, GateLabel, HeldOut, Kind, ScopeGate, Scorer, features

FOLDS = 5
ONE_SPLIT_FROM = 3000
"""From this many examples on, one fifth is held out once, not each fifth in turn."""
_INVERSE_PENALTY = 20.0
_STEPS = 40
_NEGLIGIBLE = 1e-6
"""Of the largest eigenvalue: below it an axis holds rounding errors only."""
OVERLAP_LEAST = 2
OVERLAP_SHARE = 0.2


def gate_labels(contract: Contract) -> tuple[GateLabel, ...]:
    """Every topic that an example of this remit may have, and whether it is in scope."""
    inside = [GateLabel(topic, "in") for topic in dict.fromkeys((IN_SCOPE, *contract.does))]
    excluded = [GateLabel(topic.topic, "excluded") for topic in contract.does_not]
    return (*inside, *excluded, GateLabel(OUT_OF_SCOPE, "out"))


def gate_hash(
    embedding: str, keep: float, examples: Sequence[ScopeExample], labels: Sequence[GateLabel]
) -> str:
    """What names a gate: everything that its training depends on."""
    rows = [[example.text, example.topic] for example in examples]
    content = [RECIPE, embedding, keep, rows, labels]
    return sha256(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()[:16]


def train_gate(
    examples: Sequence[ScopeExample], labels: Sequence[GateLabel], *, embedding: str, keep: float
) -> ScopeGate:
    """The gate of these examples; its threshold lets at least `keep` of real inputs in scope pass.

    The threshold is an order statistic of scores that held-out examples got (split conformal prediction:
    Vovk et al. 2005), so the share holds for inputs like the examples, whatever the model is worth.
    """
    used = tuple(label for label in labels if any(example.topic == label.topic for example in examples))
    number = {label.topic: index for index, label in enumerate(used)}
    classes = np.asarray([number[example.topic] for example in examples], dtype=np.intp)
    texts = tuple(example.text for example in examples)
    given = features(embedding, texts)
    kinds: list[Kind] = [label.kind for label in used]
    held_out = _held_out(texts, given, classes, kinds)
    known = np.flatnonzero([kinds[each] != "out" for each in _numbers(classes)])
    return ScopeGate(
        hash=gate_hash(embedding, keep, examples, labels),
        embedding=embedding,
        keep=keep,
        labels=used,
        texts=texts,
        label_of=tuple(_numbers(classes)),
        known=tuple(_numbers(known)),
        scorer=_fitted(given, classes, kinds),
        threshold=threshold_of(held_out, kinds, keep),
        overlaps=overlapping(held_out, kinds),
        held_out=tuple(held_out),
    )


def threshold_of(held_out: Sequence[HeldOut], kinds: Sequence[Kind], keep: float) -> float:
    """The threshold under which at most 1 - `keep` of inputs in scope are lost, wrongly routed ones included.

    Where the examples cannot promise that (too few, or too many wrongly routed), the strictest one that
    loses none of the rightly routed.
    """
    inside = [each for each in held_out if kinds[each.label] == "in"]
    passing = sorted(each.score for each in inside if kinds[each.predicted] == "in")
    if not passing:
        return math.inf
    may_lose = math.floor((1.0 - keep) * (len(inside) + 1) + 1e-9) - (len(inside) - len(passing))
    return passing[max(may_lose, 1) - 1]


def overlapping(held_out: Sequence[HeldOut], kinds: Sequence[Kind]) -> frozenset[tuple[int, int]]:
    """Pairs of labels, one in scope and one not, of which two held-out examples and a fifth were confused."""
    of = Counter(each.label for each in held_out)
    mistaken = Counter(
        (each.label, each.predicted)
        for each in held_out
        if (kinds[each.label] == "in") != (kinds[each.predicted] == "in")
    )
    return frozenset(
        pair
        for (label, predicted), count in mistaken.items()
        if count >= OVERLAP_LEAST and count >= OVERLAP_SHARE * of[label]
        for pair in ((label, predicted), (predicted, label))
    )


def _fitted(given: Features, classes: NDArray[np.intp], kinds: Sequence[Kind]) -> Scorer:
    weights, bias = _regression(given.all, classes, len(kinds))
    known = np.asarray([kinds[each] != "out" for each in _numbers(classes)])
    return Scorer(weights=weights, bias=bias, known=given.meaning[known])


def _regression(
    rows: NDArray[np.float32], classes: NDArray[np.intp], count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Multinomial logistic regression with an L2 penalty, by 40 steps of L-BFGS from zero."""
    if rows.shape[0] >= rows.shape[1]:
        return _minimised(rows, classes, count)
    # Every step stays among the rows, and L-BFGS minds no rotation: few texts need few dimensions.
    values, vectors = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    kept = values > _NEGLIGIBLE * max(values[-1], 1.0)
    axes = (rows.T @ (vectors[:, kept] / np.sqrt(values[kept]))).astype(np.float32)
    weights, bias = _minimised(rows @ axes, classes, count)
    return axes @ weights, bias


def _minimised(
    rows: NDArray[np.float32], classes: NDArray[np.intp], count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    texts, dimensions = rows.shape
    with_one = np.hstack([rows, np.ones((texts, 1), dtype=np.float32)])
    wanted = np.zeros((texts, count), dtype=np.float32)
    wanted[np.arange(texts), classes] = 1.0
    penalty = 1.0 / (_INVERSE_PENALTY * texts)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(dimensions + 1, count).astype(np.float32)
        logits = with_one @ weights
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        sums = shares.sum(axis=1, keepdims=True)
        right = (logits * wanted).sum(axis=1) - np.log(sums[:, 0])
        slope = with_one.T @ (shares / sums - wanted) / np.float32(texts)
        slope[:-1] += np.float32(penalty) * weights[:-1]
        value = -float(right.mean()) + 0.5 * penalty * float((weights[:-1] ** 2).sum())
        return value, slope.ravel().astype(np.float64)

    start = np.zeros((dimensions + 1) * count)
    found: Any = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    weights = np.asarray(found.x, dtype=np.float32).reshape(dimensions + 1, count)
    return weights[:-1], weights[-1]


def _held_out(
    texts: Sequence[str], given: Features, classes: NDArray[np.intp], kinds: Sequence[Kind]
) -> list[HeldOut]:
    """What gates that had not seen it make of each example; of one fifth where there are many."""
    fold_of = _folds(texts, classes)
    found: list[HeldOut] = []
    for fold in range(1 if len(texts) >= ONE_SPLIT_FROM else FOLDS):
        seen, unseen = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        if not len(unseen) or not any(kinds[each] != "out" for each in _numbers(classes[seen])):
            continue
        scorer = _fitted(_rows(given, seen), classes[seen], kinds)
        scored = scorer.scored(kinds, _rows(given, unseen))
        found += [
            HeldOut(
                example=int(row),
                label=int(classes[row]),
                predicted=int(scored.best[at]),
                score=float(scored.scores[at]),
                rival=int(scored.rival[at]),
                margin=float(scored.margin[at]),
            )
            for at, row in enumerate(unseen)
        ]
    return sorted(found)


def _numbers(array: NDArray[np.intp]) -> list[int]:
    return [int(each) for each in array]


def _rows(given: Features, rows: NDArray[np.intp]) -> Features:
    return Features(all=given.all[rows], meaning=given.meaning[rows])


def _folds(texts: Sequence[str], classes: NDArray[np.intp]) -> NDArray[np.intp]:
    """A fold for each example: every topic spread evenly, in an order that only the texts decide."""
    order = sorted(range(len(texts)), key=lambda row: sha256(texts[row].encode("utf-8", "replace")).digest())
    folds = np.zeros(len(texts), dtype=np.intp)
    next_fold: dict[int, int] = {}
    for row in order:
        topic = int(classes[row])
        # Topics begin at different folds, so that small ones do not all lie in the first.
        turn = next_fold.get(topic, topic)
        folds[row] = turn % FOLDS
        next_fold[topic] = turn + 1
    return folds
