"""Values: equality by type, and where a value stands in a result."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.permit import same
from remit.permit.readings import Reading


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (5, 5.0, True), (5, "5", False), (1, True, False), (0, False, False), (None, None, True),
        (None, False, False), ("a", "a", True), ("a", "A", False), (2**53 + 1, float(2**53), False),
        (float("nan"), float("nan"), False), ([1, 2], [1, 2], True), ([1, 2], [2, 1], False), ([1], 1, False),
        ([1], [1, 2], False), ([], [1], False),
        ({"a": [1.0]}, {"a": [1]}, True), ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({}, [], False), (b"a", b"a", False),
    ],
)  # fmt: skip
def test_equality_is_by_type(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal


def stands_in(value: Any, result: Any, path: tuple[str, ...]) -> bool:
    return Reading(tool="find", result=result).holds(value, path)


@pytest.mark.parametrize(
    ("result", "path", "stands"),
    [
        ({"id": "t-1"}, ("id",), True),
        ([{"id": "t-0"}, {"id": "t-1"}], ("id",), True),
        ({"transactions": [{"id": "t-1"}]}, ("id",), True),
        ([[[{"id": "t-1"}]]], ("id",), True),
        ({"page": {"items": [{"id": ["t-1"]}]}}, ("id",), True),
        ({"ids": ["t-0", "t-1"]}, ("ids",), True),
        ({"transactions": [{"id": "t-1"}]}, ("transactions", "id"), True),
        ({"customer": {"id": "t-1"}, "transactions": []}, ("transactions", "id"), False),
        ({"id": "t-0", "merchant": {"id": "t-1"}}, ("id",), False),
        ({"id": {"id": "t-1"}}, ("id",), False),
        ({"note": "t-1"}, ("id",), False),
        ({"id": "about t-1 here"}, ("id",), False),
        ({"id": "t-1"}, ("id", "value"), False),
        ({"transactions": {"more": {"id": "t-1"}}}, ("transactions", "id"), False),
        ('{"id": "t-1"}', ("id",), False),
        ("t-1", ("id",), False),
        (["t-1"], ("id",), False),
        (None, ("id",), False),
    ],
)
def test_where_a_value_stands(result: Any, path: tuple[str, ...], stands: bool) -> None:
    assert stands_in("t-1", result, path) is stands


def test_types_count_where_a_value_stands() -> None:
    result = [{"id": 5}, {"id": True}, {"id": None}]
    assert stands_in(5.0, result, ("id",))
    assert stands_in(True, result, ("id",))
    for other in ("5", 1, None, [5], {"id": 5}):
        assert not stands_in(other, result, ("id",))


def test_no_result_is_too_deep() -> None:
    deep: Any = {"id": "t-1"}
    for _ in range(50_000):
        deep = [deep]
    assert stands_in("t-1", deep, ("id",))
    assert not stands_in("t-2", deep, ("id",))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


@given(JSON)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)


@given(JSON, st.lists(st.sampled_from("abc"), min_size=1, max_size=3), st.integers())
def test_a_number_that_is_nowhere_is_not_found(result: Any, path: list[str], number: int) -> None:
    if str(number) not in repr(result):
        assert not stands_in(number + 0.5, result, tuple(path))
