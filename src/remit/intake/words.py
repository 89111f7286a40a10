"""Words of a text, folded so that spelling tricks do not matter, and the forms of an English word."""

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = "'\u2019\u02bc\u00b4`"
_ONE_SYLLABLE = re.compile(r"^[^aeiou]*[aeiouy][^aeiouwxy]$")
_LETTERS = re.compile(r"^[a-z]{3,}$")

_FUNCTION_WORDS = """
a about above after again against all also an and any are as at be because been before being below
between both but by can cannot could did do does doing done down during each either else even few for from
further get gets getting give gives giving got had has have having he her here hers him his how i if in
into is it its just let like make makes making may me might mine more most much must my need needs neither
no nor not of off on once one only or other others our ours out over own per please put same shall she
should so some such take takes taking than that the their theirs them then there these they this those
through to too toward towards under until up upon us use used uses using very via want wants was we were
what when where whether which while who whom whose why will with would you your yours
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that carry no topic; they have no other forms."""


class _Folding(dict[int, str]):
    """The folded form of each character, worked out when it is first met.

    Character by character on purpose: normalising a whole text takes time quadratic in a run of
    combining marks.
    """

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if code <= 0xFFFF:
            self[code] = folded
        return folded


def _folded(sign: str) -> str:
    if sign in _APOSTROPHES or unicodedata.category(sign) == "Cf":
        return ""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", sign).casefold())
    return "".join(
        part if part.isalnum() or unicodedata.category(part)[0] == "M" else " "
        for part in plain
        if not "\u0300" <= part <= "\u036f"
    )


_FOLDING = _Folding()


def words_of(text: str) -> list[str]:
    """The words of a text: case, accents, width and invisible characters folded away."""
    return text.translate(_FOLDING).split()


@lru_cache(maxsize=4096)
def word_forms(word: str) -> frozenset[str]:
    """A folded word with its plurals, -ing and -ed forms: taxes, taxed and taxing for tax, and back."""
    bases = base_forms(word)
    possessives = [base + "s" for base in bases]
    return frozenset((word, *possessives)).union(*map(_inflected, bases))


def base_forms(word: str) -> list[str]:
    """The word and what it may be a form of; some are no words, which does no harm."""
    bases = [word]
    if not _LETTERS.match(word) or word in FUNCTION_WORDS:
        return bases
    if word.endswith("ies") and len(word) > 4:
        bases += [word[:-3] + "y", word[:-1]]
    elif re.search(r"(s|x|z|ch|sh)es$", word):
        bases += [word[:-2], word[:-1]]
    elif word.endswith("s") and word[-2] not in "sui":
        bases.append(word[:-1])
    elif word.endswith("ied"):
        bases.append(word[:-3] + "y")
    elif word.endswith("ing") and len(word) > 5:
        bases += _without_ending(word[:-3])
    elif word.endswith("ed") and len(word) > 4 and word[-3] != "e":
        bases += _without_ending(word[:-2])
    return [base for base in bases if base == word or (len(base) > 2 and base not in FUNCTION_WORDS)]


def _without_ending(stem: str) -> list[str]:
    if not re.search("[aeiouy]", stem):
        return []
    if len(stem) > 3 and stem[-1] == stem[-2]:
        return [stem, stem[:-1]] if stem[-1] in "flsz" else [stem[:-1]]
    if _ONE_SYLLABLE.match(stem):
        return [stem + "e"]
    return [stem, stem + "e"]


def _inflected(base: str) -> list[str]:
    if not _LETTERS.match(base) or base in FUNCTION_WORDS:
        return [base]
    after_consonant = base[-2] not in "aeiou"
    if base.endswith("y") and after_consonant:
        return [base, base[:-1] + "ies", base + "ing", base[:-1] + "ied"]
    plural = base + ("es" if re.search(r"(s|x|z|ch|sh)$", base) else "s")
    if base.endswith("ee"):
        return [base, plural]
    if base.endswith("e"):
        return [base, plural, base[:-1] + "ing", base + "d"]
    if _ONE_SYLLABLE.match(base):
        return [base, plural, base + base[-1] + "ing", base + base[-1] + "ed"]
    forms = [base, plural, base + "ing", base + "ed", base + "ation"]
    return [*forms, base + "ling", base + "led"] if base.endswith("l") else forms
