"""How sure an answer must be, through whole runs: scored, gated, asked about, audited, promised, expired."""

import math
from typing import Any

import pytest
from confidence_world import MODEL, World, labels_file, sure

from desk_world import ANN, desk, last_run, of_kind
from remit import Answered, ContractError, Degraded, Escalated, Failed, Refused, Waiting
from remit.event import CaseOpened, ModelAsked, PromiseExpired, Scored
from remit.model import ModelError, ModelErrorClass, Reply
from remit.testing import call

HIGH, LOW = math.log(0.95), math.log(0.4)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture
def promised(tmp_path):
    world = World(tmp_path)
    world.calibrate(labels=labels_file(tmp_path), model=MODEL)
    return world


def scored(world: World) -> Scored:
    async def work(running: Any) -> Any:
        (event,) = of_kind(running, last_run(running), Scored)
        return event

    return world.run(work)


def test_without_a_label_every_answer_goes_to_people_and_says_so(world):
    outcome = world.handle(HIGH)
    assert isinstance(outcome, Waiting)
    assert outcome.queue == "people"
    event = scored(world)
    assert event.verdict == "below"
    assert event.reason == (
        "0 of about 200 labels; until then every answer goes to people; "
        "`confidence: observe` records without gating"
    )
    assert (event.drawn, event.inclusion, event.promise) == (True, 1.0, "")


def test_an_answer_above_the_threshold_goes_out_with_its_probability(promised):
    outcome = promised.handle(HIGH)
    assert isinstance(outcome, Answered)
    assert outcome.by == "agent"
    assert outcome.confidence is not None
    assert outcome.confidence > 0.9
    event = scored(promised)
    assert (event.verdict, event.score) == ("answer", pytest.approx(0.95))
    assert event.threshold is not None
    assert 0.3 < event.threshold <= 0.9
    assert "reaches the threshold" in event.reason


def test_a_less_sure_one_waits_and_a_person_lets_it_out(promised):
    waiting = promised.handle(math.log(0.2))
    assert isinstance(waiting, Waiting)
    assert "May this answer go out" in waiting.question
    assert "below the threshold" in scored(promised).reason
    outcome = promised.decide(waiting.case, "approve")
    assert isinstance(outcome, Answered)
    assert (outcome.by, outcome.confidence) == ("person", None)
    assert outcome.message.startswith("Answer to")


@pytest.mark.parametrize(
    ("decision", "named", "message"),
    [
        ("edit", {"arguments": {"answer": "Better."}}, "Better."),
        ("answer", {"answer": "My own."}, "My own."),
    ],
)
def test_a_person_edits_or_answers_instead(promised, decision, named, message):
    waiting = promised.handle(math.log(0.2))
    outcome = promised.decide(waiting.case, decision, **named)
    assert (type(outcome), outcome.by, outcome.message) == (Answered, "person", message)


def test_an_edit_gives_the_whole_answer_and_nothing_else(promised):
    from remit import DecisionRefused

    waiting = promised.handle(math.log(0.2))
    with pytest.raises(DecisionRefused, match="gives it whole"):
        promised.decide(waiting.case, "edit", arguments={"text": "Better."})


def test_a_rejected_draft_and_one_that_nobody_looks_at_are_handed_over(promised):
    waiting = promised.handle(math.log(0.2))
    outcome = promised.decide(waiting.case, "reject", reason="wrong tone")
    assert isinstance(outcome, Escalated)
    assert (outcome.queue, outcome.mode) == ("people", "low_confidence")
    waiting = promised.handle(math.log(0.2))
    promised.clock.advance(5 * 3600)

    async def sweep(running: Any) -> Any:
        return await running.sweep()

    (outcome,) = promised.run(sweep)
    assert isinstance(outcome, Escalated)


@pytest.mark.parametrize(
    ("below", "kind"),
    [({"say": "Not sure."}, Refused), ({"value": "Perhaps."}, Degraded), ("fail", Failed), (None, Failed)],
)
def test_a_less_sure_answer_takes_its_declared_path(tmp_path, below, kind):
    world = World(tmp_path, below=below)
    outcome = world.handle(LOW)
    assert isinstance(outcome, kind)
    assert outcome.mode == "low_confidence"


def test_observing_records_and_lets_everything_out(tmp_path):
    world = World(tmp_path, mode="observe")
    outcome = world.handle(LOW)
    assert isinstance(outcome, Answered)
    assert scored(world).verdict == "observed"
    assert scored(world).score == pytest.approx(0.4)


def test_labels_made_while_observing_count_once_the_gate_is_closed(tmp_path):
    observing = World(tmp_path, mode="observe", audit=1, share=0.0)
    observing.calibrate(labels=labels_file(tmp_path), model=MODEL)
    gated = World(tmp_path)
    assert isinstance(gated.handle(HIGH), Answered)


def test_a_promise_belongs_to_its_release_its_model_and_its_bound(tmp_path):
    world = World(tmp_path)
    world.calibrate(labels=labels_file(tmp_path), model=MODEL)
    assert isinstance(world.handle(HIGH), Answered)
    # Another bound, another prompt, another model: nothing goes out alone.
    stricter = World(tmp_path, max_error=0.02, clock=world.clock)
    assert isinstance(stricter.handle(HIGH), Waiting)
    assert "another promise" in scored(stricter).reason
    assert isinstance(World(tmp_path, sure=0.99).handle(HIGH), Waiting)
    renamed = World(tmp_path)
    renamed.remit = desk(
        tmp_path, purpose="Something else.", confidence={"below": {"queue": "people"}, "audit": 0}
    )
    assert isinstance(renamed.handle(HIGH), Waiting)
    other = World(tmp_path)
    other.remit = world.remit
    from remit.testing import ScriptedModel

    other.script = ScriptedModel(sure, name="scripted:fallback")
    assert isinstance(other.handle(HIGH), Waiting)


def test_a_model_that_became_another_one_answers_nothing_alone(tmp_path):
    def turned(request):
        return Reply(text="Yes.", finish="stop", mean_logprob=HIGH, reported_model="model-of-tomorrow")

    world = World(tmp_path, mode="observe", audit=1, share=0.0)
    for _ in range(120):
        world.handle(HIGH)
    for row in world.select("select case_id from review_case"):
        world.decide(row["case_id"], "approve")
    (made,) = world.calibrate().calibrations
    assert made.threshold is not None
    assert (made.reported_model, made.labels) == (MODEL, 120)
    gated = World(tmp_path, clock=world.clock)
    assert isinstance(gated.handle(HIGH), Answered)
    gated.script = turned
    assert isinstance(gated.handle(HIGH), Waiting)
    assert "now answers with model-of-tomorrow" in scored(gated).reason


def test_drawn_answers_are_audited_without_holding_the_run_up(tmp_path):
    world = World(tmp_path, audit=0.2, share=0.1)
    world.calibrate(labels=labels_file(tmp_path), model=MODEL)
    outcome = world.handle(HIGH)
    assert isinstance(outcome, Answered)
    event = scored(world)
    assert (event.drawn, event.inclusion) == (True, 0.2)
    (row,) = world.select("select * from review_case")
    assert (row["state"], row["reason"], row["queue"]) == ("open", "audit", "people")
    after = world.decide(row["case_id"], "reject", reason="It was wrong.")
    assert after == outcome
    (label,) = world.select("select * from label")
    assert (label["reviewer"], label["correct"]) == (ANN, 0)


def test_nobody_is_drawn_beyond_the_share(tmp_path):
    world = World(tmp_path, audit=0.2, share=0.2)
    world.calibrate(labels=labels_file(tmp_path), model=MODEL)
    world.handle(HIGH)
    assert not scored(world).drawn
    assert world.select("select * from review_case") == []


def test_audits_that_break_the_promise_end_it_until_it_is_renewed(tmp_path):
    world = World(tmp_path, audit=1, share=0.0)
    world.calibrate(labels=labels_file(tmp_path), model=MODEL)
    expired: list[Any] = []
    for _ in range(40):
        outcome = world.handle(HIGH)
        if not isinstance(outcome, Answered):
            break
        (case,) = world.select("select case_id from review_case where state = 'open'")
        world.decide(case["case_id"], "reject", reason="wrong")
        world.clock.advance(1)
    else:
        pytest.fail("the alarm was never raised")
    assert isinstance(outcome, Waiting)
    reason = scored(world).reason
    assert "has expired" in reason
    assert "audited answers were wrong" in reason

    async def work(running: Any) -> Any:
        query = "select distinct run_id from event where kind = 'promise_expired'"
        rows = running.log.store.select(query, {})
        return [event for row in rows for event in of_kind(running, row["run_id"], PromiseExpired)]

    expired = world.run(work)
    assert len(expired) == 1
    assert expired[0].audits == expired[0].wrong
    # The labels of before the alarm no longer count; a new promise needs new ones.
    made = world.calibrate()
    assert "before the last promise expired" in " ".join(made.problems)
    assert isinstance(world.handle(HIGH), Waiting)


def test_a_users_own_word_and_an_end_users_are_no_labels(promised):
    promised.handle(HIGH)

    async def rate(running: Any) -> None:
        await running.rate(last_run(running), "bad", by="u1")

    promised.run(rate)
    assert promised.select("select * from label") == []

    async def staff(running: Any) -> None:
        await running.rate(last_run(running), "bad", by=ANN)
        await running.rate(last_run(running), "good", by=ANN)

    promised.run(staff)
    (label,) = promised.select("select * from label")
    assert label["correct"] == 1


@pytest.mark.parametrize("logprob", [None])
def test_an_answer_without_a_score_goes_to_people(tmp_path, logprob):
    world = World(tmp_path, [Reply(text="Yes.", finish="stop", reported_model=MODEL)])
    world.calibrate(labels=labels_file(tmp_path), model=MODEL)
    assert isinstance(world.handle(HIGH), Waiting)
    assert "gave no token probabilities" in scored(world).reason
    assert scored(world).score is None


# Other sources.


def test_agreement_of_several_answers_is_asked_for_and_counted(tmp_path):
    world = World(tmp_path, ["It is late.", "It is late.", "It is late.", "No idea at all"])
    world.remit = desk(
        tmp_path, confidence={"from": "samples", "samples": 3, "below": {"queue": "people"}, "audit": 0}
    )
    assert isinstance(world.handle(0), Waiting)
    assert scored(world).score == pytest.approx(2 / 3)

    async def asked(running: Any) -> Any:
        return [event.purpose for event in of_kind(running, last_run(running), ModelAsked)]

    assert world.run(asked) == ["step", "sample", "sample", "sample"]


def test_samples_are_warm_and_each_begins_elsewhere(tmp_path):
    seen: list[tuple[float, int, int]] = []

    def answer(request):
        seen.append((request.temperature, request.seed, len(request.messages)))
        return "Yes."

    world = World(tmp_path, answer)
    world.remit = desk(tmp_path, confidence={"from": "samples", "samples": 2, "mode": "observe", "audit": 0})
    world.handle(0)
    assert seen == [(0.0, 0, 1), (0.7, 1, 1), (0.7, 2, 1)]


def test_a_sample_that_fails_costs_the_score_and_not_the_run(tmp_path):
    broken = ModelError(ModelErrorClass.AUTHENTICATION, "no")
    world = World(tmp_path, ["Yes.", broken])
    world.remit = desk(tmp_path, confidence={"from": "samples", "samples": 2, "mode": "observe", "audit": 0})
    outcome = world.handle(0)
    assert isinstance(outcome, Answered)
    assert "no further answer could be had" in scored(world).reason


def test_samples_end_with_the_budget(tmp_path):
    world = World(tmp_path, lambda request: "Yes.")
    world.remit = desk(
        tmp_path, confidence={"from": "samples", "samples": 5, "mode": "observe"}, budget={"steps": 3}
    )
    outcome = world.handle(0)
    assert isinstance(outcome, Failed)
    assert outcome.mode == "budget_exhausted"


@pytest.mark.parametrize(
    ("said", "score", "why"),
    [
        ('{"probability": 0.8}', 0.8, "scored 0.800"),
        ("I like it", None, "has not its form"),
        ('{"probability": 7}', None, "has not its form"),
        (ModelError(ModelErrorClass.AUTHENTICATION, "no"), None, "the judge gave no answer"),
    ],
)
def test_a_judge_sees_request_and_answer_and_gives_a_number(tmp_path, said, score, why):
    world = World(tmp_path, ["It is late.", said])
    world.remit = desk(
        tmp_path,
        confidence={"from": "judge", "judge": "openai:gpt-5.1-2025-11-13", "mode": "observe", "audit": 0},
    )
    assert isinstance(world.handle(0), Answered)
    assert scored(world).score == score
    assert why in scored(world).reason


FUNCTIONS = """
def good(input, output): return 0.75 if output == "Yes." and input == "0" else 0.0
async def later(input, output): return 0.5
def nan(input, output): return float("nan")
def high(input, output): return 3
def text(input, output): return "sure"
def breaks(input, output): raise RuntimeError("SECRET-DETAIL")
def alone(input): return 1
"""


@pytest.mark.parametrize(
    ("name", "score", "why"),
    [
        ("good", 0.75, "scored 0.750"),
        ("later", 0.5, "scored"),
        ("nan", None, "gave no number"),
        ("high", None, "not in 0..1"),
        ("text", None, "gave no number"),
        ("breaks", None, "failed: RuntimeError"),
    ],
)
def test_the_users_function_scores_and_its_faults_are_missing_scores(tmp_path, name, score, why):
    (tmp_path / "scoring.py").write_text(FUNCTIONS)
    world = World(tmp_path, ["Yes."])
    world.remit = desk(
        tmp_path,
        confidence={"from": "function", "function": f"scoring:{name}", "mode": "observe", "audit": 0},
    )
    assert isinstance(world.handle(0), Answered)
    assert scored(world).score == score
    assert why in scored(world).reason
    assert "SECRET-DETAIL" not in scored(world).reason


@pytest.mark.parametrize("target", ["scoring:goood", "scoring:alone", "nowhere:good"])
def test_a_function_that_cannot_score_is_a_problem_of_the_remit(tmp_path, target):
    (tmp_path / "scoring.py").write_text(FUNCTIONS)
    with pytest.raises(ContractError) as caught:
        desk(tmp_path, confidence={"from": "function", "function": target})
    assert "confidence.function" in str(caught.value.problems)


def test_a_model_that_gives_no_token_probabilities_is_a_problem_of_the_remit(tmp_path):
    with pytest.raises(ContractError) as caught:
        desk(tmp_path, confidence={"from": "logprobs"}, model="anthropic:claude-sonnet-4-5-20250929")
    assert "no token probabilities" in str(caught.value.problems)


# Slices.


def test_each_slice_has_a_threshold_of_its_own(tmp_path):
    file = tmp_path / "labels.csv"
    rows = [*["0.9,true,gold"] * 300, *["0.9,false,basic"] * 150, *["0.9,true,basic"] * 150]
    file.write_text("\n".join(["score,correct,slice", *rows]))
    world = World(tmp_path, slices="user.segment")
    made = world.calibrate(labels=file, model=MODEL)
    assert {each.slice: each.threshold is None for each in made.calibrations} == {
        "basic": True,
        "gold": False,
    }

    def handle(**user: Any) -> Any:
        return world.run(lambda running: running.handle(world.remit, str(HIGH), user={"id": "u1", **user}))

    assert isinstance(handle(segment="gold"), Answered)
    assert isinstance(handle(segment="basic"), Waiting)
    assert isinstance(handle(segment="new"), Waiting)
    assert isinstance(handle(), Waiting)
    assert scored(world).slice == "(none)"


# A draft that rests on partial information keeps saying so.


def test_an_approved_draft_still_says_what_it_lacks(tmp_path):
    from desk_world import with_tool
    from remit.testing import failing

    world = World(
        tmp_path,
        [call("find", order="7"), Reply(text="Probably late.", finish="stop", mean_logprob=LOW)],
    )
    remit = desk(
        tmp_path,
        "find",
        rules={"find": {"failed": "degrade", "unavailable": "degrade"}},
        confidence={"below": {"queue": "people"}, "audit": 0},
    )
    world.remit = with_tool(remit, "find", failing)
    waiting = world.handle(0)
    assert isinstance(waiting, Waiting)
    outcome = world.decide(waiting.case, "approve")
    assert isinstance(outcome, Degraded)
    assert outcome.missing == ("find",)
    assert outcome.verify == ("what find would have said",)
    assert outcome.message.endswith("missing: find. Please verify what find would have said.")


def test_a_case_holds_the_draft(promised):
    promised.handle(math.log(0.2))

    async def work(running: Any) -> Any:
        (event,) = of_kind(running, last_run(running), CaseOpened)
        return event

    event = promised.run(work)
    assert event.arguments["answer"].startswith("Answer to")
    assert (event.trigger, event.otherwise) == ("low_confidence", "deny")
