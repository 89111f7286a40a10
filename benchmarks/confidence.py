"""Does the promise of `confidence` hold on data that nobody here wrote, and what does it cost?

clinc150: a logistic regression over the embedding of room `embed` answers 150 intents; everything out
of scope is wrong if it is answered. frugalml_yelp: recorded labels and confidences of a commercial
service. 1,000 calibrations are drawn from each pool and held against the whole pool, so that the true
error of every threshold is known exactly.
"""

import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from report import last_line
from scipy.optimize import isotonic_regression, minimize
from scipy.stats import binom

from remit.stats import AuditMonitor, calibrate_threshold

NAME = "confidence"
MAX_ERROR, SURE = 0.05, 0.90
DRAWS = 1000
TARGETS = {
    "clinc150_broken": "<= 0.1",
    "clinc150_coverage_of_oracle": ">= 0.95",
    "yelp_broken": "<= 0.1",
    "yelp_coverage_of_oracle": ">= 0.95",
    "drift_error_recalibrated": "<= 0.05",
    "drift_audits_to_alarm": "<= 150",
    "false_alarms_per_5000_audits": "<= 1",
}
PARTS = ("train", "val", "test", "oos_val", "oos_test")
Numbers = np.ndarray


def main() -> None:
    data = Path(os.environ.get("REMIT_BENCH_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    if not (data / "clinc150").is_dir() or not (data / "frugalml_yelp").is_dir():
        say(f"There is no clinc150 or frugalml_yelp under {data}; set REMIT_BENCH_DATA. Skipped.")
        sys.stdout.write(json.dumps({"name": NAME, "skipped": True, "figures": {}, "met": None}) + "\n")
        return
    figures: dict[str, float] = {}
    yelp = read_yelp(data / "frugalml_yelp", 4)
    figures |= promised("yelp", *yelp)
    inside, outside = read_clinc(data / "clinc150")
    scores = np.concatenate((inside[0], outside[0]))
    correct = np.concatenate((inside[1], outside[1]))
    figures |= promised("clinc150", scores, correct)
    figures |= smaller("clinc150", scores, correct)
    figures |= drifting(inside, outside)
    figures |= alarms(inside, outside)
    rounded = {name: round(value, 4) for name, value in figures.items()}
    sys.stdout.write(last_line(NAME, rounded, TARGETS) + "\n")


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


# The promise.


class Pool:
    """Scored answers whose truth is known: error and coverage of every threshold, exactly."""

    def __init__(self, scores: Numbers, correct: Numbers) -> None:
        order = np.argsort(-scores, kind="stable")
        self.scores, self.correct = scores, correct
        self.descending = scores[order]
        self.wrong = np.concatenate(([0], np.cumsum(~correct[order])))

    def above(self, threshold: float | None) -> tuple[float, float]:
        """Error and coverage of what is answered alone; without a threshold, nothing is."""
        if threshold is None:
            return 0.0, 0.0
        count = int(np.searchsorted(-self.descending, -threshold, side="right"))
        return (self.wrong[count] / count if count else 0.0), count / len(self.scores)

    def oracle(self) -> float:
        """The greatest coverage of any threshold whose true error is within the bound."""
        found = [self.above(value) for value in np.unique(self.scores)]
        return max((coverage for error, coverage in found if error <= MAX_ERROR), default=0.0)

    def provable(self, labels: int) -> float:
        """The greatest mean coverage of a threshold known in advance that the labels must still prove."""
        best = 0.0
        for value in np.quantile(self.scores, np.linspace(0, 0.99, 200)):
            error, coverage = self.above(float(value))
            count = round(labels * coverage)
            if error <= MAX_ERROR and count:
                most = int(binom.ppf(1 - SURE, count, MAX_ERROR))
                most -= binom.cdf(most, count, MAX_ERROR) > 1 - SURE
                best = max(best, coverage * float(binom.cdf(most, count, error)))
        return best

    def reachable(self, labels: int) -> float:
        """A mean coverage that no rule with this promise can exceed, however it chooses.

        Whoever answers the share `c` or more alone has told this pool from one that is as like it as may be
        and in which the `c` surest answers, and with them every larger set, break the bound: so at most with
        the power of the best test between the two (Neyman and Pearson), made exact by chance at its edge.
        Smaller sets than the one at which the wrong answers grow denser than the bound cost nothing here.
        """
        rates = isotonic_regression(np.diff(self.wrong).astype(float)).x
        total = len(rates)
        free = int(np.searchsorted(rates, MAX_ERROR)) / total
        steps = np.linspace(free, 1.0, 101)
        powers: list[float] = [1.0]
        for share in steps[1:]:
            error = self.wrong[round(share * total)] / round(share * total)
            count = round(labels * float(share))
            edge = int(binom.ppf(1 - SURE, count, MAX_ERROR))
            left = 1 - SURE - binom.cdf(edge - 1, count, MAX_ERROR)
            chance = float(left / binom.pmf(edge, count, MAX_ERROR))
            power = binom.cdf(edge - 1, count, error) + chance * binom.pmf(edge, count, error)
            powers.append(min(powers[-1], float(power)))
        return free + float(np.trapezoid(powers, steps))


def ours(scores: Numbers, correct: Numbers) -> float | None:
    return calibrate_threshold(scores, correct, max_error=MAX_ERROR, sure=SURE).threshold


def naive(scores: Numbers, correct: Numbers) -> float | None:
    """The lowest threshold whose labelled answers are wrong no more often than the bound."""
    pool = Pool(scores, correct)
    rates = pool.wrong[1:] / np.arange(1, len(scores) + 1)
    within = np.flatnonzero(rates <= MAX_ERROR)
    return float(pool.descending[within[-1]]) if len(within) else None


def fixed(scores: Numbers, correct: Numbers) -> float | None:
    return 0.8


def drawn(
    pool: Pool, method: Callable[[Numbers, Numbers], float | None], labels: int, seed: int
) -> tuple[float, float, float]:
    """The share of calibrations that broke the promise, the mean coverage and the mean error."""
    rng = np.random.default_rng(seed)
    broken, coverages, errors = 0, [], []
    for _ in range(DRAWS):
        chosen = rng.integers(0, len(pool.scores), labels)
        error, coverage = pool.above(method(pool.scores[chosen], pool.correct[chosen]))
        broken += error > MAX_ERROR
        coverages.append(coverage)
        errors.append(error)
    return broken / DRAWS, float(np.mean(coverages)), float(np.mean(errors))


def promised(name: str, scores: Numbers, correct: Numbers) -> dict[str, float]:
    pool = Pool(scores, correct)
    oracle = pool.oracle()
    say(f"\n{name}: {len(scores)} answers, {correct.mean():.1%} right; the oracle answers {oracle:.1%}")
    say(f"{'1,000 labels':24}{'broken':>9}{'coverage':>10}{'of oracle':>11}{'error':>8}")
    figures: dict[str, float] = {
        f"{name}_oracle_coverage": oracle,
        f"{name}_provable_coverage": pool.provable(1000),
        f"{name}_reachable_of_oracle": pool.reachable(1000) / oracle,
    }
    say(f"who knew the best threshold and had to prove it: {figures[f'{name}_provable_coverage']:.1%}")
    most = figures[f"{name}_reachable_of_oracle"]
    say(f"no rule with this promise reaches more than {most:.3f} of the oracle")
    for label, method in (("", ours), ("naive_", naive), ("fixed_0.8_", fixed)):
        broken, coverage, error = drawn(pool, method, 1000, seed=11)
        shown = (label or "remit").rstrip("_")
        say(f"{shown:24}{broken:9.3f}{coverage:10.3f}{coverage / oracle:11.3f}{error:8.3f}")
        figures[f"{name}_{label}broken"] = broken
        figures[f"{name}_{label}coverage_of_oracle"] = coverage / oracle
    return figures


def smaller(name: str, scores: Numbers, correct: Numbers) -> dict[str, float]:
    """The same with fewer labels."""
    pool, figures = Pool(scores, correct), {}
    for labels in (200, 500):
        broken, coverage, _ = drawn(pool, ours, labels, seed=12)
        say(f"{f'remit, {labels} labels':24}{broken:9.3f}{coverage:10.3f}")
        figures[f"{name}_{labels}_broken"], figures[f"{name}_{labels}_coverage"] = broken, coverage
    return figures


# Drift: the share of what is out of scope grows from 5 % to 30 %.

Side = tuple[Numbers, Numbers]


def traffic(inside: Side, outside: Side, share: Numbers, rng: np.random.Generator) -> Side:
    """One answer for each entry of `share`, out of scope with that probability."""
    strange = rng.random(len(share)) < share
    ins, outs = rng.integers(0, len(inside[0]), len(share)), rng.integers(0, len(outside[0]), len(share))
    scores = np.where(strange, outside[0][outs], inside[0][ins])
    return scores, np.where(strange, outside[1][outs], inside[1][ins])


def drifting(inside: Side, outside: Side) -> dict[str, float]:
    """Calibrated anew on the latest 1,000 fair labels every 1,000 answers, against once and for all."""
    rng, renewed, static = np.random.default_rng(13), [], []
    ramp = np.concatenate((np.full(10_000, 0.05), np.linspace(0.05, 0.30, 20_000), np.full(20_000, 0.30)))
    for _ in range(20):
        scores, correct = traffic(inside, outside, ramp, rng)
        # Every answer is drawn for a label with the same probability, whatever becomes of it.
        labelled = np.flatnonzero(rng.random(len(ramp)) < 0.10)
        first = threshold = ours(*traffic(inside, outside, np.full(1000, 0.05), rng))
        counts = {"renewed": [0, 0], "static": [0, 0]}
        for start in range(0, len(ramp), 1000):
            window = labelled[labelled < start][-1000:]
            if len(window) >= 300:
                threshold = ours(scores[window], correct[window])
            if start < 30_000:
                continue
            part = slice(start, start + 1000)
            for name, value in (("renewed", threshold), ("static", first)):
                alone = scores[part] >= (math.inf if value is None else value)
                counts[name][0] += int((alone & ~correct[part]).sum())
                counts[name][1] += int(alone.sum())
        renewed.append(counts["renewed"][0] / max(1, counts["renewed"][1]))
        static.append(counts["static"][0] / max(1, counts["static"][1]))
    say(f"\nafter the drift: wrong {np.mean(renewed):.3f} renewed, {np.mean(static):.3f} as it was")
    return {"drift_error_recalibrated": float(np.mean(renewed)), "drift_error_static": float(np.mean(static))}


def alarms(inside: Side, outside: Side) -> dict[str, float]:
    """Audits until the alarm at 30 % out of scope, and false alarms while the promise holds."""
    rng, found, false = np.random.default_rng(14), [], 0
    for _ in range(200):
        threshold = ours(*traffic(inside, outside, np.full(1000, 0.05), rng))
        found.append(run(audits(inside, outside, 0.30, threshold, 3000, rng)))
        false += run(audits(inside, outside, 0.05, threshold, 5000, rng)) < 5000
    edge = sum(run(rng.random(5000) < MAX_ERROR) < 5000 for _ in range(100)) / 100
    say(
        f"audits to the alarm: median {median(found):.0f}; false alarms per 5,000 audits: {false / 200:.3f}, "
        f"at the very edge of the promise {edge:.3f}"
    )
    return {
        "drift_audits_to_alarm": float(median(found)),
        "false_alarms_per_5000_audits": false / 200,
        "false_alarms_per_5000_audits_at_the_edge": edge,
    }


def audits(
    inside: Side, outside: Side, share: float, threshold: float | None, count: int, rng: np.random.Generator
) -> Numbers:
    """Whether audited answers were wrong, one after the other."""
    scores, correct = traffic(inside, outside, np.full(4 * count, share), rng)
    alone = scores >= (math.inf if threshold is None else threshold)
    return ~correct[alone][:count]


def run(wrong: Numbers) -> int:
    """Audits until the alarm; all of them where it is never raised."""
    monitor = AuditMonitor(max_error=MAX_ERROR)
    for each in wrong:
        monitor = monitor.after(bool(each))
        if monitor.alarm:
            return monitor.audits
    return len(wrong)


# The answers.


def read_yelp(folder: Path, model: int) -> Side:
    scores = np.loadtxt(folder / f"Model{model}_Confidence.txt")
    return scores, np.loadtxt(folder / f"Model{model}_Reward.txt") > 0.5


def read_clinc(folder: Path) -> tuple[Side, Side]:
    """Largest probability and truth of each answer: within scope, and outside it, where all are wrong."""
    found = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    vectors = {part: embedded(part, [text for text, _ in found[part]]) for part in PARTS}
    names = sorted({intent for _, intent in found["train"]})
    codes = {part: np.array([names.index(intent) for _, intent in found[part]]) for part in PARTS[:3]}
    weights = fitted(vectors["train"], codes["train"], len(names))
    scores, correct = [], []
    for part in ("val", "test"):
        chances = probabilities(vectors[part], weights)
        scores.append(chances.max(axis=1))
        correct.append(chances.argmax(axis=1) == codes[part])
    say(f"clinc150: {np.concatenate(correct).mean():.1%} of the answers within scope are right")
    strange = np.concatenate([probabilities(vectors[part], weights).max(axis=1) for part in PARTS[3:]])
    inside = (np.concatenate(scores), np.concatenate(correct))
    return inside, (strange, np.zeros(len(strange), dtype=bool))


def embedded(part: str, texts: list[str]) -> Numbers:
    """The vectors of these texts; kept in the folder that REMIT_BENCH_CACHE names, if it does."""
    from remit.embed import open_embedding

    cache = os.environ.get("REMIT_BENCH_CACHE")
    file = Path(cache) / f"clinc_{part}.npy" if cache else None
    if file is not None and file.exists():
        return np.load(file).astype(np.float64)
    say(f"embedding {len(texts)} texts of {part}")
    model = open_embedding()
    blocks = [np.asarray(model.embed(texts[start : start + 500])) for start in range(0, len(texts), 500)]
    vectors = np.concatenate(blocks)
    if file is not None:
        np.save(file, vectors.astype(np.float32))
    return vectors.astype(np.float64)


def probabilities(vectors: Numbers, weights: Numbers) -> Numbers:
    logits = vectors @ weights[:-1] + weights[-1]
    logits -= logits.max(axis=1, keepdims=True)
    chances = np.exp(logits)
    return chances / chances.sum(axis=1, keepdims=True)


def fitted(vectors: Numbers, codes: Numbers, classes: int, strength: float = 10.0) -> Numbers:
    """Multinomial logistic regression with a quadratic penalty, by L-BFGS."""
    shape = (vectors.shape[1] + 1, classes)
    truth = np.eye(classes)[codes]

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        weights = flat.reshape(shape)
        chances = probabilities(vectors, weights)
        cost = -strength * float(np.log(chances[np.arange(len(codes)), codes] + 1e-300).sum())
        gap = strength * (chances - truth)
        slope = np.vstack((vectors.T @ gap + weights[:-1], gap.sum(axis=0)))
        return cost + 0.5 * float((weights[:-1] ** 2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(math.prod(shape)), jac=True, method="L-BFGS-B", options={"maxiter": 400})
    return found.x.reshape(shape)


if __name__ == "__main__":
    main()
