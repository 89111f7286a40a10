import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import parse_condition

NUMBERS = st.integers(-1000, 1000) | st.floats(-1e6, 1e6)
TYPED = {"a": NUMBERS, "b": st.booleans(), "c": st.text("xy z", max_size=4)}
FITTING = st.fixed_dictionaries(TYPED)
ANYTHING = st.dictionaries(
    st.sampled_from("abc"),
    st.none() | NUMBERS | st.booleans() | st.text(max_size=4) | st.just(math.nan) | st.lists(st.integers()),
    max_size=3,
)


def written(literal):
    return repr(literal).lower() if isinstance(literal, bool) else repr(literal)


def comparisons(name):
    operators = ("==", "!=", "<", "<=", ">", ">=") if name == "a" else ("==", "!=")
    return st.builds(
        lambda operator, literal: (f"{name} {operator} {written(literal)}", frozenset(name)),
        st.sampled_from(operators),
        TYPED[name],
    )


COMPARISONS = st.sampled_from("abc").flatmap(comparisons)
CONDITIONS = st.recursive(
    COMPARISONS | st.sampled_from([("always", frozenset()), ("never", frozenset())]),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"not ({one[0]})", one[1])),
        st.tuples(inner, inner, st.sampled_from(["and", "or"])).map(
            lambda three: (f"({three[0][0]}) {three[2]} ({three[1][0]})", three[0][1] | three[1][1])
        ),
    ),
    max_leaves=5,
).filter(lambda made: len(made[0]) <= 500)


def by_python(text, arguments):
    return bool(eval(text, {}, {"always": True, "never": False, "true": True, "false": False, **arguments}))


@pytest.mark.parametrize(
    ("text", "arguments", "asks"),
    [
        ("always", {}, True),
        ("never", {}, False),
        ("amount_eur > 20", {"amount_eur": 20}, False),
        ("amount_eur > 20", {"amount_eur": 20.01}, True),
        ("amount_eur >= 20", {"amount_eur": 20}, True),
        ("amount_eur < 20", {"amount_eur": 20}, False),
        ("amount_eur <= -20", {"amount_eur": -20}, True),
        ("amount_eur > 20", {}, True),
        ("amount_eur > 20", {"amount_eur": "5"}, True),
        ("amount_eur > 20", {"amount_eur": True}, True),
        ("amount_eur > 20", {"amount_eur": None}, True),
        ("amount_eur > 20", {"amount_eur": math.nan}, True),
        ("not amount_eur <= 20", {}, True),
        ("amount_eur > 20 and express == true", {"express": False}, True),
        ("amount_eur > 20 and express == true", {"express": False, "amount_eur": 50}, False),
        ('country != "DE" or amount_eur == 3', {"country": "DE", "amount_eur": 4}, False),
        ("express == true", {"express": 1}, True),
        ("express != true", {"express": True}, False),
    ],
)
def test_what_a_condition_means(text, arguments, asks):
    assert parse_condition(text).holds(arguments) is asks


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no condition"),
        ("amount_eur >", "no condition"),
        ("amount_eur = 20", "no condition"),
        ("amount_eur", "`amount_eur` alone is no condition"),
        ("20 < amount_eur", "the left side of `<`"),
        ("0 < amount_eur < 20", "compares twice"),
        ("amount_eur > limit", 'for the text, write `"limit"`'),
        ("amount_eur > [1]", "no number, text"),
        ("amount_eur > 3j", "no number, text"),
        ("amount_eur > 1e999", "no number, text"),
        ("amount_eur > -true", "no number, text"),
        ('name > "a"', "compares numbers only"),
        ("express < true", "compares numbers only"),
        ("name in 'abc'", "only `==`"),
        ("name is name", "only `==`"),
        ("amount_eur + 1 > 2", "the left side"),
        ("true == 1", "the left side"),
        ("f(amount_eur)", "not understood"),
        ("a.b == 1", "the left side"),
        ("__import__('os')", "not understood"),
        ("a == 1 if b else c", "not understood"),
        ("lambda: 1", "not understood"),
        ("(a := 1)", "not understood"),
        ("a == f'{b}'", "no number, text"),
        ("a == '\\d'", "no condition"),
        ("a > 20and b > 1", "no condition"),
        ("a == 1\nb == 2", "no condition"),
        ("a == '\0'", "no condition"),
        ("(" * 240 + "a == 1" + ")" * 240, "no condition"),
        ("a == 1 or " * 100 + "a == 1", "at most 500"),
    ],
)
def test_what_is_no_condition_is_said_in_a_sentence(text, reason):
    with pytest.raises(ValueError, match=r".") as raised:
        parse_condition(text)
    assert reason in str(raised.value)
    assert str(raised.value).endswith(".")


@given(st.text(max_size=40) | st.text("ab01 <>=!()'\"andornt.,[]{}-+*", max_size=40))
def test_any_text_is_a_condition_or_a_sentence(text):
    with contextlib.suppress(ValueError):
        condition = parse_condition(text)
        assert condition.holds({}) or not condition.names


@given(CONDITIONS, FITTING)
def test_it_means_what_python_means(made, arguments):
    text, names = made
    condition = parse_condition(text)
    assert condition.names == names
    assert condition.holds(arguments) is by_python(text, arguments)


@given(CONDITIONS, ANYTHING)
def test_a_missing_or_wrongly_typed_argument_asks(made, arguments):
    text, names = made
    kinds = {"a": (int, float), "b": (bool,), "c": (str,)}
    fits = all(name in arguments and type(arguments[name]) in kinds[name] for name in names)
    number = arguments.get("a")
    if fits and not ("a" in names and isinstance(number, float) and math.isnan(number)):
        assert parse_condition(text).holds(arguments) is by_python(text, arguments)
    else:
        assert parse_condition(text).holds(arguments)


@given(CONDITIONS, FITTING)
def test_what_it_calls_bounded_is_bounded_wherever_it_does_not_hold(made, arguments):
    condition = parse_condition(made[0])
    if not condition.holds(arguments):
        limits = [one.literal for one in condition.comparisons if one.operator in (">", ">=")]
        for name in condition.bounded:
            assert arguments[name] <= max(limits)


@pytest.mark.parametrize(
    ("text", "bounded"),
    [
        ("a > 1", {"a"}),
        ("a >= 1 or b == true", {"a"}),
        ("a > 1 or d > 2", {"a", "d"}),
        ("a > 1 and d > 2", set()),
        ("a > 1 and a > 2", {"a"}),
        ("a < 1", set()),
        ("not a > 1", set()),
        ("never", set()),
    ],
)
def test_which_arguments_are_bounded(text, bounded):
    assert parse_condition(text).bounded == bounded
