"""Does an input resemble what the agent was made for? One trained gate and its judgement of a text.

The score of a text is the largest logit of a topic that the remit names plus twelve times the mean cosine
to its three nearest examples: the first tells topics apart, the second notices what resembles none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from remit.embed import LEXICAL, Vectors, open_embedding
from remit.intake.judgement import GateVerdict, Judgement, Neighbour

RECIPE = "gate-v1"
"""Changes with every change of the features, the training or the score."""
NEIGHBOURS = 3
NEARNESS = 12.0
MARGIN = 1.0
"""Between a topic in scope and one that overlaps it, a text belongs to neither below this difference."""
SHOWN = 3
Kind = Literal["in", "excluded", "out"]
"""In scope, a topic of `does_not`, or out of scope without a topic."""


class GateLabel(NamedTuple):
    """A topic that the gate tells apart from the others."""

    topic: str
    kind: Kind


class HeldOut(NamedTuple):
    """What a gate that had not seen an example made of it: indices into examples and labels."""

    example: int
    label: int
    predicted: int
    score: float
    rival: int
    """The likeliest label of another kind; -1 where there is none."""
    margin: float
    """How much less likely that one is, as a difference of logits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Texts as numbers: `all` for telling topics apart, `meaning` for nearness."""

    all: Vectors
    meaning: Vectors


def features(embedding: str, texts: Sequence[str]) -> Features:
    """The features of texts under one embedding; spelling is always among them."""
    spelling = open_embedding(LEXICAL).embed(texts)
    if embedding == LEXICAL:
        return Features(all=spelling, meaning=spelling)
    meaning = open_embedding(embedding).embed(texts)
    joined = np.hstack([meaning, spelling]) * np.float32(np.sqrt(0.5))
    return Features(all=joined, meaning=meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """The numbers that a gate has learnt."""

    weights: NDArray[np.float32]
    """Features by labels."""
    bias: NDArray[np.float32]
    known: Vectors
    """The meaning of every example of a topic that the remit names."""

    def scored(self, kinds: Sequence[Kind], given: Features) -> "Scored":
        """What each text scores; `kinds` are those of the labels."""
        logits = given.all @ self.weights + self.bias
        named = np.asarray([kind != "out" for kind in kinds])
        cosines = given.meaning @ self.known.T
        near = min(NEIGHBOURS, self.known.shape[0])
        nearest = np.partition(cosines, -near, axis=1)[:, -near:].mean(axis=1)
        best = logits.argmax(axis=1)
        inside = np.asarray([kind == "in" for kind in kinds])
        others = np.where(inside[None, :] == inside[best][:, None], -np.inf, logits)
        rival = others.argmax(axis=1)
        rows = np.arange(len(best))
        margin = logits[rows, best] - others[rows, rival]
        return Scored(
            best=best,
            scores=logits[:, named].max(axis=1) + np.float32(NEARNESS) * nearest,
            cosines=cosines,
            rival=np.where(np.isfinite(margin), rival, -1),
            margin=margin,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Texts as a scorer sees them, one entry or row for each."""

    best: NDArray[np.intp]
    """The likeliest label."""
    scores: NDArray[np.float32]
    cosines: NDArray[np.float32]
    """To every known example."""
    rival: NDArray[np.intp]
    """The likeliest label of another kind, in scope or not; -1 where there is none."""
    margin: NDArray[np.float32]
    """The logit of the best less that of the rival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeGate:
    """A gate as it was trained; the same examples, embedding and share give the same gate."""

    hash: str
    """Of the recipe, the embedding, the examples and the share to keep."""
    embedding: str
    keep: float
    labels: tuple[GateLabel, ...]
    texts: tuple[str, ...]
    """The examples, in the order of their file."""
    label_of: tuple[int, ...]
    """The label of each example."""
    known: tuple[int, ...]
    """Which examples the rows of the scorer's `known` are."""
    scorer: Scorer
    threshold: float
    overlaps: frozenset[tuple[int, int]]
    """Labels, one in scope and one not, that held-out examples show to overlap."""
    held_out: tuple[HeldOut, ...]

    def judge(self, text: str) -> Judgement:
        """The verdict on one text; takes about 5 ms with an embedding of meaning, needs no network."""
        kinds: list[Kind] = [label.kind for label in self.labels]
        scored = self.scorer.scored(kinds, features(self.embedding, [text]))
        found = HeldOut(
            example=-1,
            label=-1,
            predicted=int(scored.best[0]),
            score=float(scored.scores[0]),
            rival=int(scored.rival[0]),
            margin=float(scored.margin[0]),
        )
        nearest = self._nearest(scored.cosines[0])
        verdict, topic, reason = self._verdict(found, nearest)
        return Judgement(
            verdict=verdict,
            topic=topic,
            score=found.score,
            threshold=self.threshold,
            nearest=nearest,
            reason=reason,
        )

    def between(self, found: HeldOut) -> bool:
        """True for a text between two topics that overlap, of which one is out of scope."""
        return (found.predicted, found.rival) in self.overlaps and found.margin < MARGIN

    def passes(self, found: HeldOut) -> bool:
        """Whether a run goes on with such a text."""
        inside = self.labels[found.predicted].kind == "in"
        return inside and found.score >= self.threshold and not self.between(found)

    def _verdict(self, found: HeldOut, nearest: Sequence[Neighbour]) -> tuple[GateVerdict, str | None, str]:
        label = self.labels[found.predicted]
        if label.kind == "out":
            return "out_of_scope", None, "The input resembles examples that are out of scope."
        measured = f"score {found.score:.2f}, threshold {self.threshold:.2f}"
        if found.score < self.threshold:
            closest = f"; the nearest is of {nearest[0].topic!r}" if nearest else ""
            reason = f"The input resembles no example closely enough ({measured}{closest})."
            return "unfamiliar_input", None, reason
        if label.kind == "in" and self.between(found):
            rival = self.labels[found.rival].topic
            reason = f"The input lies between {label.topic!r} and {rival!r}, which overlap."
            return "unfamiliar_input", None, reason
        reason = f"The input resembles examples of {label.topic!r} ({measured})."
        return ("in_scope" if label.kind == "in" else "out_of_scope"), label.topic, reason

    def _nearest(self, cosines: NDArray[np.float32]) -> tuple[Neighbour, ...]:
        order = np.argsort(-cosines, kind="stable")[:SHOWN]
        return tuple(
            Neighbour(
                self.texts[self.known[row]],
                self.labels[self.label_of[self.known[row]]].topic,
                round(float(cosines[row]), 4),
            )
            for row in map(int, order)
        )
