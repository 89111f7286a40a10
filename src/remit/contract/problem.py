"""One thing that is wrong with a remit: where, what, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A complaint that a person can act on."""

    file: str
    line: int
    where: str
    """The key, such as `tools.refund.ask`; empty for the file as a whole."""
    message: str
    suggestion: str = ""
    severity: str = "error"

    def line_text(self) -> str:
        """`file:line: where: message suggestion`, on one line."""
        where = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}: {where}{self.message} {self.suggestion}".rstrip()


class Finding(NamedTuple):
    """A complaint before it has a file and a line."""

    where: str
    message: str
    suggestion: str = ""
    severity: str = "error"


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word, or nothing where none is near."""
    near = get_close_matches(written, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean `{near[0]}`?" if near else ""


def listed(words: Iterable[str]) -> str:
    """Words in backquotes, parted by commas."""
    return ", ".join(f"`{word}`" for word in words)
