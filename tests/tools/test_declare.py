import asyncio
import contextvars
import dataclasses
import datetime
import enum
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from remit.errors import ToolDeclarationError
from remit.event import Integrity
from remit.outcome import Effect
from remit.tools import ArgumentsInvalid, Tool, ToolContext, ToolFailure, declared_of, from_function, tool

CONTEXT = ToolContext(run_id="r1", key="k1", user={"id": "u1"}, tenant="t1")


def made(function: Any, effect: Effect | None = None) -> Tool:
    declared = declared_of(function)
    assert declared is not None
    return from_function(function.__name__, declared, effect)


@tool(effect="read")
async def find_order(order_id: str, limit: Annotated[int, Field(ge=1, le=50)] = 10) -> dict[str, Any]:
    """Find one order."""
    return {"id": order_id, "limit": limit}


def test_the_function_stays_directly_callable() -> None:
    assert asyncio.run(find_order("A-1", limit=2)) == {"id": "A-1", "limit": 2}


def test_signature_and_docstring_are_told_to_the_model() -> None:
    found = made(find_order)
    assert found.description == "Find one order."
    assert found.parameters == {
        "type": "object",
        "properties": {
            "order_id": {"type": "string"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
        },
        "required": ["order_id"],
        "additionalProperties": False,
    }
    assert found.effect is Effect.READ
    assert found.integrity is Integrity.THIRD_PARTY


def test_a_bare_mark_says_the_fix() -> None:
    with pytest.raises(ToolDeclarationError, match=r'find .*@tool\(effect="read"\)'):

        @tool
        def find() -> None: ...


@pytest.mark.parametrize("effect", [None, "write"])
def test_an_absent_or_unknown_effect_says_the_fix(effect: Any) -> None:
    with pytest.raises(ToolDeclarationError, match=r'@tool\(effect="read"\)'):
        tool(effect=effect)


def test_the_users_word_is_no_integrity_of_a_result() -> None:
    with pytest.raises(ToolDeclarationError, match="integrity"):
        tool(effect="read", integrity="user")  # pyright: ignore[reportArgumentType] - wrong on purpose


def forms() -> list[tuple[Any, str]]:
    def untyped(order_id) -> None: ...

    def many(*ids: str) -> None: ...

    def anything(**values: str) -> None: ...

    def by_place(order_id: str, /) -> None: ...

    def yielding() -> Any:
        yield 1

    async def yielding_later() -> Any:
        yield 1

    class Callable_:
        def __call__(self) -> None: ...

    return [
        (untyped, "has no type.*order_id: str"),
        (many, "any number of arguments"),
        (anything, "any number of arguments"),
        (by_place, "cannot be given by name"),
        (yielding, "yields"),
        (yielding_later, "yields"),
        (Callable_(), "marks functions"),
    ]


@pytest.mark.parametrize(("function", "said"), forms())
def test_forms_that_a_model_cannot_call_are_refused(function: Any, said: str) -> None:
    with pytest.raises(ToolDeclarationError, match=said):
        tool(effect="read")(function)


class Opaque:
    pass


def types() -> list[tuple[Any, str]]:
    def opaque(thing: Opaque) -> None: ...

    def wrong_default(count: int = None) -> None: ...  # noqa: RUF013 - wrong on purpose

    def field_default(count: int = Field(3, gt=0)) -> None: ...

    def unknown(thing: "Nowhere") -> None: ...  # noqa: F821 - wrong on purpose

    return [
        (opaque, "cannot be told to a model"),
        (wrong_default, "does not fit its type"),
        (field_default, "has a Field as its default"),
        (unknown, "types of unknown cannot be read"),
    ]


@pytest.mark.parametrize(("function", "said"), types())
def test_types_without_a_form_in_json_are_refused(function: Any, said: str) -> None:
    with pytest.raises(ToolDeclarationError, match=said):
        made(tool(effect="read")(function))


def test_the_context_is_injected_and_not_shown() -> None:
    @tool(effect="keyed")
    def pay(amount: int, context: ToolContext) -> str:
        return f"{amount} {context.key}"

    found = made(pay)
    assert list(found.parameters["properties"]) == ["amount"]
    assert asyncio.run(found.call(found.validate({"amount": 3}), CONTEXT)) == "3 k1"
    with pytest.raises(ArgumentsInvalid, match="context is not an argument"):
        found.validate({"amount": 3, "context": {}})


def test_parameters_may_have_any_name() -> None:
    @tool(effect="read")
    def look(schema: str, copy: int, model_config: bool, self_: str = "", title: str = "t") -> list[Any]:
        return [schema, copy, model_config, self_, title]

    found = made(look)
    values = found.validate({"schema": "a", "copy": 1, "model_config": True})
    assert values == {"schema": "a", "copy": 1, "model_config": True, "self_": "", "title": "t"}
    assert asyncio.run(found.call(values, CONTEXT)) == ["a", 1, True, "", "t"]


class Colour(enum.Enum):
    RED = "red"


class Address(BaseModel):
    city: str
    number: int


@dataclasses.dataclass
class Line:
    item: str
    count: int


def test_rich_types_come_as_json_and_reach_the_function_as_themselves() -> None:
    seen: list[Any] = []

    @tool(effect="read")
    async def book(
        day: datetime.date,
        colour: Colour,
        address: Address,
        lines: list[Line],
        price: Decimal,
        kind: Literal["a", "b"],
        note: str | None = None,
    ) -> None:
        seen.extend([day, colour, address, lines, price, kind, note])

    found = made(book)
    given_values = {
        "day": "2025-11-03",
        "colour": "red",
        "address": {"city": "Bern", "number": 3},
        "lines": [{"item": "x", "count": 2}],
        "price": "1.50",
        "kind": "a",
    }
    values = found.validate(given_values)
    assert values == {**given_values, "note": None}
    assert found.validate(values) == values
    asyncio.run(found.call(values, CONTEXT))
    assert seen == [
        datetime.date(2025, 11, 3),
        Colour.RED,
        Address(city="Bern", number=3),
        [Line("x", 2)],
        Decimal("1.50"),
        "a",
        None,
    ]


@tool(effect="read")
def strict(
    count: int, ratio: float = 0.5, address: Address | None = None, ids: list[int] | None = None
) -> None:
    """Take several kinds."""


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"count": "12"}, 'Argument count must be a valid integer, not "12".'),
    ({"count": 12.5}, "Argument count must be a valid integer"),
    ({"count": True}, "Argument count must be a valid integer, not true."),
    ({"count": None}, "Argument count must be a valid integer, not null."),
    ({}, "Argument count is missing."),
    (
        {"count": 1, "colour": 2},
        "colour is not an argument of this tool; it takes count, ratio, address, ids.",
    ),
    ({"count": 1, "ratio": "0.5"}, "Argument ratio must be a valid number"),
    ({"count": 1, "ratio": float("nan")}, "not JSON"),
    ({"count": 1, "ids": [float("inf")]}, "not JSON"),
    (
        {"count": 1, "address": {"city": "x", "number": "3"}},
        "Argument address.number must be a valid integer",
    ),
    ({"count": 1, "address": {"city": "x"}}, "Argument address.number is missing."),
    ({"count": 1, "ids": [1, "x"]}, "Argument ids[1] must be a valid integer"),
    ({"count": 1, "ids": ["\ud800"]}, "not JSON"),
    ({"count": "x" * 1000}, "…"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_arguments_are_named_with_what_is_wanted(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        made(strict).validate(arguments)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300


def test_union_members_are_no_part_of_the_path() -> None:
    @tool(effect="read")
    def either(value: int | list[str]) -> None: ...

    with pytest.raises(ArgumentsInvalid) as caught:
        made(either).validate({"value": "x"})
    assert str(caught.value).startswith("Argument value must be")


@given(st.integers(-(2**52), 2**52))
def test_a_whole_number_may_be_spelled_as_a_float_and_back(number: int) -> None:
    found = made(strict)
    assert found.validate({"count": float(number)})["count"] == number
    ratio = found.validate({"count": 1, "ratio": number})["ratio"]
    assert isinstance(ratio, float)
    assert ratio == number


@given(
    st.fixed_dictionaries(
        {"count": st.integers()},
        optional={"ratio": st.floats(allow_nan=False, allow_infinity=False), "ids": st.lists(st.integers())},
    )
)
def test_validation_is_idempotent(arguments: dict[str, Any]) -> None:
    found = made(strict)
    once = found.validate(arguments)
    assert found.validate(once) == once


def test_edited_arguments_that_no_longer_fit_are_a_failure_without_effect() -> None:
    with pytest.raises(ToolFailure):
        asyncio.run(made(find_order).call({"order_id": []}, CONTEXT))


def test_a_remit_may_tighten_the_effect_and_never_loosen_it() -> None:
    assert made(find_order, Effect.IRREVERSIBLE).effect is Effect.IRREVERSIBLE

    @tool(effect="irreversible")
    def wipe() -> None: ...

    with pytest.raises(ToolDeclarationError, match="only tighten"):
        made(wipe, Effect.READ)


def test_the_signature_changes_with_everything_that_a_model_or_a_retry_depends_on() -> None:
    def one(a: int) -> None:
        """Do it."""

    def other_type(a: str) -> None:
        """Do it."""

    def other_text(a: int) -> None:
        """Do that."""

    for function in (other_type, other_text):
        function.__name__ = "one"
    tools = [made(tool(effect="read")(f)) for f in (one, other_type, other_text)]
    signatures = {item.signature for item in tools} | {made(tool(effect="keyed")(one)).signature}
    assert len(signatures) == 4
    assert made(tool(effect="read")(one)).signature == tools[0].signature


def test_a_sync_function_runs_in_a_thread_with_the_callers_context() -> None:
    import threading

    name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="none")

    @tool(effect="read")
    def there() -> tuple[str, bool]:
        return name.get(), threading.current_thread() is threading.main_thread()

    @tool(effect="read", blocking=False)
    def here() -> tuple[str, bool]:
        return name.get(), threading.current_thread() is threading.main_thread()

    async def main() -> tuple[Any, Any]:
        name.set("caller")
        return await made(there).call({}, CONTEXT), await made(here).call({}, CONTEXT)

    assert asyncio.run(main()) == (("caller", False), ("caller", True))


def test_reconcile_takes_parameters_of_the_tool_and_the_context() -> None:
    async def find_refund(transaction_id: str, who: ToolContext) -> str:
        return f"{transaction_id} {who.key}"

    @tool(effect="irreversible", reconcile=find_refund)
    def refund(transaction_id: str, amount: int) -> None: ...

    found = made(refund)
    assert found.reconcile is not None
    values = found.validate({"transaction_id": "T-1", "amount": 2})
    assert asyncio.run(found.reconcile(values, CONTEXT)) == "T-1 k1"

    def asks_more(other: str) -> None: ...

    with pytest.raises(ToolDeclarationError, match="asks for other"):
        tool(effect="irreversible", reconcile=asks_more)(refund)
