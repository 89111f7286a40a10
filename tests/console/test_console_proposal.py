"""A proposed call beside what is known of its object."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remit.console.proposal import MOST_VALUES, proposal, same
from remit.event import Done, Origin
from remit.log import Entry

PLAIN = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4)
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


def read(result: Any, at: float = 10.0, **named: Any) -> Entry:
    done = Done(key="k", tool="find", result=result, source="tool", latency_ms=1.0, **named)
    return Entry(run_id="r", seq=int(at), id="", at=at, kind="done", event=done)


def test_what_is_asked_for_stands_beside_what_is_known() -> None:
    fees = [
        {"id": "T-1", "kind": "fee", "amount_eur": 12.0},
        {"id": "T-2", "kind": "fee", "amount_eur": 35.0},
    ]
    call = {"transaction_id": "T-2", "amount_eur": 30.0}
    first, second, *others = proposal(call, (), [read(fees)], {"amount_eur": "at most 50"})
    assert first.known is not None
    assert (first.known.field, first.known.value, first.differs) == ("id", "T-2", False)
    assert second.known is not None
    assert (second.known.value, second.proposed, second.differs) == (35.0, 30.0, True)
    assert second.bounds == "at most 50"
    assert [(line.name, line.is_proposed) for line in others] == [("kind", False)]


def test_the_latest_of_equal_records_counts_and_says_from_when_it_is() -> None:
    entries = [read({"id": "7", "state": "old"}, 10.0), read({"id": "7", "state": "new"}, 20.0, as_of=5.0)]
    line, context = proposal({"order": "7"}, (), entries, {})
    assert line.known is not None
    assert (line.known.at, line.known.tool) == (5.0, "find")
    assert context.known is not None
    assert context.known.value == "new"


def test_an_amount_alone_names_no_object() -> None:
    (line,) = proposal({"amount": 9}, (), [read({"days_late": 9})], {})
    assert line.known is None


def test_where_a_value_is_from_is_said() -> None:
    origin = Origin(argument="order", trusted=False, words="the customer's words")
    (line,) = proposal({"order": "7"}, (origin,), [], {})
    assert line.origin == origin


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.lists(JSON, max_size=4))
def test_every_argument_has_its_line_whatever_the_tools_gave(
    arguments: dict[str, Any], results: list[Any]
) -> None:
    entries = [read(result, float(number)) for number, result in enumerate(results)]
    lines = proposal(arguments, (), entries, {})
    assert [line.name for line in lines if line.is_proposed] == list(arguments)
    assert [line.proposed for line in lines if line.is_proposed] == list(arguments.values())


def test_a_huge_result_is_not_searched_for_ever() -> None:
    huge = [{"id": str(number)} for number in range(MOST_VALUES)]
    (line,) = proposal({"order": str(MOST_VALUES - 1)}, (), [read(huge)], {})
    assert line.known is None


@given(PLAIN, PLAIN)
def test_sameness_does_not_depend_on_the_order(one: Any, other: Any) -> None:
    assert same(one, other) == same(other, one)
