"""Where a piece of content comes from, and what mixing it with others makes of it."""

from collections.abc import Iterable
from enum import StrEnum


class Integrity(StrEnum):
    """Who wrote a piece of content; only the first three may ever carry authority."""

    OPERATOR = "operator"
    USER = "user"
    ATTESTED = "attested"
    THIRD_PARTY = "third_party"


TRUST: dict[Integrity, int] = {
    Integrity.OPERATOR: 3,
    Integrity.ATTESTED: 2,
    Integrity.USER: 1,
    Integrity.THIRD_PARTY: 0,
}


def meet(parts: Iterable[Integrity]) -> Integrity:
    """The integrity of a whole: that of its least trusted part; of nothing, the operator's."""
    return min(parts, key=TRUST.__getitem__, default=Integrity.OPERATOR)
