"""What the search field says: `outcome:escalated tool:refund ms>3000`; unknown names are refused."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from remit.store import AMONG, COLUMNS

Sign = Literal[":", ">", "<"]

EXACT = tuple(sorted({*COLUMNS, *AMONG}))
"""Names whose value has to be exactly that."""
MEASURED = {
    "ms": "milliseconds from admission to end",
    "cost": "US dollars",
    "steps": "model calls",
    "tokens": "tokens",
}
"""Names whose value is a number, with its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One condition; all conditions of an expression hold together."""

    name: str
    sign: Sign
    value: str

    def text(self) -> str:
        """The term as it is typed."""
        plain = re.fullmatch(r"[\w.:@/+,-]+", self.value, re.ASCII) is not None
        return f"{self.name}{self.sign}{self.value if plain else shlex.quote(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """The conditions of a search, and what is wrong with it; with a problem nothing is searched."""

    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()

    def text(self) -> str:
        """The expression as it is typed, in its own order."""
        return " ".join(term.text() for term in self.terms)

    def exact(self) -> Mapping[str, str]:
        """The conditions that name a value."""
        return {term.name: term.value for term in self.terms if term.sign == ":"}

    def measured(self) -> Sequence[tuple[str, Sign, float]]:
        """The conditions that name a bound."""
        return [(term.name, term.sign, float(term.value)) for term in self.terms if term.sign != ":"]

    def with_term(self, name: str, value: str) -> "Expression":
        """The same with this condition in the place of another one of its name."""
        kept = tuple(term for term in self.terms if term.name != name)
        return Expression(terms=(*kept, Term(name=name, sign=":", value=value)))

    def without(self, name: str) -> "Expression":
        """The same without the conditions of that name."""
        return Expression(terms=tuple(term for term in self.terms if term.name != name))


def parse(text: str) -> Expression:
    """The expression that a person typed; what is not understood is a problem with a suggestion."""
    try:
        words = shlex.split(text)
    except ValueError:
        return Expression(problems=("A quotation mark is not closed.",))
    terms: list[Term] = []
    problems: list[str] = []
    for word in words:
        term = _term(word)
        if isinstance(term, str):
            problems.append(term)
        elif any(other.name == term.name and other.sign == term.sign for other in terms):
            problems.append(f"{term.name}{term.sign} stands twice: one run has one value.")
        else:
            terms.append(term)
    return Expression(terms=tuple(terms), problems=tuple(problems))


def _term(word: str) -> Term | str:
    places = [(word.index(sign), sign) for sign in (":", ">", "<") if sign in word]
    if not places:
        return f"{word!r} is no condition. Write a name and a value, such as outcome:escalated or ms>3000."
    at, sign = min(places)
    name, value = word[:at], word[at + 1 :]
    known = EXACT if sign == ":" else tuple(MEASURED)
    if name not in known:
        return _unknown(name, sign, known)
    if not value:
        return f"{name}{sign} needs a value."
    if sign != ":" and not _is_number(value):
        return f"{name} is compared with a number of {MEASURED[name]}, and {value!r} is none."
    return Term(name=name, sign=_SIGNS[sign], value=value)


_SIGNS: dict[str, Sign] = {":": ":", ">": ">", "<": "<"}


def _unknown(name: str, sign: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f"There is no {name!r} to search by. Did you mean {near[0]}{sign}?"
    return f"There is no {name!r} to search by with `{sign}`. There are: {', '.join(known)}."


def _is_number(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return number == number and abs(number) != float("inf")
