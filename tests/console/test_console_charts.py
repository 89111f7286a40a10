"""Where bars stand and how high columns are, and the spans that they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.console.charts import LEAST_WIDTH, ROW_HEIGHT, strip, waterfall
from remit.console.spans import Span, spans_of
from remit.console.timeline import hourly
from remit.event import (
    Admitted,
    CaseOpened,
    Decided,
    Diverted,
    Ended,
    Event,
    Intended,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    ToolFailed,
    Usage,
    Window,
)
from remit.log import Entry
from remit.outcome import Answered, Effect, FailureMode

WIDTH = 640.0
SECONDS = st.floats(0, 1e7, allow_nan=False)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(SECONDS)
    lasted = draw(st.none() | SECONDS)
    return Span(
        seq=draw(st.integers(0, 100)),
        kind=draw(st.sampled_from(["model", "tool", "person", "mark"])),
        name="x",
        start_s=start,
        end_s=None if lasted is None else start + lasted,
        tone="plain",
        words="",
    )


@given(st.lists(spans(), max_size=30), SECONDS)
def test_every_bar_can_be_seen_and_none_leaves_the_picture(found: list[Span], now_s: float) -> None:
    bars = waterfall(found, WIDTH, now_s=now_s)
    assert [bar.span for bar in bars] == found
    assert [bar.y for bar in bars] == [row * ROW_HEIGHT for row in range(len(found))]
    for bar in bars:
        assert bar.width >= LEAST_WIDTH
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.01


@given(st.lists(spans(), min_size=2, max_size=10))
def test_what_began_first_stands_further_left(found: list[Span]) -> None:
    bars = waterfall(found, WIDTH, now_s=0.0)
    by_start = sorted(bars, key=lambda bar: bar.span.start_s)
    assert [bar.x for bar in by_start] == sorted(bar.x for bar in bars)


def test_a_run_without_spans_and_one_without_duration_are_drawn_all_the_same() -> None:
    assert waterfall([], WIDTH, now_s=5.0) == []
    moment = Span(seq=1, kind="mark", name="x", start_s=0.0, end_s=0.0, tone="plain", words="")
    (bar,) = waterfall([moment], WIDTH, now_s=0.0)
    assert (bar.x, bar.width) == (0.0, LEAST_WIDTH)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.integers(0, 1000)), max_size=40), st.data())
def test_columns_are_no_higher_than_their_strip(found, data) -> None:
    counts = [(at, total, data.draw(st.integers(0, total))) for at, total in found]
    columns = strip(counts, 720, 56)
    assert [column.total for column in columns] == [total for _, total, _ in counts]
    assert all(0 <= column.part <= column.height <= 56.01 for column in columns)
    assert not counts or max(column.height for column in columns) in (0.0, 56.0)
    assert all(0 <= column.x < 720 for column in columns)


@given(st.lists(st.floats(-10, 110), max_size=50))
def test_each_run_of_the_time_is_counted_once(times: list[float]) -> None:
    rows = [{"admitted_at": at, "outcome": "failed" if at > 50 else "answered"} for at in times]
    counts = hourly(rows, 0.0, 100.0)
    assert sum(total for _, total, _ in counts) == sum(0 <= at < 100 for at in times)
    assert sum(bad for _, _, bad in counts) == sum(50 < at < 100 for at in times)


def entries(*events: tuple[float, Event]) -> list[Entry]:
    return [
        Entry(run_id="r", seq=seq, id=str(seq), at=1000.0 + at, kind=event.kind, event=event)
        for seq, (at, event) in enumerate(events)
    ]


ADMITTED = Admitted(agent="desk", release="r", input="x")
ASKED = ModelAsked(model="m", purpose="step", window=Window())
ANSWERED = ModelAnswered(
    asked_seq=1, model="m", reported_model="", purpose="step", text="", calls=(), usage=Usage(), latency_ms=1
)
SENT = Intended(
    key="k", wake="w", tool="pay", arguments={}, effect=Effect.IRREVERSIBLE, call_before=0, timeout_s=1
)
CASE = CaseOpened(
    case="c", queue="people", trigger="permit", question="?", why="rule", deadline=None, otherwise="none"
)


def test_a_run_is_told_as_what_took_time() -> None:
    found = spans_of(
        entries(
            (0, ADMITTED),
            (1, ASKED),
            (3, ANSWERED),
            (4, SENT),
            (6, ToolFailed(key="k", tool="pay", mode=FailureMode.TOOL_FAILED, reason="no", latency_ms=1)),
            (7, CASE),
            (9, Decided(case="c", decision="approve", by="ann", reason="", seen_seq=5)),
            (9, Diverted(mode=FailureMode.TOOL_FAILED, path="p", declared="default", reason="no")),
            (9.5, Ended(outcome=Answered(message="m", output="m"))),
        )
    )
    assert [(span.kind, span.start_s, span.end_s, span.tone) for span in found] == [
        ("model", 1, 3, "plain"),
        ("tool", 4, 6, "warn"),
        ("person", 7, 9, "warn"),
        ("mark", 9, 9, "bad"),
    ]


def test_what_is_under_way_has_no_end_yet_and_a_case_of_an_ended_run_ends_with_it() -> None:
    asked, called, waits = spans_of(entries((0, ADMITTED), (1, ASKED), (2, SENT), (3, CASE)))
    assert (asked.end_s, called.end_s, waits.end_s) == (None, None, None)
    over = Ended(outcome=Answered(message="m", output="m"))
    (only,) = spans_of(entries((0, ADMITTED), (1, CASE), (4, over)))
    assert only.end_s == 4


def test_a_question_that_failed_says_so() -> None:
    failed = ModelFailed(
        asked_seq=1, mode=FailureMode.MODEL_UNAVAILABLE, reason="down", attempts=(), usage=Usage()
    )
    (span,) = spans_of(entries((0, ADMITTED), (1, ASKED), (2, failed)))
    assert (span.tone, span.words) == ("bad", "model_unavailable: down")


@pytest.mark.parametrize("erased", range(4))
def test_a_run_with_erased_bodies_is_drawn_from_what_is_left(erased: int) -> None:
    whole = entries((0, ADMITTED), (1, ASKED), (2, ANSWERED), (3, SENT))
    gone = whole[erased]
    left = [
        Entry(run_id="r", seq=each.seq, id=each.id, at=each.at, kind=each.kind, event=None)
        if each is gone
        else each
        for each in whole
    ]
    assert len(spans_of(left)) <= 2


def test_nothing_is_drawn_of_a_run_without_events() -> None:
    assert spans_of([]) == []
