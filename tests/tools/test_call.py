import asyncio
import dataclasses
import datetime
import itertools
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.event import Integrity
from remit.outcome import Effect, FailureMode
from remit.tools import (
    THREADS,
    Ambiguous,
    Carried,
    NotDone,
    Succeeded,
    Tool,
    ToolContext,
    ToolFailure,
    ToolUnavailable,
    carry_out,
    declared_of,
    from_function,
    healthy,
    reconcile,
    tool,
)
from remit.tools.reconciling import NeverHappened, StillUnknown, TookPlace
from remit.tools.threads import Threads

CONTEXT = ToolContext(run_id="r1", key="k1", user=None, tenant="t1")


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def made(function: Callable[..., Any], effect: str = "read", **options: Any) -> Tool:
    declared = declared_of(tool(effect=effect, **options)(function))  # pyright: ignore[reportArgumentType] - any options
    assert declared is not None
    return from_function("probe", declared)


async def carried(found: Tool, arguments: dict[str, Any] | None = None, **changed: Any) -> Carried:
    clock = changed.pop("clock", Clock())
    options: dict[str, Any] = {
        "timeout_s": 5.0,
        "tries": 3,
        "call_before": clock.now + 1000,
        "clock": clock,
        "sleep": clock.sleep,
        "random": lambda: 1.0,
        "max_result_bytes": 20_000,
    }
    return await carry_out(found, found.validate(arguments or {}), CONTEXT, **{**options, **changed})


def run(found: Tool, **changed: Any) -> Carried:
    return asyncio.run(carried(found, **changed))


def failing(*errors: BaseException | None) -> tuple[Callable[..., Any], list[str]]:
    """A function that raises these in turn and then returns; and the keys that it was called with."""
    keys: list[str] = []

    async def probe(context: ToolContext) -> str:
        keys.append(context.key)
        error = errors[len(keys) - 1] if len(keys) <= len(errors) else None
        if error is not None:
            raise error
        return "done"

    return probe, keys


def test_a_result_comes_as_json() -> None:
    @dataclasses.dataclass
    class Order:
        id: str
        placed: datetime.date
        total: Decimal

    async def probe() -> list[Order]:
        return [Order("A-1", datetime.date(2025, 11, 3), Decimal("9.90"))]

    answer = run(made(probe))
    assert answer == Succeeded(
        result=[{"id": "A-1", "placed": "2025-11-03", "total": "9.90"}], latency_ms=0.0
    )
    assert healthy(answer) is True


@pytest.mark.parametrize("effect", list(Effect))
def test_a_declared_failure_is_final(effect: Effect) -> None:
    probe, keys = failing(ToolFailure("no such order"))
    answer = run(made(probe, effect))
    assert isinstance(answer, NotDone)
    assert (answer.mode, answer.reason, len(keys)) == (FailureMode.TOOL_FAILED, "no such order", 1)
    assert healthy(answer) is True


@pytest.mark.parametrize("effect", list(Effect))
def test_an_unreachable_tool_is_tried_again_with_the_same_key(effect: Effect) -> None:
    probe, keys = failing(ToolUnavailable("down"), ToolUnavailable("down"))
    clock = Clock()
    answer = run(made(probe, effect), clock=clock)
    assert isinstance(answer, Succeeded)
    assert keys == ["k1"] * 3
    assert [attempt.error for attempt in answer.attempts] == ["unavailable", "unavailable"]
    assert clock.slept == [0.2, 0.4]
    assert answer.latency_ms == pytest.approx(600)


def test_a_tool_that_stays_unreachable_is_unavailable() -> None:
    probe, keys = failing(*[ToolUnavailable("down")] * 9)
    answer = run(made(probe, "irreversible"))
    assert isinstance(answer, NotDone)
    assert (answer.mode, len(keys)) == (FailureMode.TOOL_UNAVAILABLE, 3)
    assert healthy(answer) is False


def test_an_exception_ends_a_read_as_failed_and_its_text_is_cut() -> None:
    probe, keys = failing(*[ValueError("secret\x1b[31m\n" + "x" * 10_000)] * 9)
    answer = run(made(probe))
    assert isinstance(answer, NotDone)
    assert (answer.mode, len(keys)) == (FailureMode.TOOL_FAILED, 3)
    assert len(answer.reason) <= 300
    assert "\x1b" not in answer.reason
    assert "\n" not in answer.reason
    assert healthy(answer) is False


@pytest.mark.parametrize(
    "error", [ConnectionResetError("gone"), TimeoutError("slow"), OSError("disk"), KeyError("x")]
)
def test_any_exception_of_an_irreversible_tool_is_ambiguous_at_once(error: Exception) -> None:
    probe, keys = failing(error)
    answer = run(made(probe, "irreversible"))
    assert isinstance(answer, Ambiguous)
    assert len(keys) == 1
    assert type(error).__name__ in answer.reason


def test_a_keyed_call_in_doubt_stays_in_doubt() -> None:
    probe, keys = failing(ConnectionResetError("gone"), ToolFailure("already done"))
    answer = run(made(probe, "keyed"))
    assert isinstance(answer, Ambiguous)
    assert keys == ["k1", "k1"]


@pytest.mark.parametrize("error", [ToolFailure("no"), ToolUnavailable("nobody there")])
def test_only_a_result_settles_a_keyed_call_that_an_earlier_wake_may_have_made(error: Exception) -> None:
    function, _ = failing(*[error] * 6)
    assert isinstance(run(made(function, "keyed"), doubtful=True), Ambiguous)
    assert isinstance(run(made(function, "keyed")), NotDone)


def test_an_idempotent_call_that_may_have_happened_says_so() -> None:
    probe, _ = failing(ConnectionResetError("gone"))
    answer = run(made(probe, "idempotent"), tries=1)
    assert isinstance(answer, NotDone)
    assert "may have taken effect" in answer.reason


@pytest.mark.parametrize("effect", ["irreversible", "read"])
@pytest.mark.parametrize("blocking", [True, False])
def test_a_hanging_tool_is_left_at_its_time_limit(effect: str, blocking: bool) -> None:
    release = threading.Event()

    def hang_in_thread() -> None:
        release.wait(60)

    async def hang() -> None:
        await asyncio.Event().wait()

    async def main() -> Carried:
        before = THREADS.abandoned
        answer = await carried(made(hang_in_thread if blocking else hang, effect), timeout_s=0.05, tries=1)
        assert THREADS.abandoned - before == int(blocking)
        release.set()
        async with asyncio.timeout(20):
            while THREADS.abandoned != before:
                await asyncio.sleep(0)
        return answer

    begun = time.monotonic()
    answer = asyncio.run(main())
    assert time.monotonic() - begun < 30
    if effect == "irreversible":
        assert isinstance(answer, Ambiguous)
    else:
        assert isinstance(answer, NotDone)
        assert answer.mode is FailureMode.TOOL_UNAVAILABLE
    assert [attempt.error for attempt in answer.attempts] == ["timeout"]
    assert "no answer within 0.05 s" in answer.reason


def test_held_threads_are_bounded_and_used_again() -> None:
    threads = Threads(most=2)
    release = threading.Event()

    async def main() -> None:
        held = [asyncio.create_task(threads.run(release.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ToolUnavailable, match="all 2 threads"):
            await threads.run(lambda: 1)
        release.set()
        await asyncio.gather(*held)
        assert [await _eventually(threads) for _ in range(5)] == [1] * 5

    asyncio.run(main())


async def _eventually(threads: Threads) -> Any:
    """The result of a job as soon as a thread is idle again."""
    while True:
        try:
            return await threads.run(lambda: 1)
        except ToolUnavailable:
            await asyncio.sleep(0)


def test_nothing_is_sent_once_the_time_is_over() -> None:
    probe, keys = failing()
    clock = Clock()
    answer = run(made(probe), clock=clock, call_before=clock.now)
    assert isinstance(answer, NotDone)
    assert (answer.mode, keys, answer.attempts) == (FailureMode.TOOL_UNAVAILABLE, [], ())
    assert healthy(answer) is None


def test_no_attempt_begins_after_the_time_is_over() -> None:
    probe, keys = failing(*[ToolUnavailable("down")] * 9)
    clock = Clock()
    answer = run(made(probe), clock=clock, tries=10, call_before=clock.now + 0.5)
    assert isinstance(answer, NotDone)
    assert len(keys) == 2


def test_a_sleep_that_takes_too_long_is_noticed_before_sending() -> None:
    probe, keys = failing(ConnectionResetError("gone"))
    clock = Clock()

    async def oversleep(seconds: float) -> None:
        clock.now += 10_000

    assert isinstance(run(made(probe, "keyed"), clock=clock, sleep=oversleep), Ambiguous)
    assert len(keys) == 1


@given(
    st.sampled_from(Effect),
    st.lists(
        st.sampled_from([ToolFailure, ToolUnavailable, ValueError, ConnectionError, TimeoutError]),
        max_size=12,
    ),
    st.integers(1, 10),
)
@settings(max_examples=150)
def test_an_irreversible_tool_is_never_called_twice_after_an_ambiguous_failure(
    effect: Effect, kinds: list[type[Exception]], tries: int
) -> None:
    probe, keys = failing(*[kind("x") for kind in kinds])
    answer = run(made(probe, effect), tries=tries)
    assert len(keys) <= tries
    harmless = (ToolFailure, ToolUnavailable)
    if effect is Effect.IRREVERSIBLE:
        assert all(kind in harmless for kind in kinds[: len(keys) - 1])
    if isinstance(answer, NotDone) and effect in (Effect.KEYED, Effect.IRREVERSIBLE):
        assert all(kind in harmless for kind in kinds[: len(keys)])
    if isinstance(answer, Succeeded):
        assert len(keys) == len(kinds) + 1


def test_being_cancelled_passes_through() -> None:
    async def main() -> None:
        begun = asyncio.Event()

        async def probe() -> None:
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(carried(made(probe)))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_a_tool_that_cancels_itself_is_only_a_failing_tool() -> None:
    probe, keys = failing(*[asyncio.CancelledError()] * 9)
    answer = run(made(probe))
    assert isinstance(answer, NotDone)
    assert len(keys) == 3


def test_stop_iteration_in_a_thread_is_only_an_exception() -> None:
    def probe() -> None:
        raise StopIteration

    assert isinstance(run(made(probe)), NotDone)


class Recursive:
    def __init__(self) -> None:
        self.items: list[Any] = []
        self.items.append(self.items)


NOT_JSON: list[Callable[[], Any]] = [
    object,
    lambda: {"a": object()},
    lambda: b"\xff",
    lambda: "\ud800",
    lambda: Recursive().items,
    itertools.count,
]


@pytest.mark.parametrize("value", NOT_JSON)
def test_a_result_that_is_not_json(value: Callable[[], Any]) -> None:
    async def probe() -> Any:
        return value()

    read = run(made(probe))
    assert isinstance(read, NotDone)
    assert read.mode is FailureMode.TOOL_FAILED
    assert "not JSON" in read.reason or "not valid Unicode" in read.reason
    for effect in ("idempotent", "keyed", "irreversible"):
        changed = run(made(probe, effect))
        assert isinstance(changed, Succeeded)
        assert changed.result.startswith("The call succeeded, but its result cannot be shown")


def test_numbers_that_are_not_finite_are_named() -> None:
    async def probe() -> list[float]:
        return [float("nan"), float("inf"), 1.5]

    answer = run(made(probe))
    assert isinstance(answer, Succeeded)
    assert answer.result == ["NaN", "Infinity", 1.5]


@pytest.mark.parametrize("structured", [True, False])
def test_50_megabytes_are_cut(structured: bool) -> None:
    async def probe() -> Any:
        text = "ä" * 25_000_000
        return {"text": text} if structured else text

    answer = run(made(probe), max_result_bytes=1001)
    assert isinstance(answer, Succeeded)
    assert answer.cut_from_bytes is not None
    assert answer.cut_from_bytes >= 50_000_000
    assert len(answer.result.encode()) <= 1001
    assert answer.result.rstrip("ä") in ("", '{"text":"')


@given(st.text(), st.integers(1, 50))
def test_a_text_is_whole_or_a_beginning_of_itself(text: str, limit: int) -> None:
    from remit.tools.as_json import Json, as_json, without_controls

    found = as_json(text, limit)
    if found.cut_from_bytes is None:
        assert found == Json(value=without_controls(text))
    else:
        assert without_controls(text).startswith(found.value)
        assert len(found.value.encode()) <= 3 * limit
        assert found.cut_from_bytes > limit


def test_control_characters_are_made_visible() -> None:
    async def probe() -> Any:
        return {"a\x00": ["\x1b[31mred\x9b", "\x08\x0c", "line\nnext\tä "]}

    answer = run(made(probe))
    assert isinstance(answer, Succeeded)
    assert answer.result == {"a\ufffd": ["\ufffd[31mred\ufffd", "\ufffd\ufffd", "line\nnext\tä "]}


def test_the_result_shares_nothing_with_the_tools_own_objects() -> None:
    kept: list[int] = [1]

    async def probe() -> list[int]:
        return kept

    answer = run(made(probe))
    kept.append(2)
    assert isinstance(answer, Succeeded)
    assert answer.result == [1]


def test_a_time_out_before_anything_is_sent_is_not_ambiguous() -> None:
    sent: list[str] = []

    async def prepare() -> None:
        await asyncio.Event().wait()

    async def call(arguments: dict[str, Any], context: ToolContext) -> None:
        sent.append(context.key)

    found = Tool(
        name="probe",
        description="",
        parameters={},
        effect=Effect.IRREVERSIBLE,
        integrity=Integrity.THIRD_PARTY,
        signature="",
        validate=lambda arguments: arguments,
        call=call,
        prepare=prepare,
    )
    answer = run(found, timeout_s=0.02)
    assert isinstance(answer, NotDone)
    assert answer.mode is FailureMode.TOOL_UNAVAILABLE
    assert len(answer.attempts) == 3
    assert sent == []


async def asked(query: Callable[..., Any] | None) -> Any:
    def probe() -> None: ...

    found = made(probe, "irreversible", reconcile=query)
    return await reconcile(found, {}, CONTEXT, timeout_s=0.05, max_result_bytes=100)


def test_the_tools_own_query_says_what_became_of_a_call() -> None:
    async def happened(context: ToolContext) -> dict[str, str]:
        return {"key": context.key}

    def never() -> None:
        return None

    async def broken() -> None:
        raise ConnectionError("down")

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def opaque() -> object:
        return object()

    assert asyncio.run(asked(happened)) == TookPlace(result={"key": "k1"})
    assert asyncio.run(asked(never)) == NeverHappened()
    assert asyncio.run(asked(broken)) == StillUnknown(
        reason="the query of probe failed: ConnectionError: down"
    )
    assert asyncio.run(asked(hangs)) == StillUnknown(
        reason="the query of probe failed: no answer within 0.05 s"
    )
    assert isinstance(asyncio.run(asked(opaque)), TookPlace)
    assert isinstance(asyncio.run(asked(None)), StillUnknown)
