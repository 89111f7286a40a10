"""Text as a person must see it to decide: nothing hidden, nothing that looks like something else."""

import unicodedata
from functools import lru_cache

_TYPOGRAPHY = frozenset("€£¥§°“”„«»…¿¡")
_SCRIPT_NAMES = """
ARABIC ARMENIAN BENGALI CJK CYRILLIC DEVANAGARI ETHIOPIC GEORGIAN GREEK GUJARATI GURMUKHI HANGUL HEBREW
HIRAGANA KANNADA KATAKANA KHMER LAO MALAYALAM MYANMAR SINHALA TAMIL TELUGU THAI
"""
_SCRIPTS = frozenset(_SCRIPT_NAMES.split())
"""Scripts that people read and write today; letters of any other are shown as codes."""
_WRITTEN_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA"})
_LIKE_LATIN = frozenset("АВЕЅІЈКМНОРСТУХҮԌԚԜаеёорсухѕіјһԁԛԝгѵүΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγϲϳ")
"""Cyrillic and Greek letters that a reader takes for Latin ones."""
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def visible(text: str, *, characters: int) -> str:
    """The text in quotes on one line: hidden, directional and confusable characters as `\\u` codes.

    Letters of another script stay readable where the text has letters of that script only and cannot be
    taken for Latin as a whole. A text longer than `characters` is cut, and its whole length is said.
    """
    begin = text[:characters]
    foreign = {sign for sign in begin if _script(sign) in _SCRIPTS and sign.isalpha()}
    scripts = {_script(sign) for sign in begin if sign.isalpha()}
    pure = len(scripts) == 1 or scripts <= _WRITTEN_TOGETHER
    readable = pure and not foreign <= _LIKE_LATIN
    shown = "".join(_shown(sign, readable) for sign in begin)
    return f'"{shown}"' if len(text) <= characters else f'"{shown}"... ({len(text)} characters)'


def one_line(text: str) -> str:
    """The text without quotes on one line: whitespace as one space, what does not print as codes."""
    return "".join(sign if sign.isprintable() else _code(sign) for sign in " ".join(text.split()))


def _shown(sign: str, readable: bool) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if " " <= sign <= "~" or sign in _TYPOGRAPHY or _plain_latin(sign):
        return sign
    if readable and _script(sign) in _SCRIPTS and unicodedata.category(sign)[0] in "LM":
        return sign
    return _code(sign)


def _code(sign: str) -> str:
    code = ord(sign)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _plain_latin(sign: str) -> bool:
    """Letters of European languages with their accents, save the few that pass for plain ones."""
    return "\u00c0" <= sign <= "\u017e" and sign.isalpha() and sign not in "ıĸŀŉĲĳ"


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    return unicodedata.name(sign, "").partition(" ")[0].partition("-")[0]
