"""What a wrong name may have meant."""

from collections.abc import Iterable

from remit.contract import did_you_mean


def nearest(name: str, known: Iterable[str]) -> str:
    """A question that names the nearest known name, else a list of all of them."""
    names = sorted(known)
    return did_you_mean(name, names) or (f"Known: {', '.join(names)}." if names else "")
