"""Ask a chain of models until one answers, within limits of tries and time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from remit.event import Attempt, Usage
from remit.model.keepable import keepable, whole_text
from remit.model.port import Model, ModelError, ModelErrorClass, Reply, Request
from remit.model.retry import GiveUp, NextModel, Retry, next_try
from remit.model.written import with_written_calls

DETAIL_CHARACTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A model answered."""

    reply: Reply
    model: str
    """The name of the model of the chain that answered."""
    attempts: tuple[Attempt, ...]
    """The failed attempts before it."""
    usage: Usage
    """Of the reply and of the failed attempts together."""
    latency_ms: float
    """Of the attempt that succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """No model answered."""

    reason: str
    attempts: tuple[Attempt, ...]
    usage: Usage
    overflow: bool = False
    """The request does not fit the window of the model named by the last attempt: fit it again."""


@dataclass(slots=True, kw_only=True)
class _Chain:
    request: Request
    tries: int
    end: float
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    usage: Usage = field(default_factory=Usage)

    def no_answer(self, reason: str, *, overflow: bool = False) -> NoAnswer:
        return NoAnswer(reason=reason, attempts=tuple(self.attempts), usage=self.usage, overflow=overflow)

    def late(self) -> NoAnswer:
        return self.no_answer("the deadline for an answer has passed")

    async def attempt(self, model: Model, timeout_s: float) -> Answer | ModelError:
        began = self.clock()
        try:
            async with asyncio.timeout(timeout_s):
                reply = with_written_calls(keepable(await model.ask(self.request)), self.request)
        except TimeoutError:
            failure = ModelError(ModelErrorClass.TIMEOUT, f"no reply within {timeout_s:g} s")
        except ModelError as error:
            failure = error
        else:
            self.usage = self.usage.plus(reply.usage)
            return Answer(
                reply=reply,
                model=model.name,
                attempts=tuple(self.attempts),
                usage=self.usage,
                latency_ms=(self.clock() - began) * 1000,
            )
        self.usage = self.usage.plus(failure.usage)
        self.attempts.append(
            Attempt(
                target=model.name,
                error=failure.error.value,
                detail=whole_text(failure.detail[:DETAIL_CHARACTERS]),
                latency_ms=(self.clock() - began) * 1000,
            )
        )
        return failure

    async def ask(self, model: Model) -> Answer | NoAnswer | NextModel:
        for number in range(1, self.tries + 1):
            left_s = self.end - self.clock()
            if left_s <= 0:
                return self.late()
            result = await self.attempt(model, min(self.request.timeout_s, left_s))
            if isinstance(result, Answer):
                return result
            verdict = next_try(result.error, number, self.tries, result.retry_after_s, self.random)
            match verdict:
                case Retry(wait_s=wait_s):
                    if self.clock() + wait_s >= self.end:
                        return NextModel(reason=f"{result.error}: no time is left to wait {wait_s:.1f} s")
                    await self.sleep(wait_s)
                case NextModel():
                    return verdict
                case GiveUp(reason=reason):
                    return self.no_answer(f"{model.name}: {reason}", overflow=True)
                case _:
                    assert_never(verdict)
        return NextModel(reason="no attempt was allowed")


async def ask_chain(
    models: Sequence[Model],
    request: Request,
    *,
    tries: int,
    deadline_s: float,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
) -> Answer | NoAnswer:
    """The first answer of the chain; never more than `tries` attempts at each model.

    `deadline_s` bounds everything, waits included, in seconds from now on `clock`; one attempt is
    bounded by the request's `timeout_s` and by what is left. Cancelling the task cancels the attempt.
    """
    chain = _Chain(
        request=request, tries=tries, end=clock() + deadline_s, clock=clock, sleep=sleep, random=random
    )
    reasons: list[str] = []
    for model in models:
        result = await chain.ask(model)
        match result:
            case NextModel(reason=reason):
                reasons.append(f"{model.name}: {reason}")
            case Answer() | NoAnswer():
                return result
            case _:
                assert_never(result)
    return chain.no_answer("; ".join(reasons) or "no model is named")
