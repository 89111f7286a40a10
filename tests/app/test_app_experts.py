"""Another agent, or the same remit with another model, decides a case: one step deep, then people."""

import asyncio
import json

import pytest

import desk_tools
from desk_world import ANN, USER, desk, of_kind, runtime
from remit import Answered, ContractError, Escalated, Failed, Waiting
from remit.errors import DecisionRefused
from remit.event import CaseOpened, Consulted, Decided, HandedOn, Integrity, ToolSaid
from remit.model import ModelError, ModelErrorClass
from remit.testing import FrozenClock, answer, call

GONE = ModelError(ModelErrorClass.AUTHENTICATION, "no")
SENIOR = {"agent": "senior", "then": "people", "deadline": "10m"}
BIGGER = {"model": "openai:gpt-5.1-pro-2025-11-13", "then": "people", "deadline": "10m"}
TAX = {"does_not": [{"topic": "tax advice", "queue": "experts"}]}
ASKED = "I need tax advice on order 7."
USED: dict[str, list[str]] = {}


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def both(folder, queue=SENIOR, senior=None, **keys):
    """The desk, and the agent beside it that decides what comes to `experts`."""
    other = desk(folder / "senior", agent="senior", **(senior or {"purpose": "Know it all."}))
    queues = {"queues": {"people": {}, "others": {}, "experts": queue}}
    return desk(folder / "desk", **queues, **keys), other


def whole(folder, script, check, *, value=ASKED, registered=True, queue=SENIOR, senior=None, **keys):
    first, other = both(folder, queue, senior, **keys)
    clock = FrozenClock()

    async def run():
        async with runtime(folder, script, clock=clock) as running:
            if registered:
                running.register(other)
            run_id, outcome = await running.handle_run(first, value, user=USER)
            await check(running, run_id, outcome, clock)

    asyncio.run(run())


def test_another_agent_answers_and_the_outcome_says_so(tmp_path):
    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Answered)
        assert (outcome.output, outcome.by, outcome.expert) == ("Ask form 7.", "expert", "agent senior")
        (consulted,) = of_kind(running, run_id, Consulted)
        (decided,) = of_kind(running, run_id, Decided)
        assert (decided.by, decided.run) == ("agent senior", consulted.run)
        child = running.log.fold(consulted.run).admitted
        assert (child.agent, child.input_from, child.user, child.tenant) == ("senior", "public", USER, "")
        assert (child.decides.run, child.decides.case) == (run_id, decided.case)
        assert ASKED in child.input
        assert "tax advice" in child.input

    whole(tmp_path, [answer("Ask form 7.")], check, **TAX)


def test_the_same_remit_with_another_model_gets_the_request_as_it_came(tmp_path):
    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Answered)
        assert (outcome.by, outcome.expert) == ("expert", "model openai:gpt-5.1-pro-2025-11-13")
        (consulted,) = of_kind(running, run_id, Consulted)
        child, parent = running.log.fold(consulted.run), running.log.fold(run_id)
        assert child.admitted.input == parent.admitted.input
        assert child.release != parent.release
        stored = running.log.store.row("release_row", {"hash": child.release})
        assert json.loads(stored["content"])["contract"]["model"]["use"] == "openai:gpt-5.1-pro-2025-11-13"

    keys = {"on_failure": {"output_invalid": {"queue": "experts"}}}
    script = [answer(""), answer(""), answer("It comes tomorrow.")]
    whole(tmp_path, script, check, value="Where is order 7?", queue=BIGGER, **keys)


NOT_ANSWERED = {
    "escalated": ([], {"does_not": [{"topic": "tax advice", "queue": "people"}]}),
    "refused": ([], {"does_not": [{"topic": "tax advice", "say": "No."}]}),
    "failed": ([GONE], {"on_failure": {"model_unavailable": "fail"}}),
}


@pytest.mark.parametrize("kind", NOT_ANSWERED)
def test_what_it_does_not_answer_goes_to_people_and_no_further(tmp_path, kind):
    script, keys = NOT_ANSWERED[kind]

    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Escalated)
        (opened,) = of_kind(running, run_id, CaseOpened)
        assert (outcome.queue, outcome.case) == ("people", opened.case)
        (moved,) = of_kind(running, run_id, HandedOn)
        assert (moved.by, moved.queue) == ("agent senior", "people")
        assert kind in moved.reason
        (consulted,) = of_kind(running, run_id, Consulted)
        assert of_kind(running, consulted.run, CaseOpened) == []
        assert running.log.fold(consulted.run).outcome.kind == kind
        await running.decide(opened.case, "answer", by=ANN, answer="By phone.")

    whole(tmp_path, script, check, senior=keys, **TAX)


def test_a_run_that_decides_a_case_has_none_decided_in_turn(tmp_path):
    """Even where the other agent's remit names a third one: its own queue of experts is not used."""
    third = {"queues": {"people": {}, "more": {"model": "openai:gpt-5.1-pro-2025-11-13", "then": "people"}}}
    senior = {**third, "does_not": [{"topic": "tax advice", "queue": "more"}]}

    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Escalated)
        assert len(running.log.store.select("select run_id from run", {})) == 2

    whole(tmp_path, [], check, senior=senior, **TAX)


def test_a_run_that_changed_something_goes_to_people_at_once(tmp_path):
    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Escalated)
        assert outcome.queue == "people"
        assert of_kind(running, run_id, Consulted) == []

    keys = {"on_failure": {"model_unavailable": {"queue": "experts"}}, "handover": "people"}
    script = [call("mark", order="7", text="x"), GONE]
    whole(tmp_path, script, check, value="Mark order 7.", rules={"mark": {}}, **keys)


def test_its_answer_to_a_question_of_the_agent_is_no_trusted_one(tmp_path):
    told = []

    def last(request):
        told.extend(each for each in request.messages if isinstance(each, ToolSaid))
        return answer("So be it.")

    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Answered)
        assert (outcome.output, outcome.by) == ("So be it.", "agent")
        assert told[0].integrity is Integrity.THIRD_PARTY
        assert json.loads(told[0].text.partition("\n")[2]) == {
            "said_by": "agent senior",
            "decision": "answered",
            "answer": "Yes.",
        }

    script = [call("ask_person", question="Is it so?"), answer("Yes."), last]
    whole(tmp_path, script, check, value="Is it?", ask_person="experts")


def test_an_agent_that_no_worker_has_leaves_the_case_to_people_in_time(tmp_path):
    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Waiting)
        assert outcome.queue == "experts"
        await running.sweep()
        assert running.log.fold(run_id).state == "waiting"
        clock.advance(601)
        assert isinstance(await running.advance(run_id), Escalated)

    whole(tmp_path, [], check, registered=False, **TAX)


def test_a_run_that_waits_itself_is_stopped_at_the_queues_deadline(tmp_path):
    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Waiting)
        (consulted,) = of_kind(running, run_id, Consulted)
        assert running.log.fold(consulted.run).state == "waiting"
        clock.advance(601)
        await running.sweep()
        assert isinstance(running.outcome(run_id), Escalated)
        assert isinstance(running.outcome(consulted.run), Failed)

    senior = {"rules": {"pay": {"ask": "always"}}, "handover": "people"}
    whole(tmp_path, [call("pay", order="7", amount=30, memo="x")], check, senior=senior, **TAX)


def test_a_sweep_carries_a_matter_through_both_runs(tmp_path):
    first, other = both(tmp_path, **TAX)

    async def run():
        async with runtime(tmp_path, [answer("Form 7.")], clock=FrozenClock()) as running:
            running.register(other)
            run_id = await running.submit(first, ASKED, user=USER)
            await running.sweep()
            outcome = running.outcome(run_id)
            assert isinstance(outcome, Answered)
            assert outcome.expert == "agent senior"

    asyncio.run(run())


@pytest.mark.parametrize("act", ["cancel", "decide", "hand_over"])
def test_people_may_be_first_and_the_other_run_is_stopped(tmp_path, act):
    async def check(running, run_id, outcome, clock):
        (consulted,) = of_kind(running, run_id, Consulted)
        if act == "cancel":
            await running.cancel(run_id, by=ANN)
        elif act == "decide":
            await running.decide(outcome.case, "answer", by=ANN, answer="It is 7.")
        else:
            await running.hand_over(run_id, by=ANN, reason="They call.")
        await running.sweep()
        ended = running.outcome(run_id)
        assert type(ended) is {"cancel": Failed, "decide": Answered, "hand_over": Escalated}[act]
        assert running.outcome(consulted.run).mode == "cancelled"
        if act == "decide":
            assert (ended.by, ended.expert) == ("person", "")
        open_cases = running.log.store.select("select queue from review_case where state = 'open'", {})
        assert [row["queue"] for row in open_cases if row["queue"] == "experts"] == []

    senior = {"rules": {"pay": {"ask": "always"}}, "handover": "people"}
    whole(tmp_path, [call("pay", order="7", amount=30, memo="x")], check, senior=senior, **TAX)


def test_nobody_hands_a_case_to_an_agent(tmp_path):
    async def check(running, run_id, outcome, clock):
        assert isinstance(outcome, Answered)
        with pytest.raises(DecisionRefused, match="No person looks after experts; people is the queue"):
            await running.hand_over(run_id, by=ANN, queue="experts")

    whole(tmp_path, [answer("Hi.")], check, value="Hello?")


WRONG = [
    ({"agent": "senior"}, {}, "nobody gets what is not answered"),
    ({"then": "people"}, {}, "people look after this queue"),
    ({"agent": "senior", "model": "openai:x", "then": "people"}, {}, "not by both"),
    ({"agent": "senoir", "then": "people"}, {}, "there is no agent `senoir` beside this one"),
    ({"agent": "desk", "then": "people"}, {}, "does not decide its own cases"),
    ({"agent": "senior", "then": "experts"}, {}, "decided by no person either"),
    ({"agent": "senior", "then": "nowhere"}, {}, "`nowhere` is not declared"),
    ({"agent": "senior", "then": "people", "owner": "a"}, {}, "it is for people"),
    ({"model": "openai:gpt-5.1-2025-11-13", "then": "people"}, {}, "gave the first answer already"),
    (SENIOR, {"handover": "experts"}, "this is for people to decide"),
    (SENIOR, {"rules": {"pay": {"ask": {"when": "always", "queue": "experts"}}}}, "this is for people"),
    (SENIOR, {"on_failure": {"injection_suspected": {"queue": "experts"}}}, "this is for people to decide"),
]


@pytest.mark.parametrize(("queue", "keys", "said"), WRONG)
def test_a_queue_that_cannot_be_decided_so_is_refused(tmp_path, queue, keys, said):
    with pytest.raises(ContractError) as refused:
        both(tmp_path, queue, **{"handover": "people", **keys})
    assert said in str(refused.value)


def test_a_circle_of_agents_is_refused(tmp_path):
    back = {"queues": {"people": {}, "experts": {"agent": "desk", "then": "people"}}}
    desk(tmp_path / "desk")
    with pytest.raises(ContractError, match="they decide each other's cases: desk to senior to desk"):
        both(tmp_path, senior=back)
