import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remit.outcome import Effect
from remit.tools import Usable, last_known_key, once_key, storable, usable

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=5), json_values, max_size=4)


@given(objects)
def test_equal_arguments_have_one_key_in_any_order_and_spelling(arguments: dict[str, Any]) -> None:
    turned = dict(reversed(arguments.items()))
    assert once_key("a", "t", "x", list(arguments), arguments) == once_key(
        "a", "t", "x", list(turned), turned
    )
    assert once_key("a", "t", "x", ["n"], {"n": 3}) == once_key("a", "t", "x", ["n"], {"n": 3.0})


names = st.text(max_size=4)


@given(st.tuples(names, names, names, json_values), st.tuples(names, names, names, json_values))
def test_different_actions_have_different_keys(one: Any, other: Any) -> None:
    def key(parts: Any) -> str:
        return once_key(parts[0], parts[1], parts[2], ["id"], {"id": parts[3], "amount": 1})

    def same(value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    from remit.tools.canonical import integral

    assert (key(one) == key(other)) is (same(integral(list(one))) == same(integral(list(other))))


def test_arguments_that_are_not_named_do_not_matter() -> None:
    assert once_key("a", "t", "x", ["id"], {"id": 1, "n": 1}) == once_key(
        "a", "t", "x", ["id"], {"id": 1, "n": 2}
    )


def test_nobody_shares_a_last_known_result() -> None:
    def key(**changed: Any) -> str:
        usual: dict[str, Any] = {"tenant": "t", "user": {"id": "u"}, "signature": "s", "arguments": {"a": 1}}
        return last_known_key(**{**usual, **changed})

    keys = [
        key(),
        key(tenant="t2"),
        key(user=None),
        key(user={"id": "v"}),
        key(user={"account": "A-1"}),
        key(user={"account": "A-2"}),
        key(user={"id": None, "account": "A-3"}),
        key(signature="s2"),
        key(arguments={"a": 2}),
    ]
    assert len(set(keys)) == len(keys)
    assert key(user={"id": "u", "session": "x"}) == key()


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e6))
def test_an_old_result_is_never_usable(as_of: float, now: float, max_age_s: float) -> None:
    verdict = usable(as_of, now, max_age_s)
    assert verdict == (None if now - as_of > max_age_s else Usable(as_of=as_of))
    assert usable(None, now, max_age_s) is None


def test_the_maximum_age_is_exact() -> None:
    assert usable(100.0, 110.0, 10.0) == Usable(as_of=100.0)
    assert usable(100.0, 110.5, 10.0) is None


@given(st.sampled_from(Effect), st.none() | st.integers(1))
def test_only_whole_reads_are_kept(effect: Effect, cut: int | None) -> None:
    assert storable(effect, cut_from_bytes=cut) is (effect is Effect.READ and cut is None)
