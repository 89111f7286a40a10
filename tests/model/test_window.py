from collections.abc import Sequence
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from remit.event import Call, Integrity, Message, ModelSaid, Said, ToolSaid, meet
from remit.model import Exhausted, Fitted, NeedSummary, fit
from remit.model.window import Strategy

STRATEGIES: tuple[Strategy, ...] = ("drop_tool_results", "slide", "summarise", "split")
SYSTEM = 20


def count(message: Message) -> int:
    calls = 10 * len(message.calls) if isinstance(message, ModelSaid) else 0
    return 5 + len(message.text) // 4 + calls


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Runs one after another, each a few turns of something said, answers, calls and results."""
    messages: list[Message] = []
    for run in range(draw(st.integers(1, 4))):
        seq = 0
        for _ in range(draw(st.integers(1, 2))):
            seq += 1
            messages.append(
                Said(
                    text=f"said {run} {seq} " + "x" * draw(st.integers(0, 2000)),
                    integrity=draw(st.sampled_from(Integrity)),
                    run_id=f"r{run}",
                    seq=seq,
                )
            )
            for _ in range(draw(st.integers(0, 3))):
                seq += 1
                ids = [f"r{run}-{seq}-{index}" for index in range(draw(st.integers(0, 3)))]
                calls = tuple(Call(id=call_id, tool="look", arguments={}) for call_id in ids)
                messages.append(
                    ModelSaid(text="m" * draw(st.integers(0, 300)), calls=calls, run_id=f"r{run}", seq=seq)
                )
                for call_id in ids:
                    seq += 1
                    messages.append(
                        ToolSaid(
                            call_id=call_id,
                            tool="look",
                            text="t" * draw(st.integers(0, 3000)),
                            integrity=draw(st.sampled_from(Integrity)),
                            run_id=f"r{run}",
                            seq=seq,
                        )
                    )
    return messages


def settle(
    messages: Sequence[Message], limit: int, strategies: Sequence[Strategy]
) -> tuple[Fitted | Exhausted, list[NeedSummary]]:
    """What the loop does: every need is answered by a short summary, until it fits or cannot."""
    summaries: dict[str, str] = {}
    needs: list[NeedSummary] = []
    while True:
        result = fit(SYSTEM, messages, limit, strategies, summaries=summaries, count=count)
        if not isinstance(result, NeedSummary):
            return result, needs
        assert result.key not in summaries, "the same need twice would never end"
        assert all(count(Said(text=text, integrity=Integrity.USER)) <= limit for text in result.texts)
        needs.append(result)
        summaries[result.key] = "\n".join("short" for _ in result.texts)


limits = st.integers(60, 6000)
orders = st.lists(st.sampled_from(STRATEGIES), unique=True)


@given(conversations(), limits, orders)
def test_it_fits_or_says_that_it_cannot(
    messages: list[Message], limit: int, strategies: list[Strategy]
) -> None:
    result, _ = settle(messages, limit, strategies)
    before = SYSTEM + sum(map(count, messages))
    if isinstance(result, Exhausted):
        assert before > limit
        assert str(limit) in result.reason
        return
    assert result.before_tokens == before
    assert result.after_tokens == SYSTEM + sum(map(count, result.messages)) <= limit
    if before <= limit:
        assert result.messages == tuple(messages)
        assert result.changed == ()


@given(conversations(), limits, orders)
def test_calls_and_results_stay_together_and_in_order(
    messages: list[Message], limit: int, strategies: list[Strategy]
) -> None:
    result, _ = settle(messages, limit, strategies)
    if isinstance(result, Exhausted):
        return
    asked = [
        call.id for message in result.messages if isinstance(message, ModelSaid) for call in message.calls
    ]
    given_back = [message.call_id for message in result.messages if isinstance(message, ToolSaid)]
    assert asked == given_back
    places = [place(message) for message in result.messages]
    assert places == sorted(places)
    assert set(places) <= {place(message) for message in messages}


@given(conversations(), limits, orders)
def test_nothing_is_missing_or_shortened_without_being_named(
    messages: list[Message], limit: int, strategies: list[Strategy]
) -> None:
    result, _ = settle(messages, limit, strategies)
    if isinstance(result, Exhausted):
        return
    named = {(part.run_id, seq) for part in result.changed for seq in range(part.from_seq, part.to_seq + 1)}
    assert {place(message) for message in messages if message not in result.messages} <= named
    whole = [place(message) for message in messages if message in result.messages]
    dropped = [part for part in result.changed if part.what == "turn"]
    assert not {(part.run_id, part.from_seq) for part in dropped} & set(whole)


@given(conversations(), limits, orders)
def test_the_input_of_the_current_run_and_its_newest_exchange_stay(
    messages: list[Message], limit: int, strategies: list[Strategy]
) -> None:
    result, _ = settle(messages, limit, [strategy for strategy in strategies if strategy != "split"])
    if isinstance(result, Exhausted):
        return
    current = [message for message in messages if message.run_id == messages[-1].run_id]
    assert [m for m in current if isinstance(m, Said)] == [
        m for m in result.messages if isinstance(m, Said) and m.run_id == current[0].run_id
    ]
    answers = [index for index, message in enumerate(current) if isinstance(message, ModelSaid)]
    newest = current[answers[-1] :] if answers else []
    assert list(result.messages[len(result.messages) - len(newest) :]) == newest
    assert [place(m) for m in result.messages if m.run_id == current[0].run_id] == [place(m) for m in current]


@given(conversations(), limits, orders)
def test_integrity_never_rises(messages: list[Message], limit: int, strategies: list[Strategy]) -> None:
    result, needs = settle(messages, limit, strategies)
    if isinstance(result, Exhausted):
        return
    assert result.integrity == integrity(messages)
    before = {place(message): message for message in messages}
    for message in result.messages:
        original = before[place(message)]
        if message == original or isinstance(message, ModelSaid):
            continue
        if isinstance(message, Said) and message.text.startswith("[Summary"):
            need = next(need for need in needs if need.kind == "summarise")
            assert message.integrity == need.integrity
        else:
            assert not isinstance(original, ModelSaid)
            assert message.integrity == original.integrity


def test_strategies_apply_in_order_and_only_as_far_as_needed() -> None:
    messages = [
        Said(text="old", integrity=Integrity.USER, run_id="a", seq=1),
        ModelSaid(text="", calls=(Call(id="1", tool="look", arguments={}),), run_id="a", seq=2),
        ToolSaid(call_id="1", tool="look", text="r" * 4000, run_id="a", seq=3),
        Said(text="newer", integrity=Integrity.USER, run_id="b", seq=1),
        ModelSaid(text="", calls=(Call(id="2", tool="look", arguments={}),), run_id="b", seq=2),
        ToolSaid(call_id="2", tool="look", text="r" * 4000, run_id="b", seq=3),
        Said(text="now", integrity=Integrity.USER, run_id="c", seq=1),
    ]
    both = fit(SYSTEM, messages, 1200, STRATEGIES, summaries={}, count=count)
    assert isinstance(both, Fitted)
    assert [(part.run_id, part.what, part.how) for part in both.changed] == [("a", "tool_result", "dropped")]
    note = both.messages[2]
    assert "1005 tokens" in note.text
    assert both.messages[5] == messages[5]
    slid = fit(SYSTEM, messages, 1200, ("slide",), summaries={}, count=count)
    assert isinstance(slid, Fitted)
    assert [(part.run_id, part.what) for part in slid.changed] == [("a", "turn")]
    assert slid.messages == tuple(messages[3:])


def test_a_long_document_is_split_without_losing_a_character() -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 80 for number in range(60))
    messages = [Said(text=text, integrity=Integrity.THIRD_PARTY, run_id="a", seq=1)]
    need = fit(SYSTEM, messages, 2000, ("split",), summaries={}, count=count)
    assert isinstance(need, NeedSummary)
    assert "".join(need.texts) == text
    assert len(need.texts) > 3
    assert all(piece.endswith(("\n\n", ". ", " ")) for piece in need.texts[:-1])
    assert (need.kind, need.integrity) == ("split", Integrity.THIRD_PARTY)
    fitted = fit(SYSTEM, messages, 2000, ("split",), summaries={need.key: "All of it."}, count=count)
    assert isinstance(fitted, Fitted)
    assert [(part.what, part.how) for part in fitted.changed] == [("document", "split")]
    useless = fit(SYSTEM, messages, 2000, ("split",), summaries={need.key: text}, count=count)
    assert isinstance(useless, Exhausted)


def test_no_strategy_is_no_way_out() -> None:
    messages = [Said(text="x" * 4000, integrity=Integrity.USER, run_id="a", seq=1)]
    assert isinstance(fit(SYSTEM, messages, 100, (), summaries={}, count=count), Exhausted)
    assert isinstance(fit(SYSTEM, [], 10, STRATEGIES, summaries={}, count=count), Exhausted)


def place(message: Message) -> tuple[str, int]:
    return message.run_id, message.seq


def integrity(messages: Sequence[Message]) -> Integrity:
    return meet(message.integrity for message in messages if not isinstance(message, ModelSaid))


def test_the_generated_conversations_are_what_they_claim() -> None:
    @given(conversations())
    def inner(messages: list[Message]) -> None:
        places = [place(message) for message in messages]
        assert places == sorted(set(places))
        assert [run for run, _ in groupby(messages, key=lambda message: message.run_id)]

    inner()
