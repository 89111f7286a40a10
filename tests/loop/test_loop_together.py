"""People, conversations and many runs at once: what reaches a run from outside, and from beside it."""

import asyncio
from collections import Counter

import pytest

import desk_tools
from desk_world import ANN, USER, desk, last_run, of_kind, run_ids, runtime, with_tool
from remit import Answered, DecisionRefused, Escalated, Failed, FailureMode, Waiting
from remit.event import Cancelled, Done, Ended, Intended, ModelSaid, Said, WindowFitted
from remit.testing import FrozenClock, ScriptedModel, call, hanging

HANDOVER = {"handover": "people"}
PAY = call("pay", order="7", amount=5)
ASK = {"ask": {"when": "always", "queue": "people", "deadline": "1h"}}
CAPPED = {"args": {"order": {"kind": "content"}, "amount": {"max": 10}, "memo": {"kind": "content"}}}


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


def asked(folder, script, then, *, rule=ASK, user=USER):
    """What `then(running, waiting, clock)` gives for a run that waits for a word on a payment."""
    clock = FrozenClock()

    async def whole():
        async with runtime(folder, script, clock=clock) as running:
            remit = desk(folder, rules={"pay": {**CAPPED, **rule}}, **HANDOVER)
            waiting = await running.handle(remit, "Pay me back.", user=user)
            assert isinstance(waiting, Waiting)
            assert desk_tools.DONE == []
            return await then(running, waiting, clock)

    return asyncio.run(whole())


# Approvals.


def test_an_approved_call_is_made_once_with_the_arguments_that_were_shown(tmp_path):
    async def approve(running, waiting, clock):
        assert await running.decide(waiting.case, "approve", by=ANN) == waiting.run_id
        with pytest.raises(DecisionRefused, match="already decided"):
            await running.decide(waiting.case, "approve", by=ANN)
        return await running.advance(waiting.run_id)

    outcome = asked(tmp_path, [PAY, "Paid."], approve)
    assert outcome == Answered(output="Paid.", message="Paid.")
    assert desk_tools.DONE == [("pay", {"order": "7", "amount": 5.0, "memo": "none"})]


def test_an_edit_may_leave_out_what_has_a_default(tmp_path):
    async def edit(running, waiting, clock):
        await running.decide(waiting.case, "edit", by=ANN, arguments={"order": "7", "amount": 3})
        return await running.advance(waiting.run_id)

    assert isinstance(asked(tmp_path, [PAY, "Paid 3."], edit), Answered)
    assert desk_tools.DONE == [("pay", {"order": "7", "amount": 3.0, "memo": "none"})]


@pytest.mark.parametrize(
    "arguments", [{"order": "7", "amount": 11}, {"order": "7", "amount": "much"}, {"order": "7"}, {}]
)
def test_no_edit_lifts_a_cap_or_the_tools_own_check(tmp_path, arguments):
    async def edit(running, waiting, clock):
        await running.decide(waiting.case, "edit", by=ANN, arguments=arguments)
        return await running.advance(waiting.run_id)

    model = ScriptedModel([PAY, "It could not be paid."])
    assert isinstance(asked(tmp_path, model, edit), Answered)
    assert desk_tools.DONE == []
    assert model.last_request.messages[-1].text.startswith("NOT CALLED")


def test_a_call_beyond_its_cap_is_denied_without_asking(tmp_path):
    remit = desk(tmp_path, rules={"pay": {**CAPPED, **ASK}}, **HANDOVER)

    async def whole():
        script = [call("pay", order="7", amount=11), "Too much."]
        async with runtime(tmp_path, script, clock=FrozenClock()) as running:
            return await running.handle(remit, "Pay.", user=USER)

    assert isinstance(asyncio.run(whole()), Answered)
    assert desk_tools.DONE == []


def test_a_rejection_is_told_to_the_model(tmp_path):
    async def reject(running, waiting, clock):
        await running.decide(waiting.case, "reject", by=ANN, reason="Not this one.")
        return await running.advance(waiting.run_id)

    model = ScriptedModel([PAY, "It was declined."])
    assert asked(tmp_path, model, reject).message == "It was declined."
    assert "Not this one." in model.last_request.messages[-1].text
    assert desk_tools.DONE == []


def test_an_answer_ends_the_run_in_the_persons_words(tmp_path):
    async def reply(running, waiting, clock):
        await running.decide(waiting.case, "answer", by=ANN, answer="It was paid last week.")
        return await running.advance(waiting.run_id)

    outcome = asked(tmp_path, [PAY], reply)
    assert outcome == Answered(output="It was paid last week.", message="It was paid last week.", by="person")
    assert desk_tools.DONE == []


@pytest.mark.parametrize(("otherwise", "paid"), [("deny", 0), ("approve", 1)])
@pytest.mark.parametrize("how", ["sweep", "expire"])
def test_a_deadline_applies_its_default(tmp_path, otherwise, paid, how):
    async def wait(running, waiting, clock):
        clock.advance(3599)
        assert running.expire() == []
        clock.advance(2)
        with pytest.raises(DecisionRefused, match="deadline has passed"):
            await running.decide(waiting.case, "approve", by=ANN)
        if how == "sweep":
            (outcome,) = await running.sweep()
            return outcome
        assert running.expire() == [waiting.case]
        assert running.expire() == []
        return await running.advance(waiting.run_id)

    rule = {"ask": {**ASK["ask"], "otherwise": otherwise}}
    assert isinstance(asked(tmp_path, [PAY, "Settled."], wait, rule=rule), Answered)
    assert len(desk_tools.DONE) == paid


@pytest.mark.parametrize("by", ["u1", "U1 ", "", " \n", "deadline", "a\x1bb"])
def test_nobody_without_a_name_and_nobody_concerned_decides(tmp_path, by):
    async def decide(running, waiting, clock):
        with pytest.raises(DecisionRefused):
            await running.decide(waiting.case, "approve", by=by)
        return running.outcome(waiting.run_id)

    assert isinstance(asked(tmp_path, [PAY], decide), Waiting)


def test_a_case_that_was_handed_over_can_be_answered_after_the_run_ended(tmp_path):
    async def whole():
        async with runtime(tmp_path, [], clock=FrozenClock()) as running:
            remit = desk(tmp_path, does_not=[{"topic": "legal advice", "queue": "others"}])
            outcome = await running.handle(remit, "I need legal advice.", user=USER)
            assert isinstance(outcome, Escalated)
            assert await running.decide(outcome.case, "answer", by=ANN, answer="Ask Bob.") == last_run(
                running
            )
            with pytest.raises(DecisionRefused, match="already decided"):
                await running.decide(outcome.case, "answer", by=ANN, answer="Ask Eve.")
            return running.outcome(last_run(running)), outcome

    after, before = asyncio.run(whole())
    assert after == before


# Conversations.


def test_a_later_run_sees_the_earlier_ones_of_its_conversation_only(tmp_path):
    model = ScriptedModel(["One.", "Two.", "Three.", "Four.", "Five."])

    async def whole():
        async with runtime(tmp_path, model, clock=FrozenClock()) as running:
            remit = desk(tmp_path)
            await running.handle(remit, "First.", conversation="a", tenant="t")
            running._world.clock.advance(1)
            await running.handle(remit, "Elsewhere.", conversation="b", tenant="t")
            await running.handle(remit, "Other tenant.", conversation="a", tenant="s")
            await running.handle(remit, "Alone.", tenant="t")
            running._world.clock.advance(1)
            await running.handle(remit, "Second.", conversation="a", tenant="t")

    asyncio.run(whole())
    said = [(type(message), message.text) for message in model.last_request.messages]
    assert said == [(Said, "First."), (ModelSaid, "One."), (Said, "Second.")]


def test_a_person_s_words_and_a_refusal_are_part_of_the_conversation(tmp_path):
    model = ScriptedModel(["Yes."])

    async def whole():
        async with runtime(tmp_path, model, clock=FrozenClock()) as running:
            remit = desk(tmp_path, does_not=[{"topic": "legal advice", "say": "Not here."}])
            await running.handle(remit, "I need legal advice.", conversation="a")
            running._world.clock.advance(1)
            await running.handle(remit, "Really?", conversation="a")

    asyncio.run(whole())
    assert [message.text for message in model.last_request.messages] == [
        "I need legal advice.",
        "Not here.",
        "Really?",
    ]


def test_what_does_not_fit_is_left_out_and_named(tmp_path):
    model = ScriptedModel(lambda request: "word " * 150, context_tokens=2000)

    async def whole():
        async with runtime(tmp_path, model, clock=FrozenClock()) as running:
            remit = desk(tmp_path)
            for turn in range(8):
                await running.handle(remit, f"Message {turn}.", conversation="a")
                running._world.clock.advance(1)
            return of_kind(running, last_run(running), WindowFitted), run_ids(running)

    (fitted,), runs = asyncio.run(whole())
    assert fitted.after_tokens <= fitted.limit_tokens == 1000
    assert fitted.before_tokens > fitted.limit_tokens
    (part,) = fitted.changed
    assert (part.run_id, part.what, part.how) == (runs[0], "turn", "dropped")
    assert part.to_run_id in runs[1:-1]
    texts = [message.text for message in model.last_request.messages]
    assert "Message 0." not in texts
    assert texts[-1] == "Message 7."


# Many at once.


def test_two_hundred_runs_at_once_with_decisions_and_cancellations(tmp_path):
    model = ScriptedModel([call("find", order="1"), PAY, "Settled."], by_turn=True)

    async def whole():
        async with runtime(tmp_path, model) as running:
            remit = desk(tmp_path, "find", rules={"pay": {**CAPPED, **ASK}}, **HANDOVER)
            waiting = await asyncio.gather(
                *(running.handle(remit, f"Pay {n}.", user=USER) for n in range(200))
            )
            assert {type(state) for state in waiting} == {Waiting}

            async def settle(index, state):
                if index % 4 == 0:
                    await running.cancel(state.run_id, by=ANN)
                elif index % 4 == 1:
                    first = running.decide(state.case, "approve", by=ANN)
                    second = running.decide(state.case, "reject", by="bob", reason="no")
                    results = await asyncio.gather(first, second, return_exceptions=True)
                    assert sum(isinstance(result, DecisionRefused) for result in results) == 1
                else:
                    await running.decide(state.case, "approve", by=ANN)
                return await running.advance(state.run_id)

            outcomes = await asyncio.gather(*(settle(index, state) for index, state in enumerate(waiting)))
            ends = Counter(len(of_kind(running, run_id, Ended)) for run_id in run_ids(running))
            paid = sum(len(of_kind(running, run_id, Intended)) for run_id in run_ids(running)) - 200
            return outcomes, ends, paid

    outcomes, ends, paid = asyncio.run(whole())
    assert Counter(type(outcome) for outcome in outcomes) == {Answered: 150, Failed: 50}
    assert ends == {1: 200}
    assert len(desk_tools.calls_of("pay")) == paid == 150


def test_one_idempotency_key_is_one_run(tmp_path):
    model = ScriptedModel(["One."])

    async def whole():
        async with runtime(tmp_path, model) as running:
            remit = desk(tmp_path)
            given = {"idempotency_key": "k", "tenant": "t"}
            outcomes = await asyncio.gather(*(running.handle(remit, "Hello.", **given) for _ in range(20)))
            outcomes.append(await running.handle(remit, "Hello.", **given))
            submitted = await running.submit(remit, "Hello.", **given)
            return outcomes, submitted, run_ids(running)

    outcomes, submitted, runs = asyncio.run(whole())
    assert outcomes == [Answered(output="One.", message="One.")] * 21
    assert runs == [submitted]
    assert model.asked == 1


def test_the_same_key_of_another_tenant_is_another_run(tmp_path):
    async def whole():
        async with runtime(tmp_path, ["One.", "Two."]) as running:
            remit = desk(tmp_path)
            for tenant in ("t", "s"):
                await running.handle(remit, "Hello.", idempotency_key="k", tenant=tenant)
            return run_ids(running)

    assert len(asyncio.run(whole())) == 2


# Stopping.


class Hanging(ScriptedModel):
    """A model that says when it is asked, and never answers."""

    def __init__(self):
        super().__init__([])
        self.reached = asyncio.Event()

    async def ask(self, request):
        self.reached.set()
        await asyncio.Event().wait()


def test_cancelling_while_the_model_hangs_returns_at_once(tmp_path):
    async def whole():
        model = Hanging()
        async with runtime(tmp_path, model, commit_every_s=0) as running:
            task = asyncio.create_task(running.handle(desk(tmp_path), "Hello."))
            await model.reached.wait()
            await running.cancel(last_run(running), by=ANN, reason="enough")
            async with asyncio.timeout(2):
                return await task

    outcome = asyncio.run(whole())
    assert isinstance(outcome, Failed)
    assert outcome.mode is FailureMode.CANCELLED


def test_cancelling_while_a_read_hangs_returns_at_once(tmp_path):
    async def whole():
        reached = asyncio.Event()

        async def hang(order):
            reached.set()
            await asyncio.Event().wait()

        desk_tools.DOES["find"] = hang
        async with runtime(tmp_path, [call("find", order="7")], commit_every_s=0) as running:
            task = asyncio.create_task(running.handle(desk(tmp_path, "find"), "Hello."))
            await reached.wait()
            await running.cancel(last_run(running), by=ANN)
            async with asyncio.timeout(2):
                return await task

    outcome = asyncio.run(whole())
    assert outcome.mode is FailureMode.CANCELLED


def test_cancelling_while_money_is_paid_waits_for_its_end_and_begins_nothing_new(tmp_path):
    async def whole():
        reached, finish = asyncio.Event(), asyncio.Event()

        async def slowly(**arguments):
            reached.set()
            await finish.wait()
            return "paid"

        desk_tools.DOES["pay"] = slowly
        two = [PAY, call("pay", order="8", amount=5)]
        async with runtime(tmp_path, [two]) as running:
            remit = desk(tmp_path, rules={"pay": CAPPED}, **HANDOVER)
            task = asyncio.create_task(running.handle(remit, "Pay.", user=USER))
            await reached.wait()
            await running.cancel(last_run(running), by=ANN)
            for _ in range(5):
                await asyncio.sleep(0)
            assert not task.done()
            finish.set()
            outcome = await task
            return outcome, [entry.event for entry in running.log.read(last_run(running))]

    outcome, events = asyncio.run(whole())
    assert outcome.mode is FailureMode.CANCELLED
    kinds = [type(event) for event in events]
    assert kinds.count(Intended) == kinds.count(Done) == 1
    assert kinds.index(Cancelled) < kinds.index(Done) < kinds.index(Ended)
    assert len(desk_tools.DONE) == 1


@pytest.mark.parametrize(
    ("tool", "again", "outcome_type"),
    [("find", 1, Answered), ("mark", 1, Answered), ("book", 1, Answered), ("pay", 0, Waiting)],
)
def test_a_run_whose_caller_gave_up_is_taken_over_by_the_sweep(tmp_path, tool, again, outcome_type):
    arguments = {"order": "7"} | ({"amount": 5} if tool in ("book", "pay") else {})
    model = ScriptedModel([call(tool, **arguments), "Done."], by_turn=True)

    async def whole():
        reached = asyncio.Event()

        async def hang(**arguments):
            reached.set()
            await asyncio.Event().wait()

        desk_tools.DOES[tool] = hang
        remit = desk(tmp_path, tool, **HANDOVER)
        async with runtime(tmp_path, model) as running:
            task = asyncio.create_task(running.handle(remit, "Hello.", user=USER))
            await reached.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            desk_tools.DOES.clear()
            (outcome,) = await running.sweep()
            return outcome

    assert isinstance(asyncio.run(whole()), outcome_type)
    assert len(desk_tools.calls_of(tool)) == 1 + again


def test_nothing_is_sent_again_after_a_cancellation(tmp_path):
    async def whole():
        reached = asyncio.Event()

        async def hang(**arguments):
            reached.set()
            await asyncio.Event().wait()

        desk_tools.DOES["book"] = hang
        async with runtime(tmp_path, [call("book", order="7", amount=5)]) as running:
            task = asyncio.create_task(
                running.handle(desk(tmp_path, "book", **HANDOVER), "Hello.", user=USER)
            )
            await reached.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await running.cancel(last_run(running), by=ANN)
            desk_tools.DOES.clear()
            (outcome,) = await running.sweep()
            return outcome

    outcome = asyncio.run(whole())
    assert outcome.mode is FailureMode.CANCELLED
    assert len(desk_tools.DONE) == 1


def test_a_caller_that_waits_no_longer_does_not_stop_the_run_for_good(tmp_path):
    async def whole():
        remit = desk(tmp_path)
        async with runtime(tmp_path, Hanging()) as running:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(running.handle(remit, "Hello."), 0.05)
        async with runtime(tmp_path, ["Here."]) as running:
            running.register(remit)
            return await running.sweep()

    assert asyncio.run(whole()) == [Answered(output="Here.", message="Here.")]


def test_a_hanging_write_that_is_approved_and_lost_asks_a_person_whether_it_took_place(tmp_path):
    async def whole():
        remit = desk(tmp_path, rules={"pay": {**CAPPED, **ASK, "timeout": "20ms"}}, **HANDOVER)
        async with runtime(tmp_path, [PAY], clock=FrozenClock()) as running:
            waiting = await running.handle(with_tool(remit, "pay", hanging), "Pay.", user=USER)
            await running.decide(waiting.case, "approve", by=ANN)
            return await running.advance(waiting.run_id)

    outcome = asyncio.run(whole())
    assert isinstance(outcome, Waiting)
    assert "Did this call take place" in outcome.question
