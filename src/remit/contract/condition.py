"""The language of `ask.when`: comparisons of arguments with literals, and nothing else.

`amount_eur > 20`, `country != "DE" and not express == true`, `always`, `never`.
"""

import ast
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

LONGEST = 500
Literal = bool | int | float | str
_FORM = "Write a comparison of an argument with a value, such as `amount_eur > 20`."
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_WORDS = {"true": True, "True": True, "false": False, "False": False}


@dataclass(frozen=True, slots=True)
class Fixed:
    """`always` or `never`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One argument against one literal."""

    name: str
    operator: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class All:
    """`and`."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`or`."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`not`."""

    part: "Expression"


Expression = Fixed | Comparison | All | AnyOf | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a person is asked, as a decision over the arguments of one call."""

    text: str
    expression: Expression
    comparisons: tuple[Comparison, ...]

    @property
    def names(self) -> frozenset[str]:
        """The arguments that it looks at."""
        return frozenset(comparison.name for comparison in self.comparisons)

    @property
    def always(self) -> bool:
        """True if it holds whatever the arguments are, by its own words."""
        return self.expression == Fixed(True)

    def holds(self, arguments: Mapping[str, Any]) -> bool:
        """Whether to ask; an argument that is missing or of another type always asks."""
        if not all(_comparable(comparison, arguments) for comparison in self.comparisons):
            return True
        return _holds(self.expression, arguments)

    @property
    def bounded(self) -> frozenset[str]:
        """The arguments that are numbers below a limit wherever it does not hold."""
        return _bounded(self.expression)


def parse_condition(text: str) -> Condition:
    """The condition; ValueError says in a sentence what is not understood."""
    if len(text) > LONGEST:
        raise ValueError(f"a condition has at most {LONGEST} characters.")
    comparisons: list[Comparison] = []
    expression = _expression(_tree(text), comparisons)
    return Condition(text=text, expression=expression, comparisons=tuple(comparisons))


def _tree(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, Warning, RecursionError, MemoryError):
        raise ValueError(f"`{text}` is no condition. {_FORM}") from None


def _expression(node: ast.expr, found: list[Comparison]) -> Expression:
    match node:
        case ast.Name(id="always" | "never" as word):
            return Fixed(word == "always")
        case ast.BoolOp(op=ast.And(), values=values):
            return All(tuple(_expression(value, found) for value in values))
        case ast.BoolOp(values=values):
            return AnyOf(tuple(_expression(value, found) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_expression(operand, found))
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            found.append(_comparison(left, operator, right))
            return found[-1]
        case ast.Compare(ops=[_, _, *_]):
            raise ValueError(f"`{ast.unparse(node)}` compares twice; join two comparisons with `and`.")
        case ast.Name(id=name):
            raise ValueError(f"`{name}` alone is no condition; compare it, such as `{name} == true`.")
        case _:
            raise ValueError(f"`{ast.unparse(node)}` is not understood here. {_FORM}")


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Comparison:
    written = _OPERATORS.get(type(operator))
    if written is None:
        raise ValueError("only `==`, `!=`, `<`, `<=`, `>` and `>=` compare here.")
    if not isinstance(left, ast.Name) or left.id in _WORDS or left.id in ("always", "never"):
        raise ValueError(f"the left side of `{written}` is the name of an argument. {_FORM}")
    literal = _literal(right)
    if isinstance(literal, (str, bool)) and written not in ("==", "!="):
        raise ValueError(f"`{written}` compares numbers only; `{ast.unparse(right)}` is none.")
    return Comparison(left.id, written, literal)


def _literal(node: ast.expr) -> Literal:
    match node:
        case ast.Constant(value=bool() | str() as value):
            return value
        case ast.Name(id="true" | "false" as word):
            return _WORDS[word]
        case ast.Constant(value=int() | float() as number) if math.isfinite(number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)) if (
            not isinstance(number, bool) and math.isfinite(number)
        ):
            return -number
        case ast.Name(id=name):
            raise ValueError(f'an argument is compared with a value; for the text, write `"{name}"`.')
        case _:
            raise ValueError(f"`{ast.unparse(node)}` is no number, text, `true` or `false`.")


def _comparable(comparison: Comparison, arguments: Mapping[str, Any]) -> bool:
    value = arguments.get(comparison.name)
    literal = comparison.literal
    if isinstance(literal, (bool, str)):
        return isinstance(value, type(literal))
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not math.isnan(value)


def _holds(expression: Expression, arguments: Mapping[str, Any]) -> bool:
    match expression:
        case Fixed(value):
            return value
        case Comparison(name, operator, literal):
            return _compare(arguments[name], operator, literal)
        case All(parts):
            return all(_holds(part, arguments) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, arguments) for part in parts)
        case Not(part):
            return not _holds(part, arguments)
        case _:
            assert_never(expression)


def _compare(value: Any, operator: str, literal: Literal) -> bool:
    equal = bool(value == literal)
    if operator in ("==", "!="):
        return equal == (operator == "==")
    if equal:
        return operator in ("<=", ">=")
    return bool(value < literal) == operator.startswith("<")


def _bounded(expression: Expression) -> frozenset[str]:
    match expression:
        case Comparison(name, operator, _) if operator in (">", ">="):
            return frozenset({name})
        case AnyOf(parts):
            return frozenset[str]().union(*(_bounded(part) for part in parts))
        case All(parts):
            return frozenset[str].intersection(*(_bounded(part) for part in parts))
        case _:
            return frozenset()
