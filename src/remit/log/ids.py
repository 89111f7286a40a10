"""Ids that sort by time and are short enough to type."""

from collections.abc import Callable

RandomBytes = Callable[[int], bytes]
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _base32(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))


def new_id(now: float, random_bytes: RandomBytes) -> str:
    """Sixteen characters: milliseconds since the epoch, then 35 random bits."""
    return f"{_base32(int(now * 1000), 9)}{_base32(int.from_bytes(random_bytes(5)), 7)}"
