"""Does an input name something that the remit excludes? Whole words, no model.

Only the plain case is caught here, and caught surely; the rest is the model's, whose instructions
list the same topics. An alternative of a topic ("legal or tax advice" has two) is found when all its
telling words stand near each other; an entry of `words` when its words follow one another.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from remit.contract import Topic
from remit.intake.words import FUNCTION_WORDS, base_forms, word_forms, words_of

_OTHER = "other"
NEAR_WORDS = 10
"""All telling words of an alternative must stand within this many words."""
_ALTERNATIVES = re.compile(r"[,;:/&|()]|\b(?:and|or|nor)\b", re.IGNORECASE)
_INVERTING_WORDS = """
apart besides beyond but except excepting excluding no not nothing
outside than unless unrelated without
"""
_INVERTING = frozenset(_INVERTING_WORDS.split())
"""A topic with one of these says what it is not: its words would catch the very inputs that are meant."""
_GENERIC_WORDS = """
advice advise advising answer anything area ask assist assistance case certain comment concern decision
detail discuss discussion enquiry everything explain explanation general guidance handle help information
inquiry interpret interpretation issue kind matter opinion problem provide query question reason
recommendation recommend regarding related request service something sort subject suggestion support
task tell thing topic various
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
"""Words that say that something is asked, not what."""


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """The excluded topic that an input names, and the words that gave it away, as folded."""

    topic: Topic
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    parts: tuple[frozenset[str], ...]
    """The forms of each word that must be found."""
    in_order: bool
    """One after the other; otherwise near each other, in any order."""


def matches_topic(topics: Sequence[Topic], text: str) -> TopicMatch | None:
    """The first topic, in the order of the file, that the text names; None if it names none."""
    if not topics:
        return None
    words = words_of(text)
    present = frozenset(words)
    for topic in topics:
        for pattern in _patterns(topic.topic, topic.words):
            if any(part.isdisjoint(present) for part in pattern.parts):
                continue
            found = _following(words, pattern.parts) if pattern.in_order else _near(words, pattern.parts)
            if found is not None:
                return TopicMatch(topic, tuple(dict.fromkeys(found)))
    return None


@lru_cache(maxsize=1024)
def _patterns(name: str, entries: tuple[str, ...]) -> tuple[_Pattern, ...]:
    """What gives a topic away: its `words`, else the telling words of each of its alternatives."""
    if entries:
        return tuple(_phrase(entry) for entry in entries if words_of(entry))
    every = words_of(name)
    if not every or not _INVERTING.isdisjoint(every):
        return ()
    telling = [_telling(part) for part in _ALTERNATIVES.split(name)]
    patterns = tuple(_Pattern(tuple(map(word_forms, words)), in_order=False) for words in telling if words)
    return patterns or (_phrase(name),)


def _phrase(text: str) -> _Pattern:
    return _Pattern(tuple(map(word_forms, words_of(text))), in_order=True)


def _telling(text: str) -> list[str]:
    """The words that tell what is meant; `other` is one of them where it sets something apart."""
    telling = [
        word
        for word in dict.fromkeys(words_of(text))
        if word == _OTHER or (word not in FUNCTION_WORDS and _GENERIC.isdisjoint(base_forms(word)))
    ]
    return telling if telling != [_OTHER] else []


def _following(words: list[str], parts: tuple[frozenset[str], ...]) -> list[str] | None:
    for start, word in enumerate(words):
        if word in parts[0]:
            found = words[start : start + len(parts)]
            if len(found) == len(parts) and all(
                each in part for each, part in zip(found, parts, strict=True)
            ):
                return found
    return None


def _near(words: list[str], parts: tuple[frozenset[str], ...]) -> list[str] | None:
    last: dict[int, int] = {}
    for position, word in enumerate(words):
        for index, part in enumerate(parts):
            if word in part:
                last[index] = position
        if len(last) == len(parts) and position - min(last.values()) < NEAR_WORDS:
            return [words[last[index]] for index in range(len(parts))]
    return None
