"""Carry out one tool call: send it, within its limits, and say what is known of it afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from remit.event import Attempt
from remit.outcome import Effect, FailureMode, side_effecting
from remit.tools.as_json import NotJson, as_json, reason_text
from remit.tools.port import Tool, ToolContext, ToolFailure, ToolUnavailable
from remit.tools.retry import ErrorClass, Failed, TryAgain, Unavailable, Unknown, after_failure, ambiguous

DONE_BUT_UNREADABLE = "The call succeeded, but its result cannot be shown: {reason}."
SAFE_TO_REPEAT = "an attempt may have taken effect; making the same call again is safe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The call took place and this is its result, as JSON; `attempts` failed before it."""

    result: Any
    latency_ms: float
    attempts: tuple[Attempt, ...] = ()
    cut_from_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """There is no result; an idempotent call may have taken effect, any other did not."""

    mode: Literal[FailureMode.TOOL_FAILED, FailureMode.TOOL_UNAVAILABLE]
    reason: str
    latency_ms: float
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """Nobody here knows whether the call took effect: `effect_unknown`."""

    reason: str
    latency_ms: float
    attempts: tuple[Attempt, ...]


Carried = Succeeded | NotDone | Ambiguous


@dataclass(frozen=True, slots=True, kw_only=True)
class _Error:
    error: ErrorClass
    detail: str


@dataclass(slots=True)
class _Progress:
    """What has been tried so far of one call."""

    started: float
    clock: Callable[[], float]
    target: str
    attempts: tuple[Attempt, ...] = ()
    doubtful: bool = False

    def elapsed_s(self) -> float:
        return max(0.0, self.clock() - self.started)

    def failed(self, error: _Error, begun: float) -> None:
        latency_ms = max(0.0, self.clock() - begun) * 1000
        attempt = Attempt(
            target=self.target, error=str(error.error), detail=error.detail, latency_ms=latency_ms
        )
        self.attempts = (*self.attempts, attempt)
        self.doubtful = self.doubtful or ambiguous(error.error)


async def carry_out(
    tool: Tool,
    arguments: dict[str, Any],
    context: ToolContext,
    *,
    timeout_s: float,
    tries: int,
    call_before: float,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
    max_result_bytes: int,
    doubtful: bool = False,
) -> Carried:
    """Make the call with validated `arguments`, again only where its effect allows it.

    Nothing is sent once `clock()` has reached `call_before` (seconds since the epoch). `timeout_s`
    bounds each attempt; `random` (0 to 1) spreads the waits between them. `doubtful`: an earlier
    wake may have made this call, so that only a result settles it. Never raises an error of
    the tool; being cancelled, and exceptions that are no `Exception`, pass through.
    """
    progress = _Progress(started=clock(), clock=clock, target=tool.name, doubtful=doubtful)
    while True:
        begun = clock()
        answer = await _attempt(tool, arguments, context, timeout_s, call_before, clock)
        if answer is None:
            return _too_late(tool, progress)
        if not isinstance(answer, _Error):
            return _received(tool, answer[0], progress, max_result_bytes)
        before = progress.doubtful
        progress.failed(answer, begun)
        verdict = after_failure(
            tool.effect,
            answer.error,
            attempt=len(progress.attempts),
            tries=tries,
            elapsed_s=progress.elapsed_s(),
            allowed_s=call_before - progress.started,
            doubtful=before,
        )
        if not isinstance(verdict, TryAgain):
            return _given_up(tool, verdict, answer.detail, progress)
        await sleep(verdict.wait_s * (0.5 + random() / 2))


async def _attempt(
    tool: Tool,
    arguments: dict[str, Any],
    context: ToolContext,
    timeout_s: float,
    call_before: float,
    clock: Callable[[], float],
) -> tuple[Any] | _Error | None:
    """One attempt: the result in a tuple, an error, or None if it is too late to send."""
    if tool.prepare is not None:
        prepared = await _bounded(tool.prepare, timeout_s)
        if isinstance(prepared, _Error):
            return _Error(error=ErrorClass.UNAVAILABLE, detail=prepared.detail)
    if clock() >= call_before:
        return None
    return await _bounded(lambda: tool.call(arguments, context), timeout_s)


async def _bounded(action: Callable[[], Awaitable[Any]], timeout_s: float) -> tuple[Any] | _Error:
    limit = asyncio.timeout(timeout_s)
    try:
        async with limit:
            return (await action(),)
    except ToolFailure as error:
        return _Error(error=ErrorClass.FAILURE, detail=reason_text(str(error)))
    except ToolUnavailable as error:
        return _Error(error=ErrorClass.UNAVAILABLE, detail=reason_text(str(error)))
    except (TimeoutError, ConnectionError) as error:
        if limit.expired():
            return _Error(error=ErrorClass.TIMEOUT, detail=f"no answer within {timeout_s:g} s")
        return _Error(error=ErrorClass.TIMEOUT, detail=_described(error))
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return _Error(error=ErrorClass.EXCEPTION, detail=_described(error))
    except Exception as error:
        return _Error(error=ErrorClass.EXCEPTION, detail=_described(error))


def _described(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # an exception of the user's whose own text cannot be made
        text = ""
    return reason_text(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _latency_ms(progress: _Progress) -> float:
    return progress.elapsed_s() * 1000


def _received(tool: Tool, value: Any, progress: _Progress, max_result_bytes: int) -> Succeeded | NotDone:
    """The result as JSON. A call that had its effect succeeded, even if its result is unreadable."""
    try:
        result = as_json(value, max_result_bytes)
    except NotJson as error:
        if side_effecting(tool.effect):
            return Succeeded(
                result=DONE_BUT_UNREADABLE.format(reason=error),
                latency_ms=_latency_ms(progress),
                attempts=progress.attempts,
            )
        return NotDone(
            mode=FailureMode.TOOL_FAILED,
            reason=str(error),
            latency_ms=_latency_ms(progress),
            attempts=progress.attempts,
        )
    return Succeeded(
        result=result.value,
        latency_ms=_latency_ms(progress),
        attempts=progress.attempts,
        cut_from_bytes=result.cut_from_bytes,
    )


def _too_late(tool: Tool, progress: _Progress) -> NotDone | Ambiguous:
    reason = "the time in which the call could be sent is over"
    if progress.doubtful and tool.effect in (Effect.KEYED, Effect.IRREVERSIBLE):
        return Ambiguous(reason=reason, latency_ms=_latency_ms(progress), attempts=progress.attempts)
    return NotDone(
        mode=FailureMode.TOOL_UNAVAILABLE,
        reason=_noted(tool, reason, progress),
        latency_ms=_latency_ms(progress),
        attempts=progress.attempts,
    )


def _given_up(
    tool: Tool, verdict: Unavailable | Failed | Unknown, detail: str, progress: _Progress
) -> NotDone | Ambiguous:
    if isinstance(verdict, Unknown):
        return Ambiguous(
            reason=f"{verdict.reason} ({detail})",
            latency_ms=_latency_ms(progress),
            attempts=progress.attempts,
        )
    failed = isinstance(verdict, Failed)
    return NotDone(
        mode=FailureMode.TOOL_FAILED if failed else FailureMode.TOOL_UNAVAILABLE,
        reason=_noted(tool, detail, progress),
        latency_ms=_latency_ms(progress),
        attempts=progress.attempts,
    )


def _noted(tool: Tool, reason: str, progress: _Progress) -> str:
    """The reason; for an idempotent call that may have happened it says so."""
    if tool.effect is Effect.IDEMPOTENT and progress.doubtful:
        return f"{reason}; {SAFE_TO_REPEAT}"
    return reason


def healthy(carried: Carried) -> bool | None:
    """What the call says about the tool's health, for its breaker; None if it was never sent.

    A failure that the tool itself declared shows that the tool is there.
    """
    if isinstance(carried, Succeeded):
        return True
    if not carried.attempts:
        return None if isinstance(carried, NotDone) and carried.mode is FailureMode.TOOL_UNAVAILABLE else True
    return carried.attempts[-1].error == ErrorClass.FAILURE
