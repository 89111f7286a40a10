"""A run of hundreds of steps is shown in parts, which together show what its events say."""

from collections.abc import Iterator

import pytest
from page_reading import Element, read

from api_world import Served
from console_world import console_of, write_desk
from remit.console.spans import spans_of
from remit.event import (
    Admitted,
    Call,
    Diverted,
    Done,
    Ended,
    Event,
    Intended,
    ModelAnswered,
    ModelAsked,
    Usage,
    Window,
)
from remit.log import RunState, call_key
from remit.outcome import Answered, Effect, FailureMode

RUN = "a-long-run"
STEPS = 180
TURN = 90
"""The step at which something special happens."""


def step(number: int, seq: int) -> list[Event]:
    """Asked, answered with two calls that are sent together, and their results in the other order."""
    wishes = tuple(
        Call(id=f"c{n}", tool="find_order", arguments={"order_id": f"{number}-{n}"}) for n in (0, 1)
    )
    keys = [call_key(RUN, seq + 1, n) for n in (0, 1)]
    return [
        ModelAsked(model="served", purpose="step", window=Window()),
        ModelAnswered(
            asked_seq=seq,
            model="served",
            reported_model="served-1",
            purpose="step",
            text="",
            calls=wishes,
            usage=Usage(input_tokens=3, output_tokens=1),
            latency_ms=1,
        ),
        *[
            Intended(
                key=key,
                wake="w",
                tool="find_order",
                arguments={},
                effect=Effect.READ,
                call_before=0,
                timeout_s=1,
            )
            for key in keys
        ],
        *[
            Done(key=key, tool="find_order", result={"n": number}, source="tool", latency_ms=1)
            for key in reversed(keys)
        ],
    ]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The desk with one run of more than a thousand events."""
    folder = tmp_path_factory.mktemp("long")
    write_desk(folder)
    with console_of(folder, advances=False) as served:
        log = served.service.log
        (remit,) = served.service.agents.values()
        appender = log.start(RunState(RUN))
        appender.add(
            Admitted(agent=remit.name, release=remit.release.hash, input="All orders.", user={"id": "u"})
        )
        for number in range(STEPS):
            for event in step(number, appender.state.head + 1):
                appender.add(event)
            if number == TURN:
                appender.add(
                    Diverted(
                        mode=FailureMode.TOOL_UNAVAILABLE, path="degrade", declared="tool", reason="The turn"
                    )
                )
        appender.add(Ended(outcome=Answered(message="All found.", output="All found.")))
        appender.flush_from_outside()
        yield served


def part(served: Served, query: str = "") -> Element:
    reply = served.client.get(f"/runs/{RUN}{query}")
    assert reply.status_code == 200, reply.text[:2000]
    assert len(reply.content) < 150_000
    return read(reply.text)


def rows(root: Element) -> list[list[str]]:
    (table,) = [each for each in root.all("table") if "data-spans" in each.attributes]
    return table.rows()[1:]


def test_the_parts_together_are_the_spans_of_the_whole(served: Served) -> None:
    whole = spans_of(served.service.log.read(RUN))
    parts = [rows(part(served, f"?part={number}")) for number in range(6)]
    assert [row[2] for each in parts for row in each] == [span.name for span in whole]
    assert all(row[3] != "under way" for each in parts for row in each)
    assert len(parts[-1]) == len(whole) - 500


def test_a_part_beyond_the_last_is_the_last(served: Served) -> None:
    assert rows(part(served, "?part=5")) == rows(part(served, "?part=99999"))


def test_each_part_leads_to_the_others_and_holds_its_own_events(served: Served) -> None:
    root = part(served, "?part=2")
    links = [each.attributes["href"] for each in root.one("nav", aria_label="Parts of the run").all("a")]
    assert links == ["?#waterfall", *[f"?part={number}#waterfall" for number in range(1, 6)]]
    (events,) = [each for each in root.all("table") if each.rows()[0] == ["Seq", "Kind", "After"]]
    seqs = [int(row[0]) for row in events.rows()[1:]]
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    assert seqs[0] > 300


def test_the_story_says_what_it_leaves_out_what_was_special_and_how_it_ended(served: Served) -> None:
    said = part(served).text()
    assert "more; of these what was special, and the last:" in said
    assert "The turn" in said
    assert "nothing became of it yet" not in said
    assert f"{STEPS} model calls, {2 * STEPS} tool calls, {4 * STEPS} tokens" in said
    assert "All found." in said


def test_an_event_of_another_part_is_shown_and_what_the_model_saw_then(served: Served) -> None:
    asked = max(entry.seq for entry in served.service.log.read(RUN) if entry.kind == "model_asked")
    said = part(served, f"?part=0&event={asked}").text()
    assert f"Event {asked}: model asked" in said
    assert "All orders." in said
