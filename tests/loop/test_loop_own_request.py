"""The agent asks a person by itself: within its bounds, answered as a result, and nothing else is gained."""

import asyncio
import json

import pytest

import desk_tools
from desk_world import ANN, USER, desk, last_run, of_kind, runtime
from remit import Answered, Escalated, Waiting
from remit.app import Work, Worker
from remit.app.outside import facts_of
from remit.event import CaseOpened, Done, Integrity, Permitted, ToolSaid
from remit.handover import story
from remit.testing import FrozenClock, ScriptedModel, answer, call

ASKS = {"queue": "people", "at_most": 1, "deadline": "1h"}
QUESTION = "May order 7 be sent twice?"
ASK = call("ask_person", question=QUESTION, proposal="I would send it again.")


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def whole(folder, script, check, *, asks=ASKS, tools=(), **keys):
    remit = desk(folder / "desk", *tools, ask_person=asks, **keys)
    clock = FrozenClock()
    model = ScriptedModel(script)

    async def run():
        async with runtime(folder, model, clock=clock) as running:
            outcome = await running.handle(remit, "Where is order 7?", user=USER)
            await check(running, outcome, last_run(running), clock, model)

    asyncio.run(run())


def heard(model):
    """What the model was told last of its question."""
    (said,) = [each for each in model.last_request.messages if isinstance(each, ToolSaid)]
    return said


DECIDED = [
    ("approve", {}, {"decision": "approved as you proposed"}),
    ("approve", {"reason": "Fine."}, {"decision": "approved as you proposed", "reason": "Fine."}),
    ("answer", {"answer": "Once only."}, {"decision": "answered", "answer": "Once only."}),
    (
        "edit",
        {"arguments": {"proposal": "Send it by train."}},
        {"decision": "approved with changes", "instead": "Send it by train."},
    ),
    ("reject", {"reason": "It is lost."}, {"decision": "rejected", "reason": "It is lost."}),
]


@pytest.mark.parametrize(("decision", "brings", "told"), DECIDED)
def test_what_a_person_decides_is_told_to_the_agent_as_theirs(tmp_path, decision, brings, told):
    async def check(running, outcome, run_id, clock, model):
        assert isinstance(outcome, Waiting)
        assert (outcome.queue, outcome.question) == ("people", f'desk asks: "{QUESTION}"')
        opened = running.log.fold(run_id).cases[outcome.case].opened
        assert (opened.trigger, opened.otherwise, opened.deadline) == (
            "agent_request",
            "deny",
            running.log.fold(run_id).cases[outcome.case].opened_at + 3600,
        )
        assert "question 1 of at most 1" in opened.why
        await running.decide(outcome.case, decision, by=ANN, **brings)
        ended = await running.advance(run_id)
        assert isinstance(ended, Answered)
        assert (ended.output, ended.by) == ("It comes tomorrow.", "agent")
        said = heard(model)
        assert json.loads(said.text.partition("\n")[2]) == {"said_by": ANN, **told}
        assert (said.failed, said.integrity) == (False, Integrity.OPERATOR)
        (done,) = of_kind(running, run_id, Done)
        assert done.source == "asked"

    whole(tmp_path, [ASK, answer("It comes tomorrow.")], check)


def test_a_further_question_is_refused_and_the_run_goes_on(tmp_path):
    async def check(running, outcome, run_id, clock, model):
        await running.decide(outcome.case, "answer", by=ANN, answer="Yes.")
        assert isinstance(await running.advance(run_id), Answered)
        verdicts = [each.permits[0].verdict for each in of_kind(running, run_id, Permitted)]
        assert verdicts == ["ask", "deny"]
        assert len(of_kind(running, run_id, CaseOpened)) == 1

    whole(tmp_path, [ASK, ASK, answer("Then so.")], check)


def test_of_two_questions_in_one_answer_the_second_is_refused(tmp_path):
    async def check(running, outcome, run_id, clock, model):
        (permitted,) = of_kind(running, run_id, Permitted)
        assert [permit.verdict for permit in permitted.permits] == ["ask", "deny"]

    whole(tmp_path, [[ASK, ASK], answer("Then so.")], check)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"question": ""}, {"question": "x" * 401}, {"question": 1}, {"question": "?", "to": "ann"}],
)
def test_a_question_that_is_none_reaches_nobody(tmp_path, arguments):
    async def check(running, outcome, run_id, clock, model):
        assert isinstance(outcome, Answered)
        assert of_kind(running, run_id, CaseOpened) == []

    whole(tmp_path, [call("ask_person", **arguments), answer("Then so.")], check)


@pytest.mark.parametrize(("otherwise", "kind"), [("go_on", Answered), ("hand_over", Escalated)])
def test_when_nobody_answers_the_declared_default_is_taken(tmp_path, otherwise, kind):
    async def check(running, outcome, run_id, clock, model):
        clock.advance(3601)
        ended = await running.advance(run_id)
        assert isinstance(ended, kind)
        if kind is Answered:
            assert "nobody answered in time" in heard(model).text
        else:
            assert ended.queue == "people"

    script = [ASK, answer("I do not know.")]
    whole(tmp_path, script, check, asks={**ASKS, "otherwise": otherwise})


def test_without_a_proposal_there_is_nothing_to_approve(tmp_path):
    async def check(running, outcome, run_id, clock, model):
        state = running.log.fold(run_id)
        lines = story(facts_of(state, state.cases[outcome.case]))
        assert " approve" not in lines
        assert " answer --answer TEXT" in lines

    whole(tmp_path, [call("ask_person", question=QUESTION), answer("So.")], check)


def test_where_the_remit_does_not_let_it_ask_the_model_has_no_such_tool(tmp_path):
    async def check(running, outcome, run_id, clock, model):
        assert isinstance(outcome, Answered)
        (permitted,) = of_kind(running, run_id, Permitted)
        assert permitted.permits[0].verdict == "unknown_tool"
        assert model.last_request.tools == ()

    whole(tmp_path, [ASK, answer("So.")], check, asks=None)


def test_an_answer_vouches_for_nothing(tmp_path):
    """Strangers' words made the agent ask; what a person confirms gains no authority over a call."""

    async def check(running, outcome, run_id, clock, model):
        await running.decide(outcome.case, "edit", by=ANN, arguments={"proposal": "9"})
        await running.advance(run_id)
        assert desk_tools.DONE == []
        last = of_kind(running, run_id, Permitted)[-1].permits[0]
        assert last.verdict != "allow"
        (origin,) = [each for each in last.origins if each.argument == "order"]
        assert not origin.trusted

    order = {"order": {"kind": "authority"}, "amount": {"kind": "content"}, "memo": {"kind": "content"}}
    script = [
        call("ask_person", question="May I pay order 9?", proposal="order 9"),
        call("pay", order="9", amount=30, memo="x"),
        answer("No."),
    ]
    whole(tmp_path, script, check, rules={"pay": {"args": order}}, handover="people")


def test_a_worker_of_dbos_goes_on_with_the_answer(tmp_path):
    remit = desk(tmp_path / "desk", ask_person=ASKS)

    async def run():
        model = ScriptedModel([ASK, answer("So.")])
        async with runtime(tmp_path, model, dispatch="dbos") as running:
            stopping = asyncio.Event()
            running.register(remit)
            working = asyncio.ensure_future(Worker(running, Work(look_every_s=0.05)).run(stopping))
            outcome = await running.handle(remit, "Where is order 7?", user=USER)
            assert isinstance(outcome, Waiting)
            run_id = await running.decide(outcome.case, "approve", by=ANN)
            assert isinstance(await running.advance(run_id), Answered)
            stopping.set()
            await working

    asyncio.run(run())
