import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provider_server import Answer as Served
from provider_server import chat, failure, serving

from remit.contract import ModelChoice
from remit.event import Integrity, Said, Usage
from remit.model import Answer, Model, ModelError, ModelErrorClass, NoAnswer, Reply, Request, ask_chain
from remit.model.provider import open_provider

REQUEST = Request(system="", messages=(Said(text="Hi", integrity=Integrity.THIRD_PARTY),), timeout_s=5)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Scripted:
    """A model that raises or answers from a list; the last entry repeats."""

    name: str
    script: Sequence[ModelErrorClass | str]
    clock: Clock
    takes_s: float = 0.0
    asked: int = 0
    context_tokens: int | None = None
    errors: list[ModelError] = field(default_factory=list)

    async def ask(self, request: Request) -> Reply:
        step = self.script[min(self.asked, len(self.script) - 1)]
        self.asked += 1
        self.clock.now += self.takes_s
        if isinstance(step, ModelErrorClass):
            raise ModelError(step, "d" * 900, usage=Usage(input_tokens=1))
        return Reply(text=step, usage=Usage(input_tokens=10))


def run(
    models: Sequence[Model], clock: Clock, *, tries: int = 3, deadline_s: float = 1000
) -> Answer | NoAnswer:
    return asyncio.run(
        ask_chain(
            models,
            REQUEST,
            tries=tries,
            deadline_s=deadline_s,
            clock=clock,
            sleep=clock.sleep,
            random=lambda: 0.5,
        )
    )


def test_the_first_model_that_answers_wins_and_every_failure_is_kept() -> None:
    clock = Clock()
    broken = Scripted("a", [ModelErrorClass.OVERLOADED], clock)
    shut = Scripted("b", [ModelErrorClass.AUTHENTICATION], clock)
    good = Scripted("c", [ModelErrorClass.EMPTY, "yes"], clock, takes_s=0.2)
    result = run([broken, shut, good], clock)
    assert isinstance(result, Answer)
    assert (result.reply.text, result.model) == ("yes", "c")
    assert [(attempt.target, attempt.error) for attempt in result.attempts] == [
        ("a", "overloaded"),
        ("a", "overloaded"),
        ("a", "overloaded"),
        ("b", "authentication"),
        ("c", "empty"),
    ]
    assert {len(attempt.detail) for attempt in result.attempts} == {500}
    assert result.usage.input_tokens == 15
    assert result.latency_ms == pytest.approx(200)


def test_an_overflow_is_reported_at_once() -> None:
    clock = Clock()
    other = Scripted("b", ["yes"], clock)
    result = run([Scripted("a", [ModelErrorClass.CONTEXT_WINDOW], clock), other], clock)
    assert isinstance(result, NoAnswer)
    assert result.overflow
    assert other.asked == 0


def test_an_empty_chain_says_so() -> None:
    assert run([], Clock()) == NoAnswer(reason="no model is named", attempts=(), usage=Usage())


def test_the_deadline_ends_everything() -> None:
    clock = Clock()
    slow = Scripted("a", [ModelErrorClass.TIMEOUT], clock, takes_s=6)
    late = Scripted("b", ["yes"], clock)
    result = run([slow, late], clock, tries=5, deadline_s=10)
    assert isinstance(result, NoAnswer)
    assert "deadline" in result.reason
    assert late.asked == 0


@given(
    st.lists(st.lists(st.sampled_from([*ModelErrorClass, "yes"]), min_size=1, max_size=4), max_size=4),
    st.integers(1, 5),
    st.floats(0, 20),
    st.floats(0, 60),
)
def test_nothing_is_tried_for_ever(
    scripts: list[list[ModelErrorClass | str]], tries: int, takes_s: float, deadline_s: float
) -> None:
    clock = Clock()
    models = [Scripted(str(i), script, clock, takes_s) for i, script in enumerate(scripts)]
    result = run(models, clock, tries=tries, deadline_s=deadline_s)
    assert all(model.asked <= tries for model in models)
    assert clock.now <= deadline_s + takes_s + 0.001
    failed = sum(model.asked for model in models) - isinstance(result, Answer)
    assert len(result.attempts) == failed


def test_a_model_that_hangs_is_left_and_the_next_one_answers() -> None:
    async def go() -> Answer | NoAnswer:
        loop = asyncio.get_running_loop()
        request = Request(system="", messages=REQUEST.messages, timeout_s=0.2)
        chain = [hanging, answering]
        try:
            return await ask_chain(
                chain,
                request,
                tries=1,
                deadline_s=20,
                clock=loop.time,
                sleep=asyncio.sleep,
                random=lambda: 0.0,
            )
        finally:
            for model in chain:
                await model.close()

    with serving(Served(fault="hang")) as one, serving(chat("yes")) as two:
        hanging, answering = (
            open_provider(
                ModelChoice.model_validate({"use": "openai-compatible:m", "base_url": f"{server.url}/v1"}),
                "openai-compatible:m",
                {},
            )
            for server in (one, two)
        )
        result = asyncio.run(go())
    assert isinstance(result, Answer)
    assert [attempt.error for attempt in result.attempts] == ["timeout"]


def test_a_model_that_keeps_no_time_is_cut_off() -> None:
    class Endless(Scripted):
        async def ask(self, request: Request) -> Reply:
            return await asyncio.get_running_loop().create_future()

    async def go() -> Answer | NoAnswer:
        loop = asyncio.get_running_loop()
        request = Request(system="", messages=(), timeout_s=0.05)
        endless = Endless("a", [], Clock())
        async with asyncio.timeout(10):
            return await ask_chain(
                [endless],
                request,
                tries=2,
                deadline_s=0.08,
                clock=loop.time,
                sleep=asyncio.sleep,
                random=lambda: 0.0,
            )

    result = asyncio.run(go())
    assert isinstance(result, NoAnswer)
    assert [attempt.error for attempt in result.attempts] == ["timeout"]


def test_a_rate_limit_is_waited_out_as_long_as_the_server_asks() -> None:
    clock = Clock()

    async def go(url: str) -> Answer | NoAnswer:
        choice = ModelChoice.model_validate({"use": "openai-compatible:m", "base_url": f"{url}/v1"})
        model = open_provider(choice, choice.use, {})
        try:
            return await ask_chain(
                [model],
                REQUEST,
                tries=2,
                deadline_s=60,
                clock=clock,
                sleep=clock.sleep,
                random=lambda: 0.0,
            )
        finally:
            await model.close()

    with serving(failure(429, "rate_limit_exceeded", "slow", retry_after="9"), chat("yes")) as server:
        result = asyncio.run(go(server.url))
    assert isinstance(result, Answer)
    assert clock.now == 9


def test_cancelling_stops_the_attempt() -> None:
    async def go(url: str) -> None:
        choice = ModelChoice.model_validate({"use": "openai-compatible:m", "base_url": f"{url}/v1"})
        model = open_provider(choice, choice.use, {})
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(
            ask_chain(
                [model],
                REQUEST,
                tries=3,
                deadline_s=60,
                clock=loop.time,
                sleep=asyncio.sleep,
                random=lambda: 0.0,
            )
        )
        await asyncio.to_thread(server.received.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await model.close()

    with serving(Served(fault="hang")) as server:
        asyncio.run(go(server.url))
    assert len(server.requests) == 1
