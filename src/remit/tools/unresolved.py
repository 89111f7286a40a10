"""A tool that cannot be had, as `remit check` reports it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """One complaint about one tool or server of a remit."""

    where: str
    """The key, such as `tools.refund`."""
    message: str
    suggestion: str = ""


def close_to(name: str, known: Iterable[str]) -> str:
    """A sentence that proposes the nearest known name, or lists the known ones."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known: {', '.join(names)}." if names else ""
