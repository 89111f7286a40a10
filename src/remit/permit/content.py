"""What in a text could act: links, addresses, account numbers, markup. And: does a text hold a value?"""

import calendar
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import cast

from remit.permit.values import Scalar, is_number

_ACTIVE = re.compile(
    r"""(?:[a-z][a-z0-9+.-]{1,15}|hxxps?)://\S+          # a link of any scheme
      | \bwww\.\S+
      | \b(?:mailto|tel|sms|javascript|data):\S+
      | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                     # an address
      | \b(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|app|dev|info|biz|xyz|online|site|shop|ru|cn|me|ly|gg|to)\b\S*
      | \b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,4})?\b   # an IBAN, grouped or not
      | \b[a-z]{2}\d{10,}\b
      | \b\d{9,}\b | \b(?:\d{4}[ -]){2,}\d{2,}\b         # an account or a card
      | <[a-z/!][^>]*> | !?\[[^\]]*\]\([^)]*\) | ```     # markup
    """,
    re.VERBOSE | re.IGNORECASE,
)
_EDGE = " .,;:!?)('\"»«“”"
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])
_DEFANGED = ((re.compile(r"\[\.\]|\(\.\)|\[dot\]|\(dot\)", re.IGNORECASE), "."), (re.compile(r"\[:\]"), ":"))
_MONTHS = tuple(name.casefold() for name in calendar.month_name[1:])


def active_items(text: str) -> frozenset[str]:
    """Everything in the text that a reader or a program could follow, in small letters."""
    plain = folded(text)
    for pattern, sign in _DEFANGED:
        plain = pattern.sub(sign, plain)
    return frozenset(found.group().strip(_EDGE) for found in _ACTIVE.finditer(plain)) - {""}


def folded(text: str) -> str:
    """The text in one spelling: compatible characters, small letters, nothing invisible."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE).casefold()


def holds(text: str, item: str) -> bool:
    """True if the folded text holds the item whole, not as a part of a longer word, link or number."""
    at = text.find(item)
    while at >= 0:
        before = text[at - 1] if at else " "
        after = text[at + len(item)] if at + len(item) < len(text) else " "
        follows = text[at + len(item) + 1 : at + len(item) + 2]
        joined = after.isalnum() or after in "_@/-" or (after in ".:?=&#" and follows.isalnum())
        if not (before.isalnum() or before in "_.@-/") and not joined:
            return True
        at = text.find(item, at + 1)
    return False


def verbatim(value: object, text: str) -> bool:
    """True if the value stands word for word in the text.

    A number stands there as a number, a date (`2026-05-15`, with or without a time) also as its month and
    day, each entry of a list for itself. Nothing else is verbatim: no object, no truth value, no empty text.
    """
    plain = folded(_UNSPACED.sub(r"\g<0> ", text))
    if isinstance(value, list | tuple):
        found = [verbatim(each, text) for each in cast("Sequence[object]", value)]
        return bool(found) and all(found)
    if is_number(value):
        numbers = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])", plain.replace(",", ""))
        return any(float(number) == value for number in numbers)
    if not isinstance(value, str) or not value.strip():
        return False
    item = folded(value).strip()
    return holds(plain, item) or _holds_date(plain, item)


_UNSPACED = re.compile(r"(?<=[a-z0-9])[.!?](?=[A-Z][a-z])")
"""The end of a sentence whose writer left out the blank: `see www.example.com.They know`."""


def _holds_date(text: str, item: str) -> bool:
    matched = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:[ t](\d\d):(\d\d))?", item)
    if matched is None or not 1 <= int(matched[2]) <= 12:
        return False
    month, day = _MONTHS[int(matched[2]) - 1], int(matched[3])
    named = rf"\b{month}\s+{day}(?:st|nd|rd|th)?\b|\b{day}(?:st|nd|rd|th)?\s+(?:of\s+)?{month}\b"
    years = set(re.findall(r"\b(?:19|20)\d\d\b", text))
    dated = bool(re.search(named, text)) or matched.group()[:10] in text
    return dated and (not years or matched[1] in years) and _holds_time(text, matched[4], matched[5])


def _holds_time(text: str, hour: str | None, minute: str | None) -> bool:
    if hour is None:
        return True
    short = int(hour) % 12 or 12
    half = "am" if int(hour) < 12 else "pm"
    forms = [f"{hour}:{minute}", f"{int(hour)}:{minute}", f"{short}:{minute} ?{half}"]
    if minute == "00":
        forms += [f"{short} ?{half}"]
        forms += ["noon"] if hour == "12" else ["midnight"] if hour == "00" else []
    return any(re.search(rf"(?<![\d:]){form}\b", text) for form in forms)


def own_words(text: str) -> str:
    """What the user wrote themselves: without quoted lines, forwarded messages and fenced blocks."""
    kept: list[str] = []
    fenced = False
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            fenced = not fenced
            continue
        if _FORWARDED.match(bare):
            break
        if not fenced and not bare.startswith(">"):
            kept.append(line)
    return "\n".join(kept)


_FORWARDED = re.compile(
    r"-{2,}\s*(?:original|forwarded|begin)\b.*|begin forwarded message.*|on .{4,80} wrote:$"
    r"|from\s*:.*@.*",
    re.IGNORECASE,
)


def texts_of(value: object) -> Iterable[str]:
    """Every text in a JSON value, numbers included."""
    pending: list[object] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Scalar) and not isinstance(item, bool):
            yield str(item)
        elif isinstance(item, dict):
            pending.extend(item.values())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - any JSON
        elif isinstance(item, list | tuple):
            pending.extend(item)  # pyright: ignore[reportUnknownArgumentType] - any JSON
