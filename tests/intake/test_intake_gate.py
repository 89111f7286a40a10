"""The scope gate: what it lets pass, what it promises, and that training it twice gives the same."""

import math
from pathlib import Path

import numpy as np
import pytest
from gate_world import LEGAL, OTHER, REFUND, ROWS, WHERE, contract_of, examples_of, gate_of
from hypothesis import given
from hypothesis import strategies as st

from remit.embed import LEXICAL, MINILM, can_embed
from remit.errors import EmbeddingMissing
from remit.intake import HeldOut, check_gate, gate_labels, gate_report, opened_gate, screen
from remit.intake.gate_figures import fewest_examples, share_interval
from remit.intake.training import gate_hash, threshold_of

IN, OUT = 0, 1


@pytest.fixture(autouse=True)
def _installed() -> None:
    if not can_embed(MINILM):
        pytest.skip("the extra `scope` is not installed")


def held(score: float, predicted: int = IN, label: int = IN) -> HeldOut:
    return HeldOut(example=0, label=label, predicted=predicted, score=score, rival=-1, margin=math.inf)


@pytest.mark.parametrize("embedding", [MINILM, LEXICAL])
def test_what_resembles_the_examples_passes_and_the_rest_does_not(embedding: str) -> None:
    gate = gate_of(embedding=embedding)
    assert gate.judge("Where is my package now?").topic == "tell where an order is"
    assert gate.judge("Where is my package now?").verdict == "in_scope"
    legal = gate.judge("My lawyer says that your contract is illegal.")
    assert (legal.verdict, legal.topic) == ("out_of_scope", "legal advice")
    caught = [gate.judge(text).verdict for text in OTHER].count("unfamiliar_input")
    assert caught == len(OTHER) if embedding == MINILM else caught >= 3


def test_a_judgement_says_score_threshold_and_nearest_examples() -> None:
    gate = gate_of()
    found = gate.judge("Where is my order 1001?")
    assert found.threshold == gate.threshold
    assert found.score >= found.threshold
    assert found.nearest[0].text == "Where is my order 1001?"
    assert found.nearest[0].similarity == pytest.approx(1.0)
    assert [each.similarity for each in found.nearest] == sorted(
        (each.similarity for each in found.nearest), reverse=True
    )
    assert f"{found.threshold:.2f}" in found.reason


@pytest.mark.parametrize("text", ["", "??", "\u2603", "x" * 50_000, "\ud800", "\x00"])
def test_no_text_is_too_odd_to_be_judged(text: str) -> None:
    assert gate_of(embedding=MINILM).judge(text).verdict == "unfamiliar_input"


def test_examples_out_of_scope_need_no_topic() -> None:
    gate = gate_of([*ROWS, *((text, "out of scope") for text in OTHER)], embedding=MINILM)
    found = gate.judge("What is the capital of Spain?")
    assert (found.verdict, found.topic) == ("out_of_scope", None)


def test_one_topic_is_enough() -> None:
    gate = gate_of([(text, "in scope") for text in WHERE + REFUND], embedding=MINILM)
    assert gate.judge("Where has my parcel got to?").verdict == "in_scope"
    assert gate.judge("Write a poem about the sea.").verdict == "unfamiliar_input"


def test_the_same_examples_give_the_same_gate_and_others_another_one() -> None:
    first, second = gate_of(), gate_of()
    assert first.hash == second.hash
    assert first.threshold == second.threshold
    assert np.array_equal(first.scorer.weights, second.scorer.weights)
    assert first.held_out == second.held_out
    labels = gate_labels(contract_of())
    names = {
        gate_hash(LEXICAL, 0.9, examples_of(ROWS), labels),
        gate_hash(MINILM, 0.9, examples_of(ROWS), labels),
        gate_hash(LEXICAL, 0.91, examples_of(ROWS), labels),
        gate_hash(LEXICAL, 0.9, examples_of(ROWS[1:]), labels),
        gate_hash(LEXICAL, 0.9, examples_of(ROWS), labels[1:]),
    }
    assert len(names) == 5


def test_a_gate_is_kept_and_a_spoilt_file_is_trained_again(tmp_path: Path) -> None:
    environment = {"REMIT_GATES": str(tmp_path)}

    def opened():
        return opened_gate(contract_of(), examples_of(ROWS), environment=environment, embedding=LEXICAL)

    first = opened()
    (file,) = tmp_path.iterdir()
    again = opened()
    assert again.held_out == first.held_out
    assert (again.hash, again.labels, again.overlaps) == (first.hash, first.labels, first.overlaps)
    assert again.judge(WHERE[0]) == first.judge(WHERE[0])
    for spoilt in (b"", b"PK\x03\x04", file.read_bytes()[:-200]):
        file.write_bytes(spoilt)
        assert opened().judge(WHERE[0]) == first.judge(WHERE[0])
    other = tmp_path / "other.npz"
    file.rename(other)
    opened()
    other.replace(file)
    assert opened().hash == first.hash


def test_where_nothing_can_be_kept_a_gate_is_trained_each_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    environment = {"REMIT_GATES": str(blocked / "folder")}
    gate = opened_gate(contract_of(), examples_of(ROWS), environment=environment, embedding=LEXICAL)
    assert gate.judge(WHERE[0]).verdict == "in_scope"


def test_a_release_with_an_embedding_that_is_not_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingMissing, match="no embedding old-v0"):
        opened_gate(
            contract_of(),
            examples_of(ROWS),
            environment={"REMIT_GATES": str(tmp_path)},
            embedding="old-v0",
        )


@given(
    scores=st.lists(st.floats(-5, 20), min_size=1, max_size=200),
    keep=st.sampled_from([0.5, 0.9, 0.95, 0.99]),
    wrong=st.integers(0, 5),
)
def test_the_threshold_loses_no_more_than_declared(scores: list[float], keep: float, wrong: int) -> None:
    found = [held(score) for score in scores] + [held(99.0, predicted=OUT) for _ in range(wrong)]
    threshold = threshold_of(found, ["in", "excluded"], keep)
    passing = sum(score >= threshold for score in scores)
    count = len(scores) + wrong
    may_lose = math.floor((1 - keep) * (count + 1) + 1e-9)
    # One in scope passes with a chance of at least `keep`: at most may_lose of count + 1 ranks lie below.
    assert len(scores) - passing <= max(may_lose - wrong - 1, 0)
    assert threshold in scores


def test_new_inputs_pass_as_often_as_declared() -> None:
    """Split conformal prediction on real draws: mean share over 400 calibrations of 60 scores."""
    draw = np.random.default_rng(5)
    shares = []
    for _ in range(400):
        scores = draw.normal(size=60)
        threshold = threshold_of([held(float(score)) for score in scores], ["in", "excluded"], 0.9)
        shares.append(float((draw.normal(size=500) >= threshold).mean()))
    assert 0.9 <= float(np.mean(shares)) <= 0.93


def test_nothing_in_scope_is_recognised_then_nothing_passes() -> None:
    assert threshold_of([held(3.0, predicted=OUT)], ["in", "excluded"], 0.9) == math.inf


def test_a_report_counts_what_a_gate_that_had_not_seen_it_made_of_each_example() -> None:
    gate = gate_of(embedding=MINILM)
    report = gate_report(gate)
    assert (report.examples, report.in_scope, report.held_out_in_scope) == (26, 20, 20)
    assert (report.held_out_outside, report.needed) == (6, 0)
    assert report.kept >= 17
    assert report.kept_from < report.kept_share < report.kept_to
    assert all(each.of in (6, 10) for each in report.confusions)
    assert report.kept == report.held_out_in_scope - len(report.near_misses)


def test_ten_examples_are_too_few_for_a_promise_and_it_is_said() -> None:
    gate = gate_of([(text, "in scope") for text in WHERE], keep=0.95)
    (finding,) = [found for found in check_gate(gate, "my-desk") if found.where == "scope.keep"]
    assert "10 examples are in scope; from 19 on" in finding.message
    assert "Add 9 more" in finding.suggestion
    assert gate.threshold == min(each.score for each in gate.held_out)


def test_topics_that_overlap_are_named_and_what_lies_between_is_unfamiliar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("remit.intake.gate.MARGIN", 100.0)
    mixed = [
        *((text, "refund a late order" if at % 2 else "legal advice") for at, text in enumerate(REFUND)),
        *((text, "legal advice" if at % 2 else "refund a late order") for at, text in enumerate(LEGAL)),
        *((text, "tell where an order is") for text in WHERE),
    ]
    gate = gate_of(mixed, embedding=MINILM)
    found = [finding.message for finding in check_gate(gate, "my-desk")]
    assert any("overlap" in message and "`legal advice`" in message for message in found)
    assert gate.overlaps
    between = [gate.judge(f"{text} Please.") for text in REFUND]
    assert any("which overlap" in judgement.reason for judgement in between)
    assert all(
        judgement.verdict == "unfamiliar_input"
        for judgement in between
        if "which overlap" in judgement.reason
    )


def test_the_words_of_a_topic_come_before_the_gate() -> None:
    class Never:
        hash = "never"

        def judge(self, text: str):
            raise AssertionError(f"asked about {text}")

    found = screen(contract_of(), "I need legal help", count_tokens=len, gate=Never())
    assert (found.verdict, found.topic, found.queue) == ("out_of_scope", "legal advice", "legal")
    assert found.judgement is None


def test_a_topic_found_by_examples_has_its_queue_and_sentence() -> None:
    gate = gate_of(embedding=MINILM)
    found = screen(contract_of(), "An attorney will see you in court.", count_tokens=len, gate=gate)
    assert (found.verdict, found.queue) == ("out_of_scope", "legal")
    assert found.say == "Our legal team will write to you."
    assert found.judgement is not None
    strange = screen(contract_of(), "How do I bake bread?", count_tokens=len, gate=gate)
    assert (strange.verdict, strange.mode) == ("unfamiliar_input", "unfamiliar_input")


@pytest.mark.parametrize(("keep", "count"), [(0.5, 1), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_a_share_needs_so_many_examples(keep: float, count: int) -> None:
    assert fewest_examples(keep) == count


def test_the_interval_of_a_share_is_that_of_clopper_and_pearson() -> None:
    assert share_interval(0, 0) == (0.0, 1.0)
    assert share_interval(10, 10) == pytest.approx((0.6915, 1.0), abs=1e-4)
    assert share_interval(0, 10) == pytest.approx((0.0, 0.3085), abs=1e-4)
    assert share_interval(8, 10) == pytest.approx((0.4439, 0.9748), abs=1e-4)
