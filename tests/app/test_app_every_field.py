"""Change any key of a remit, and what the runtime does changes with it.

Each test names the keys that it proves. A key of the schema that no test names fails the last test:
what nothing enforces must not be promised.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import desk_tools
from desk_world import USER, desk, last_run, of_kind, runtime, with_tool
from remit import (
    Answered,
    ContractError,
    Degraded,
    Escalated,
    Failed,
    FailureMode,
    Refused,
    Remit,
    TryLater,
    Waiting,
)
from remit.app import Runtime, due
from remit.contract import runbook_markdown, schema_reference
from remit.event import CaseOpened, Done, Integrity, Intended, ModelAsked, Postponed, Scored, Screened, Usage
from remit.model import ModelError, ModelErrorClass, Reply
from remit.testing import FrozenClock, ScriptedModel, call, failing, hanging, huge
from store_places import kept_bytes, store_at

PROVED: set[str] = set()
HANDOVER = {"handover": "people"}
FREE = {"order": {"kind": "content"}, "memo": {"kind": "content"}, "amount": {"kind": "content"}}
PAY = call("pay", order="7", amount=30)
FIND = call("find", order="7")
OPENAI = "openai:gpt-5.1-2025-11-13"
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
BUSY = ModelError(ModelErrorClass.OVERLOADED, "busy")


def proves(*keys):
    """Marks a test as the proof that these keys are enforced."""
    PROVED.update(keys)
    return lambda test: test


@pytest.fixture(autouse=True)
def _tools():
    desk_tools.reset()


class Seen:
    """One run: what came of it and what the model was asked."""

    def __init__(self, outcome, events, model):
        self.outcome, self.events, self.model = outcome, events, model

    @property
    def kind(self):
        return type(self.outcome)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def handled(tmp_path):
    """Handles one text by an agent with these keys; every agent and log in a folder of its own."""
    count = iter(range(100))

    def handle(script, *tools, text="Where is order 7?", breaking=None, clock=None, **keys):
        folder = tmp_path / str(next(count))
        remit = desk(folder, *tools, **keys)
        for name, change in (breaking or {}).items():
            remit = with_tool(remit, name, *change)
        model = script if hasattr(script, "ask") else ScriptedModel(script)

        async def whole():
            async with runtime(folder, model, clock=clock or FrozenClock()) as running:
                outcome = await running.handle(remit, text, user=USER)
                return outcome, [entry.event for entry in running.log.read(last_run(running))]

        return Seen(*asyncio.run(whole()), model)

    return handle


def model(**keys):
    return {"use": OPENAI, **keys}


def bounded(**argument):
    """The rule of a tool one argument of which is bounded."""
    ((name, limits),) = argument.items()
    return {"pay": {"args": {**FREE, name: limits}}}


# Who the agent is, in the prompt and the runbook.


@proves("agent", "purpose", "instructions", "does", "does_not[].topic", "limitations")
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"agent": "other-desk"}, "other-desk"),
        ({"purpose": "Look after gardens."}, "Look after gardens."),
        ({"instructions": "Be very brief."}, "Be very brief."),
        ({"does": ["water plants"]}, "water plants"),
        ({"does_not": ["cut down trees"]}, "cut down trees"),
        ({"limitations": ["It sees no weeds."]}, "It sees no weeds."),
    ],
)
def test_the_model_is_told(handled, keys, words):
    assert words not in handled(["Hi."]).model.last_request.system
    assert words in handled(["Hi."], **keys).model.last_request.system


@proves("owner", "queues.NAME.owner")
@pytest.mark.parametrize(
    "keys", [{"owner": "ann@example.com"}, {"queues": {"people": {"owner": "ann@example.com"}}, **HANDOVER}]
)
def test_people_are_told(tmp_path, keys):
    remit = desk(tmp_path, **keys)
    assert "ann@example.com" in runbook_markdown(remit.contract, remit.facts)


@proves("remit")
def test_another_version_of_the_format_is_refused(tmp_path):
    with pytest.raises(ContractError):
        desk(tmp_path, remit=2)


# Input.


@proves("input", "input.from")
def test_who_speaks_decides_what_the_text_is(handled):
    seen = {who: handled(["Hi."], input={"from": who}).model.last_request for who in ("public", "principal")}
    assert seen["public"].messages[0].integrity is Integrity.THIRD_PARTY
    assert seen["principal"].messages[0].integrity is Integrity.USER
    assert seen["public"].system != seen["principal"].system


@proves("input.max_tokens")
def test_a_longer_input_is_refused(handled):
    assert handled(["Hi."], text="word " * 50, input={"max_tokens": 100}).kind is Answered
    assert handled([], text="word " * 50, input={"max_tokens": 10}).outcome.mode is FailureMode.INVALID_INPUT


@proves("input.schema")
def test_an_input_that_does_not_fit_its_schema_reaches_no_model(handled):
    form = {"type": "object", "properties": {"order": {"type": "integer"}}, "required": ["order"]}
    keys = {"files": {"question.json": form}, "input": {"schema": "question.json"}}
    assert handled(["Hi."], text={"order": 7}, **keys).kind is Answered
    assert handled(["Hi."], text='{"order": 7}', **keys).kind is Answered
    for wrong in ({"order": "seven"}, {"number": 7}, "Where is order 7?", '{"order": "x", "order": 7}'):
        seen = handled([], text=wrong, **keys)
        assert (seen.kind, seen.outcome.mode) == (Refused, FailureMode.INVALID_INPUT)
        (screened,) = seen.of(Screened)
        assert screened.reason.startswith("The input does not fit question.json: $")
        assert handled(["Hi."], text=wrong).kind is Answered


# Model: as it is asked.


@proves("model.temperature", "model.max_output_tokens", "model.timeout")
def test_how_the_model_is_asked(handled):
    usual = handled(["Hi."]).model.last_request
    changed = handled(
        ["Hi."], model=model(temperature=0.7, max_output_tokens=77, timeout="9s")
    ).model.last_request
    assert (usual.temperature, usual.max_output_tokens, usual.timeout_s) == (0.0, 1000, 60.0)
    assert (changed.temperature, changed.max_output_tokens, changed.timeout_s) == (0.7, 77, 9.0)


@proves("model.tries")
def test_how_often_the_model_is_tried(handled):
    assert handled([BUSY, BUSY, "Hi."], model=model(tries=3)).kind is Answered
    assert handled([BUSY, BUSY, "Hi."], model=model(tries=2)).outcome.mode is FailureMode.MODEL_UNAVAILABLE


@contextmanager
def provider(status=200) -> Iterator[tuple[str, list[dict]]]:
    """A provider on this machine, and the requests that reach it, with their headers."""
    requests: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            requests.append({**body, "authorization": self.headers.get("authorization")})
            message = {"role": "assistant", "content": "Hi."}
            if "response_format" in body:
                message["content"] = json.dumps(
                    {"tool": "answer", "arguments": {"text": "Hi."}, "text": "Hi."}
                )
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            data = {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"]}
            written = json.dumps({**data, "choices": [choice], "usage": usage}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, format, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked_over_http(folder, *tools, **choice):
    """One run with the remit's own model."""
    remit = desk(folder, *tools, model={"tries": 1, **choice})
    remit = Remit.load(folder, environment={"KEY": "k-123", "OTHER": "k-456"})

    async def whole():
        environment = {"KEY": "k-123", "OTHER": "k-456"}
        async with Runtime(store_at(folder), environment=environment) as running:
            return await running.handle(remit, "Hello.")

    return asyncio.run(whole())


@proves("model", "model.use", "model.base_url", "model.fallback", "model.calls")
def test_which_model_is_asked_and_where(tmp_path):
    with provider() as (here, asked_here), provider() as (there, asked_there):
        asked_over_http(tmp_path / "a", use="openai-compatible:one", base_url=here)
        asked_over_http(tmp_path / "b", use="openai-compatible:two", base_url=there)
        asked_over_http(tmp_path / "c", "find", use="openai-compatible:three", base_url=there, calls="native")
        asked_over_http(
            tmp_path / "d", "find", use="openai-compatible:three", base_url=there, calls="constrained"
        )
    assert [request["model"] for request in asked_here] == ["one"]
    assert [request["model"] for request in asked_there][:2] == ["two", "three"]
    assert "tools" in asked_there[1]
    assert "tools" not in asked_there[2]
    assert "response_format" in asked_there[2]
    with provider(status=400) as (url, asked):
        asked_over_http(
            tmp_path / "e", use="openai-compatible:one", fallback=["openai-compatible:two"], base_url=url
        )
    assert [request["model"] for request in asked] == ["one", "two"]


@proves("model.api_key", "model.api_key.secret")
def test_which_key_is_sent(tmp_path, monkeypatch):
    monkeypatch.setenv("KEY", "x")
    with provider() as (url, asked):
        for number, secret in enumerate(("KEY", "OTHER")):
            folder = tmp_path / str(number)
            folder.mkdir()
            choice = {
                "use": "openai-compatible:one",
                "base_url": url,
                "api_key": {"secret": secret},
                "tries": 1,
            }
            written = {"remit": 1, "agent": "d", "purpose": "p", "model": choice, "does": ["d"]}
            (folder / "remit.yaml").write_text(json.dumps(written))
            environment = {"KEY": "k-123", "OTHER": "k-456"}
            remit = Remit.load(folder, environment=environment)

            async def whole(folder=folder, remit=remit, environment=environment):
                async with Runtime(store_at(folder), environment=environment) as running:
                    return await running.handle(remit, "Hello.")

            assert isinstance(asyncio.run(whole()), Answered)
    assert [request["authorization"] for request in asked] == ["Bearer k-123", "Bearer k-456"]


# Topics, hand-over, queues.


@proves("does_not", "does_not[].words", "does_not[].queue", "does_not[].say")
def test_topics(handled):
    text = "May I sue you?"
    assert handled(["Hi."], text=text, does_not=[{"topic": "legal advice"}]).kind is Answered
    topic = {"topic": "legal advice", "words": ["sue"]}
    assert handled([], text=text, does_not=[topic]).kind is Refused
    assert handled([], text=text, does_not=[{**topic, "say": "No law."}]).outcome.message == "No law."
    assert handled([], text=text, does_not=[{**topic, "queue": "others"}]).outcome.queue == "others"


@proves("handover", "queues", "PATH.queue", "PATH.say", "PATH.value", "on_failure")
def test_where_failures_lead(handled):
    def down(**keys):
        return handled([ModelError(ModelErrorClass.REJECTED, "no")], **keys).outcome

    assert isinstance(down(), Failed)
    assert down(**HANDOVER).queue == "people"
    assert down(handover="ann@example.com").queue == "ann@example.com"
    assert down(on_failure={"model_unavailable": {"queue": "others"}}).queue == "others"
    assert down(on_failure={"model_unavailable": {"say": "Later."}}).message == "Later."
    assert down(on_failure={"model_unavailable": {"value": 7}}).output == 7
    with pytest.raises(ContractError, match="not declared"):
        down(queues={"other": {}}, **HANDOVER)


@proves("queues.NAME.deadline")
def test_a_case_is_due_when_its_queue_says(handled):
    def due_s(deadline):
        clock = FrozenClock()
        seen = handled(
            [ModelError(ModelErrorClass.REJECTED, "no")],
            clock=clock,
            queues={"people": {"deadline": deadline}},
            **HANDOVER,
        )
        (case,) = seen.of(CaseOpened)
        return case.deadline - clock()

    assert (due_s("1h"), due_s("2h")) == (3600, 7200)


@proves("queues.NAME.otherwise")
def test_what_counts_where_ask_says_nothing(handled):
    def default(ask, **queue):
        rules = {"pay": {"args": FREE, "ask": ask}}
        seen = handled([PAY], rules=rules, queues={"people": queue}, **HANDOVER)
        return seen.of(CaseOpened)[0].otherwise

    assert default("always") == "deny"
    assert default("always", otherwise="approve") == "approve"
    assert default({"when": "always", "otherwise": "deny"}, otherwise="approve") == "deny"


@proves("queues.NAME.priority")
def test_the_priority_of_a_queue_is_its_cases(handled):
    rules = {"pay": {"args": FREE, "ask": "always"}}
    seen = handled([PAY], rules=rules, queues={"people": {"priority": 7}}, **HANDOVER)
    assert seen.of(CaseOpened)[0].priority == 7


@proves("queues.NAME.hours", "queues.NAME.time_zone")
def test_only_working_hours_count(handled):
    def due_s(**queue):
        clock = FrozenClock()
        rules = {"pay": {"args": FREE, "ask": "always"}}
        seen = handled([PAY], rules=rules, clock=clock, queues={"people": queue}, **HANDOVER)
        return seen.of(CaseOpened)[0].deadline - clock()

    assert due_s(deadline="1h") == 3600
    away = (datetime.fromtimestamp(FrozenClock()(), UTC) + timedelta(hours=6)).strftime("%H:00")
    later = (datetime.fromtimestamp(FrozenClock()(), UTC) + timedelta(hours=8)).strftime("%H:00")
    hours = f"Mon-Sun {away}-{later}"
    assert due_s(deadline="1h", hours=hours) > 5 * 3600
    assert due_s(deadline="1h", hours=hours, time_zone="Asia/Tokyo") > due_s(deadline="1h", hours=hours)


@proves("queues.NAME.undo")
def test_a_decision_waits_for_its_undo(handled):
    rules = {"pay": {"args": FREE, "ask": "always"}}
    seen = handled([PAY], rules=rules, queues={"people": {"undo": "10s"}}, **HANDOVER)
    assert seen.of(CaseOpened)[0].undo_s == 10


# Answer, budget, window.


@proves("output", "output.schema", "output.repair")
def test_the_form_of_the_answer(handled):
    formal = {"output": {"schema": "answer.json", "repair": 1}, "files": {"answer.json": SCHEMA}}
    assert handled(["prose"]).kind is Answered
    assert handled(["prose", '{"text": "x"}'], **formal).outcome.output == {"text": "x"}
    strict = {**formal, "output": {"schema": "answer.json", "repair": 0}}
    assert handled(["prose"], **strict).outcome.mode is FailureMode.OUTPUT_INVALID
    other = {**formal, "files": {"answer.json": {"type": "object", "required": ["number"]}}}
    assert handled(['{"text": "x"}'] * 2, **other).outcome.mode is FailureMode.OUTPUT_INVALID


@proves("budget", "budget.steps", "budget.tokens", "budget.cost_usd", "budget.working_time")
@pytest.mark.parametrize(
    ("small", "large"),
    [
        ({"steps": 2}, {"steps": 4}),
        ({"tokens": 150}, {"tokens": 350}),
        ({"cost_usd": 0.015}, {"cost_usd": 0.035}),
        ({"working_time": "15s"}, {"working_time": "35s"}),
    ],
)
def test_a_run_uses_no_more_than_its_budget(handled, small, large):
    def asked(budget):
        clock = FrozenClock()

        def reply(request):
            clock.advance(10)
            return Reply(text="", calls=(FIND,), usage=Usage(input_tokens=100, cost_usd=0.01))

        seen = handled(ScriptedModel(reply), "find", budget=budget, clock=clock)
        assert seen.outcome.mode is FailureMode.BUDGET_EXHAUSTED
        return seen.model.asked

    assert (asked(small), asked(large)) == (2, 4)


@proves("window", "window.tokens", "window.when_full")
def test_what_is_done_when_the_window_is_full(handled):
    def ended(**window):
        model = ScriptedModel(lambda request: "Short." if request.system.startswith("Condense") else "Hi.")
        return handled(model, text="word " * 600, window=window).outcome

    assert isinstance(ended(tokens=4000), Answered)
    assert ended(tokens=1500).mode is FailureMode.CONTEXT_EXHAUSTED
    assert isinstance(ended(tokens=1500, when_full=["split"]), Answered)


# Tools.


@proves("tools", "tools.NAME.python")
def test_which_tools_there_are(handled):
    wished = [call("weather", city="Rome"), "Hi."]
    assert handled(list(wished), "find").of(Done) == []
    assert len(handled(list(wished), "find", "weather").of(Done)) == 1
    other = {"weather": {"python": "desk_tools:find"}}
    assert len(handled([call("weather", order="7"), "Hi."], tools=other).of(Done)) == 1
    assert desk_tools.calls_of("find") == [{"order": "7"}]


@proves("tools.NAME.effect")
def test_a_tightened_effect_is_the_one_that_counts(handled):
    keys = {"breaking": {"find": (hanging,)}, **HANDOVER}
    loose = handled([FIND], rules={"find": {"timeout": "20ms"}}, **keys)
    assert loose.outcome.mode is FailureMode.TOOL_UNAVAILABLE
    tight = handled(
        [FIND], rules={"find": {"timeout": "20ms", "effect": "irreversible", "args": FREE_ORDER}}, **keys
    )
    assert isinstance(tight.outcome, Waiting)
    (intended,) = tight.of(Intended)
    assert intended.effect == "irreversible"


FREE_ORDER = {"order": {"kind": "content"}}


@proves("tools.NAME.ask", "tools.NAME.ask.when", "tools.NAME.ask.queue", "tools.NAME.ask.deadline")
def test_when_a_person_is_asked(handled):
    def paid(**ask):
        rule = {"args": FREE, **({"ask": ask} if ask else {})}
        return handled([PAY, "Paid."], rules={"pay": rule}, **HANDOVER).outcome

    assert isinstance(paid(), Answered)
    assert isinstance(paid(when="amount > 30"), Answered)
    assert paid(when="amount > 20").queue == "people"
    assert paid(when="always", queue="others").queue == "others"
    start = datetime.fromtimestamp(FrozenClock()(), UTC)
    assert (paid(when="always", deadline="2h").deadline - start).total_seconds() == 7200


@proves("tools.NAME.ask.otherwise")
@pytest.mark.parametrize(("otherwise", "paid"), [("deny", 0), ("approve", 1)])
def test_what_is_decided_when_nobody_answers(tmp_path, otherwise, paid):
    clock = FrozenClock()
    ask = {"when": "always", "otherwise": otherwise}

    async def whole():
        async with runtime(tmp_path, [PAY, "Hi."], clock=clock) as running:
            await running.handle(
                desk(tmp_path, rules={"pay": {"args": FREE, "ask": ask}}, **HANDOVER), "Pay."
            )
            clock.advance(20_000)
            await running.sweep()

    asyncio.run(whole())
    assert len(desk_tools.DONE) == paid


@proves("tools.NAME.timeout")
def test_a_call_ends_with_its_timeout(handled):
    async def slowly(order):
        await asyncio.sleep(0.05)
        return "found"

    desk_tools.DOES["find"] = slowly
    assert handled([FIND, "Hi."], rules={"find": {"timeout": "5s"}}).kind is Answered
    assert handled([FIND], rules={"find": {"timeout": "1ms"}}).outcome.mode is FailureMode.TOOL_UNAVAILABLE


@proves("tools.NAME.tries")
def test_how_often_a_call_is_tried(handled):
    def ended(tries):
        return handled(
            [FIND, "Hi."], rules={"find": {"tries": tries}}, breaking={"find": (failing_once,)}
        ).outcome

    assert isinstance(ended(2), Answered)
    assert ended(1).mode is FailureMode.TOOL_UNAVAILABLE


def failing_once(tool):
    return failing(tool, times=1)


@proves(
    "tools.NAME.args",
    "tools.NAME.args.NAME.is",
    "tools.NAME.args.NAME.only_from",
    "tools.NAME.args.NAME.max",
    "tools.NAME.args.NAME.min",
)
@pytest.mark.parametrize(
    ("argument", "paid"),
    [
        ({"order": {"is": "user.account"}}, 0),
        ({"order": {"is": "user.order"}}, 1),
        ({"order": {"only_from": "find.number"}}, 0),
        ({"order": {"only_from": "find.id"}}, 1),
        ({"amount": {"max": 29}}, 0),
        ({"amount": {"max": 30}}, 1),
        ({"amount": {"min": 31}}, 0),
        ({"amount": {"min": 30, "max": 99}}, 1),
    ],
)
def test_what_an_argument_may_be(tmp_path, argument, paid):
    rules = {"find": {}, "pay": {"args": {**FREE, **argument}, "ask": "amount > 1000"}}
    remit = desk(tmp_path, rules=rules, **HANDOVER)

    async def whole():
        async with runtime(tmp_path, [FIND, PAY, "Hi."], clock=FrozenClock()) as running:
            await running.handle(remit, "Pay.", user={**USER, "order": "7"})

    asyncio.run(whole())
    assert len(desk_tools.calls_of("pay")) == paid


@proves("tools.NAME.args.NAME.kind")
def test_a_free_authority_beside_third_party_reads_is_refused(handled):
    assert handled(["Hi."], rules={"find": {}, "pay": {"args": FREE}}, **HANDOVER).kind is Answered
    authority = {**FREE, "order": {"kind": "authority"}}
    with pytest.raises(ContractError, match="order"):
        handled([], rules={"find": {}, "pay": {"args": authority}}, **HANDOVER)


@proves("tools.NAME.once_per")
@pytest.mark.parametrize(("once_per", "paid"), [([], 3), (["order", "amount"], 2), (["order"], 1)])
def test_what_counts_as_the_same_action(handled, once_per, paid):
    script = [PAY, call("pay", order="7", amount=30), call("pay", order="7", amount=31), "Paid."]
    rules = {"pay": {"args": FREE, "once_per": once_per}}
    assert handled(script, rules=rules, **HANDOVER).kind is Answered
    assert len(desk_tools.DONE) == paid


@proves("tools.NAME.key_ttl")
@pytest.mark.parametrize(("key_ttl", "called", "kind"), [("2h", 2, Answered), ("1h", 1, Waiting)])
def test_a_key_is_trusted_as_long_as_it_is_remembered(tmp_path, key_ttl, called, kind):
    clock = FrozenClock()
    script = ScriptedModel([call("book", order="7", amount=5), "Booked."], by_turn=True)
    remit = desk(tmp_path, rules={"book": {"args": FREE_BOOK, "key_ttl": key_ttl}}, **HANDOVER)

    async def whole():
        reached = asyncio.Event()

        async def hang(**arguments):
            reached.set()
            await asyncio.Event().wait()

        desk_tools.DOES["book"] = hang
        async with runtime(tmp_path, script, clock=clock) as running:
            task = asyncio.create_task(running.handle(remit, "Book."))
            await reached.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            desk_tools.DOES.clear()
            clock.advance(5400)
            (outcome,) = await running.sweep()
            return outcome

    assert isinstance(asyncio.run(whole()), kind)
    assert len(desk_tools.DONE) == called


FREE_BOOK = {"order": {"kind": "content"}, "amount": {"kind": "content"}}


@proves("tools.NAME.max_result_bytes")
def test_a_result_is_cut_at_its_limit(handled):
    def cut(limit):
        keys = {"rules": {"find": {"max_result_bytes": limit}}, "breaking": {"find": (huge, 5000)}}
        (done,) = handled([FIND, "Hi."], **keys).of(Done)
        return done.cut_from_bytes

    assert cut(20_000) is None
    assert cut(1000) >= 5000


@proves("tools.NAME.breaker", "tools.NAME.breaker_rest")
def test_a_tool_that_fails_in_a_row_is_given_a_rest(tmp_path):
    def reached(folder, *, breaker, rest, pause_s):
        desk_tools.reset()
        desk_tools.DOES["find"] = broken
        clock = FrozenClock()
        rule = {"breaker": breaker, "breaker_rest": rest}
        remit = desk(
            folder, rules={"find": rule}, on_failure={"tool_failed": "degrade", "tool_unavailable": "degrade"}
        )

        async def whole():
            script = ScriptedModel([FIND, "Hi."], by_turn=True)
            async with runtime(folder, script, clock=clock) as running:
                for _ in range(6):
                    await running.handle(remit, "Hello.")
                    clock.advance(pause_s)

        asyncio.run(whole())
        return len(desk_tools.DONE)

    def broken(order):
        raise RuntimeError("down")

    assert reached(tmp_path / "a", breaker=3, rest="1h", pause_s=1) == 3
    assert reached(tmp_path / "b", breaker=5, rest="1h", pause_s=1) == 5
    # Failures at 0, 1 and 2; a rest until 5; a probe that opens it again.
    assert reached(tmp_path / "c", breaker=3, rest="3s", pause_s=1) == 4


@proves("tools.NAME.unavailable", "tools.NAME.failed")
def test_a_tools_own_paths(handled):
    def ended(with_, **rule):
        keys = {"rules": {"find": rule}, "breaking": {"find": (lambda tool: failing(tool, with_=with_),)}}
        return handled([FIND], **keys, **HANDOVER).outcome

    unavailable, failed = desk_errors()
    assert isinstance(ended(unavailable), Escalated)
    assert ended(unavailable, unavailable={"say": "Down."}).message == "Down."
    assert isinstance(ended(unavailable, failed={"say": "Down."}), Escalated)
    assert ended(failed, failed={"value": "?"}).output == "?"


def desk_errors():
    from remit import ToolFailure, ToolUnavailable

    return ToolUnavailable("x"), ToolFailure("x")


@proves("PATH.last_known")
def test_how_old_the_last_known_result_may_be(tmp_path):
    def ended(folder, age):
        clock = FrozenClock()
        remit = desk(folder, rules={"find": {"unavailable": {"last_known": age}}})
        remit = with_tool(remit, "find", lambda tool: failing_later(tool))

        async def whole():
            async with runtime(folder, ScriptedModel([FIND, "Hi."], by_turn=True), clock=clock) as running:
                await running.handle(remit, "Hello.", user=USER)
                clock.advance(5400)
                return await running.handle(remit, "Hello.", user=USER)

        return asyncio.run(whole())

    assert isinstance(ended(tmp_path / "a", "2h"), Degraded)
    assert ended(tmp_path / "b", "1h").mode is FailureMode.TOOL_UNAVAILABLE


def failing_later(tool):
    """Works once, then fails."""
    from dataclasses import replace

    broken, calls = failing(tool), iter(range(100))

    async def once(arguments, context):
        return await (tool if next(calls) == 0 else broken).call(arguments, context)

    return replace(tool, call=once)


@proves("tools.NAME.unknown")
def test_who_is_asked_about_an_unknown_effect(handled):
    def queue(**rule):
        keys = {"rules": {"pay": {"args": FREE, "timeout": "10ms", **rule}}, "breaking": {"pay": (hanging,)}}
        return handled([PAY], **keys, **HANDOVER).outcome.queue

    assert queue() == "people"
    assert queue(unknown={"queue": "others"}) == "others"


# Servers and secrets.

MCP = '''
import os, sys
from mcp.server.mcpserver import MCPServer

server = MCPServer("s", log_level="ERROR")


@server.tool()
def variable(name: str) -> str:
    """Tell."""
    return os.environ.get(name, "unset")


server.run("stdio")
'''


async def approved(folder, environment):
    """The agent in the folder, the tools of its servers approved as they are."""
    from remit.contract import parse
    from remit.tools import freeze_servers, servers_of

    contract = parse(folder / "remit.yaml").contract
    servers = servers_of(contract, folder, environment)
    findings = await freeze_servers(contract, folder, servers, approve=True)
    await servers.close()
    assert findings == ()
    return Remit.load(folder, environment=environment)


@proves(
    "servers",
    "servers.NAME.command",
    "servers.NAME.environment",
    "servers.NAME.environment.NAME.secret",
    "tools.NAME.mcp",
    "secrets",
)
def test_a_server_is_started_with_its_environment_and_no_secret_reaches_the_log(tmp_path):
    (tmp_path / "serve.py").write_text(MCP)
    server = {
        "command": [sys.executable, str(tmp_path / "serve.py")],
        "environment": {"PLAIN": "here", "HIDDEN": {"secret": "TOKEN"}},
    }
    written = {
        "remit": 1, "agent": "d", "purpose": "p", "model": OPENAI, "does": ["d"], "secrets": ["OTHER"],
        "servers": {"s": server},
        "tools": {"variable": {"mcp": "s:variable", "effect": "read"}},
    }  # fmt: skip
    (tmp_path / "remit.yaml").write_text(json.dumps(written))
    environment = {"TOKEN": "t0p-secret-value", "OTHER": "0ther-secret-value", "OPENAI_API_KEY": "none"}
    environment |= {"PATH": os.environ["PATH"]}
    script = [
        [call("variable", name="PLAIN"), call("variable", name="HIDDEN")],
        "The other one is 0ther-secret-value.",
    ]

    async def whole():
        remit = await approved(tmp_path, environment)
        async with runtime(tmp_path, script, environment=environment) as running:
            outcome = await running.handle(remit, "Hello.")
            return outcome, of_kind(running, last_run(running), Done)

    outcome, done = asyncio.run(whole())
    assert isinstance(outcome, Answered)
    assert [event.result if isinstance(event.result, str) else event.result["result"] for event in done] == [
        "here",
        "secret:TOKEN",
    ]
    stored = kept_bytes(tmp_path)
    assert b"t0p-secret-value" not in stored
    assert b"0ther-secret-value" not in stored
    assert b"secret:OTHER" in stored


@proves(
    "servers.NAME.url", "servers.NAME.headers", "servers.NAME.headers.NAME.secret", "servers.NAME.timeout"
)
def test_a_server_is_reached_at_its_address_with_its_headers_in_time(tmp_path):
    """A server that takes the request and never answers: its headers are seen, its time-out is kept."""
    # Its own first import would use up the time that is given to the server.
    pytest.importorskip("mcp.client.streamable_http")
    from remit.contract import parse
    from remit.tools import freeze_servers, servers_of

    seen, released = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append((self.path, self.headers.get("X-Plain"), self.headers.get("X-Hidden")))
            released.wait()
            self.close_connection = True

        def log_message(self, format, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        address = {
            "url": f"http://127.0.0.1:{server.server_address[1]}/there",
            "headers": {"X-Plain": "here", "X-Hidden": {"secret": "TOKEN"}},
            "timeout": "2s",
        }
        written = {
            "remit": 1, "agent": "d", "purpose": "p", "model": OPENAI, "does": ["d"],
            "servers": {"s": address},
            "tools": {"variable": {"mcp": "s:variable", "effect": "read"}},
        }  # fmt: skip
        (tmp_path / "remit.yaml").write_text(json.dumps(written))
        contract = parse(tmp_path / "remit.yaml").contract

        async def whole():
            servers = servers_of(contract, tmp_path, {"TOKEN": "t0p"})
            findings = await freeze_servers(contract, tmp_path, servers, approve=True)
            await servers.close()
            return findings

        (finding,) = asyncio.run(whole())
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert seen[0] == ("/there", "here", "t0p")
    assert "2 s" in finding.message


# How sure an answer must be. tests/confidence proves each in full.


def unsure(request):
    return Reply(text="Perhaps.", finish="stop", mean_logprob=-2.0, reported_model="m")


@proves(
    "confidence", "confidence.mode", "confidence.from", "confidence.below", "confidence.max_error",
    "confidence.sure", "confidence.slices",
)  # fmt: skip
def test_an_answer_is_held_back_until_the_bound_can_be_promised(handled):
    assert handled(unsure, confidence="observe").kind is Answered
    held = handled(unsure, confidence={"from": "logprobs", "below": {"queue": "people"}})
    assert held.kind is Waiting
    assert "0 of about 200 labels" in held.of(Scored)[0].reason
    few = handled(unsure, confidence={"max_error": 0.1, "sure": 0.8, "below": {"say": "Not sure."}})
    assert few.kind is Refused
    assert "0 of about 100 labels" in few.of(Scored)[0].reason
    sliced = handled(unsure, confidence={"mode": "observe", "slices": "user.account"})
    assert sliced.of(Scored)[0].slice == USER["account"]


@proves("confidence.samples", "confidence.judge", "confidence.function")
def test_an_answer_is_scored_as_the_remit_says(handled):
    twice = handled(unsure, confidence={"mode": "observe", "from": "samples", "samples": 2})
    assert [event.purpose for event in twice.of(ModelAsked)] == ["step", "sample", "sample"]
    judged = handled(["Yes.", '{"probability": 0.5}'], confidence={
        "mode": "observe", "from": "judge", "judge": OPENAI,
    })  # fmt: skip
    assert judged.of(Scored)[0].score == 0.5
    counted = handled(["Yes."], confidence={
        "mode": "observe", "from": "function", "function": "desk_tools:half_sure",
    })  # fmt: skip
    assert counted.of(Scored)[0].score == 0.5


@proves("confidence.audit")
def test_a_share_of_the_answers_is_put_before_a_reviewer(handled):
    most = handled(unsure, handover="people", confidence={"mode": "observe", "audit": 0.6})
    assert most.of(CaseOpened)[0].trigger == "audit"
    none = handled(unsure, handover="people", confidence={"mode": "observe", "audit": 0.4})
    assert none.of(CaseOpened) == []


# Every key.


def limited_run(tmp_path, script, **keys):
    """How often the clock had to be moved on before the run ended, and what it left in the log."""
    clock = FrozenClock()

    async def whole():
        async with runtime(tmp_path, ScriptedModel(script), clock=clock) as running:
            run_id = await running.submit(desk(tmp_path / "desk", **keys), "Hello.", user=USER)
            began = clock()
            await running.advance(run_id)
            return clock() - began, of_kind(running, run_id, Postponed)

    return asyncio.run(whole())


@proves("model.calls_per_minute", "model.tokens_per_minute")
@pytest.mark.parametrize("bound", [{"calls_per_minute": 2}, {"tokens_per_minute": 2500}])
def test_a_model_is_used_no_faster_than_is_allowed(tmp_path, bound):
    script = [Reply(text="", calls=(FIND,), usage=Usage(input_tokens=2000, output_tokens=300)), "Hi."]
    model = {"use": OPENAI, **bound}
    seconds, postponed = limited_run(tmp_path, script, rules={"find": {}}, model=model)
    assert seconds >= 15
    assert [event.reason for event in postponed][:1] == ["model:scripted:model is used as much as is allowed"]
    assert limited_run(tmp_path / "free", script, rules={"find": {}}) == (0, [])


@proves("tools.NAME.calls_per_minute")
def test_a_tool_is_called_no_faster_than_is_allowed(tmp_path):
    script = [FIND, call("find", order="8"), "Hi."]
    seconds, postponed = limited_run(tmp_path, script, rules={"find": {"calls_per_minute": 2}})
    assert 30 <= seconds < 60
    assert len(postponed) >= 1
    assert len(desk_tools.calls_of("find")) == 2


@proves("flow", "flow.runs", "flow.runs_per_tenant")
@pytest.mark.parametrize(("flow", "most"), [({"runs": 2}, 2), ({"runs_per_tenant": 1}, 2)])
def test_no_more_runs_are_under_way_than_is_allowed(tmp_path, flow, most):
    counts = []

    async def whole():
        full = asyncio.Event()

        class Watching(ScriptedModel):
            async def ask(self, request):
                counts.append(len(running.wakes.active))
                if counts[-1] >= most:
                    full.set()
                await full.wait()
                return await super().ask(request)

        async with runtime(tmp_path, Watching(["Hi."] * 6)) as running:
            remit = desk(tmp_path / "desk", flow=flow)
            asked = [running.handle(remit, "Hello.", user=USER, tenant=f"t{n % 2}") for n in range(6)]
            return await asyncio.wait_for(asyncio.gather(*asked), 30)

    assert [type(outcome) for outcome in asyncio.run(whole())] == [Answered] * 6
    assert max(counts) == most


@proves("flow.queued")
def test_a_run_too_many_is_told_to_try_later(tmp_path):
    clock = FrozenClock()

    async def whole():
        async with runtime(tmp_path, ScriptedModel(["Hi."] * 2), clock=clock) as running:
            remit = desk(tmp_path / "desk", flow={"queued": 2})
            for _ in range(2):
                await running.submit(remit, "Hello.", user=USER)
            clock.advance(7)
            for ask in (running.submit, running.handle):
                with pytest.raises(TryLater) as refused:
                    await ask(remit, "Hello.", user=USER)
                assert refused.value.retry_after_s == 7
            assert len(await running.sweep()) == 2
            await running.submit(remit, "Hello.", user=USER)

    asyncio.run(whole())


@proves("schedules", "schedules.NAME.cron", "schedules.NAME.input", "schedules.NAME.tenant")
def test_the_clock_submits_what_is_due(tmp_path):
    schedule = {"cron": "30 6 * * *", "input": "Good morning.", "tenant": "t1"}
    remit = desk(tmp_path, schedules={"daily": schedule})
    half_past_six = datetime(2026, 3, 1, 6, 30, tzinfo=UTC).timestamp()
    (found,) = due([remit], half_past_six - 1, half_past_six)
    assert (found.value, found.tenant, found.key) == (
        "Good morning.",
        "t1",
        "schedule:daily:2026-03-01T06:30Z",
    )
    assert list(due([remit], half_past_six, half_past_six + 86_000)) == []


def guards(key):
    """The keys that are proved in test_app_guard_keys.py, test_app_scope_keys.py, test_app_languages.py,
    test_app_notifying.py, test_app_experts.py and test_loop_own_request.py."""
    of_tools = ("returns", "egress", "audience", "args.NAME.type", "args.NAME.active_content")
    apart = (
        "grants",
        "endorsements",
        "guard",
        "scope",
        "input.suspicious_from",
        "input.languages",
        "input.other_language",
        "queues.NAME.notify",
        "queues.NAME.agent",
        "queues.NAME.model",
        "queues.NAME.then",
        "ask_person",
    )
    return key.startswith((*apart, *(f"tools.NAME.{each}" for each in of_tools)))


def test_every_key_of_the_schema_is_proved():
    keys = {row.key for row in schema_reference() if not guards(row.key)}
    assert keys - PROVED == set(), "a key without a test that sees it enforced"
    assert PROVED - keys == set(), "a test of a key that does not exist"
