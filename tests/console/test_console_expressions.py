"""What is typed into the search field, and what stands out in what it finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.console.difference import differences
from remit.console.filter_expression import EXACT, MEASURED, Expression, Term, parse

VALUES = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() != "" or text != "")


@given(st.text(max_size=200))
def test_whatever_is_typed_is_understood_or_refused_with_a_reason(typed: str) -> None:
    found = parse(typed)
    if found.problems:
        assert all(problem.strip() for problem in found.problems)
    assert all(term.name in (*EXACT, *MEASURED) for term in found.terms)


@given(st.dictionaries(st.sampled_from(EXACT), VALUES, max_size=5))
def test_a_click_and_what_it_types_are_the_same_search(exact: dict[str, str]) -> None:
    clicked = Expression()
    for name, value in exact.items():
        clicked = clicked.with_term(name, value)
    again = parse(clicked.text())
    assert again.problems == ()
    assert again.exact() == exact


@given(st.sampled_from(sorted(MEASURED)), st.sampled_from([">", "<"]), st.floats(0, 1e9))
def test_a_bound_is_read_as_the_number_that_it_is(name: str, sign: str, value: float) -> None:
    assert parse(f"{name}{sign}{value!r}").measured() == [(name, sign, value)]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("outcom:escalated", "Did you mean outcome:?"),
        ("mss>3", "Did you mean ms>?"),
        ("colour:red", "There are: "),
        ("outcome:", "outcome: needs a value."),
        ("ms>soon", "is compared with a number of milliseconds"),
        ("ms>nan", "is compared with a number"),
        ("ms>inf", "is compared with a number"),
        ("outcome:failed outcome:answered", "stands twice"),
        ("escalated", "is no condition"),
        ('agent:"x', "A quotation mark is not closed."),
        ("ms:3", "There is no 'ms' to search by"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_a_suggestion(typed: str, words: str) -> None:
    found = parse(typed)
    assert len(found.problems) == 1
    assert words in found.problems[0]


def test_a_value_takes_the_place_of_another_one_of_its_name() -> None:
    both = parse("outcome:failed ms>3").with_term("outcome", "refused")
    assert set(both.terms) == {
        Term(name="ms", sign=">", value="3"),
        Term(name="outcome", sign=":", value="refused"),
    }
    assert both.without("outcome").text() == "ms>3"


def test_a_share_that_stands_out_is_found_and_the_clearest_comes_first() -> None:
    inside = {"tool": {"refund": 90, "find": 50}, "agent": {"desk": 100}}
    outside = {"tool": {"refund": 100, "find": 500}, "agent": {"desk": 1000}}
    found = differences(inside, outside, (100, 1000))
    assert [each.value for each in found] == ["refund"]
    assert found[0].share_inside == pytest.approx(0.9)
    assert found[0].share_outside == pytest.approx(0.1)
    assert found[0].standard_errors > 3


COUNTS = st.dictionaries(
    st.sampled_from(["tool", "mode"]), st.dictionaries(st.text(max_size=3), st.integers(0, 50))
)


@given(COUNTS, COUNTS, st.integers(50, 100), st.integers(50, 100))
def test_what_is_shown_is_beyond_chance_and_in_order(inside, outside, n, m) -> None:
    found = differences(inside, outside, (n, m))
    sizes = [abs(each.standard_errors) for each in found]
    assert sizes == sorted(sizes, reverse=True)
    assert all(size >= 3 for size in sizes)
    assert all(0 <= each.share_inside <= 1 and 0 <= each.share_outside <= 1 for each in found)


@pytest.mark.parametrize("totals", [(0, 10), (10, 0), (0, 0)])
def test_nothing_is_different_from_nothing(totals: tuple[int, int]) -> None:
    assert differences({"tool": {"find": 1}}, {"tool": {}}, totals) == []
