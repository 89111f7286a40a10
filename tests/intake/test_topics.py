"""Excluded topics: found as whole words and through spelling tricks, and not inside other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import Topic
from remit.intake import matches_topic

LEGAL = "legal or tax interpretation"


def topic(text: str, *words: str) -> Topic:
    return Topic.model_validate({"topic": text, "words": words})


def found(text: str, *topics: Topic) -> tuple[str, ...] | None:
    match = matches_topic(topics, text)
    return None if match is None else match.words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Is this fee tax deductible?", ("tax",)),
        ("Do I pay taxes on the cashback?", ("taxes",)),
        ("how is it TAXED", ("taxed",)),
        ("about the taxation of it", ("taxation",)),
        ("Is that legal?", ("legal",)),
        ("\uff54\uff41\uff58 question", ("tax",)),
        ("t\u200bax question", ("tax",)),
        ("táx question", ("tax",)),
        ("tax-related", ("tax",)),
        ("the tax's amount", ("taxs",)),
        ("I took a taxi to the airport", None),
        ("the syntax is wrong", None),
        ("illegally parked", None),
        ("please interpret this fee", None),
        ("a question about my card", None),
    ],
)
def test_words_of_a_topic(text: str, words: tuple[str, ...] | None) -> None:
    assert found(text, topic(LEGAL)) == words


@pytest.mark.parametrize(
    ("name", "text", "hit"),
    [
        ("investment advice", "should I invest in this", False),
        ("investing", "I invested my bonus", True),
        ("filing complaints", "how do I file a complaint", True),
        ("lawyers", "my lawyer will write to you", True),
        ("companies", "which company is this", True),
        ("betting", "I bet on a horse", True),
        ("gambling", "can I gamble with this card", True),
        ("wills", "when will my card arrive", False),
        ("evenings", "it does not even work", False),
        ("closing an account", "I want to close my account", True),
        ("closing an account", "my account shows a wrong fee", False),
        ("closing an account", "close the ticket. " + "and so on " * 10 + "my account", False),
        ("small talk", "a small fee", False),
        ("Steuerberatung", "ich brauche eine STEUERBERATUNG", True),
        ("crème brûlée", "a creme brulee please", True),
    ],
)
def test_forms_and_nearness(name: str, text: str, hit: bool) -> None:
    assert (found(text, topic(name)) is not None) == hit


def test_a_topic_that_says_what_it_is_not_catches_nothing_by_its_words() -> None:
    for name in ("anything other than cards", "anything but cards", "matters not about cards"):
        assert found("my cards are lost", topic(name)) is None


def test_other_sets_apart() -> None:
    banks = topic("questions about other banks")
    assert found("a transfer from my bank", banks) is None
    assert found("what do other banks charge", banks) == ("other", "banks")


def test_a_topic_of_generic_words_is_found_as_a_phrase_only() -> None:
    other = topic("any other questions")
    assert found("I have a question", other) is None
    assert found("and any other questions that come up", other) == ("any", "other", "questions")


def test_entries_of_words_are_phrases_and_replace_the_topic() -> None:
    medical = topic("medical advice", "power of attorney", "dose")
    assert found("I hold a power of attorney", medical) == ("power", "of", "attorney")
    assert found("the attorney of power", medical) is None
    assert found("which doses", medical) == ("doses",)
    assert found("medical advice", medical) is None


def test_the_first_topic_of_the_file_wins() -> None:
    topics = (topic("insurance"), topic("tax"))
    match = matches_topic(topics, "tax on my insurance")
    assert match is not None
    assert match.topic is topics[0]


def test_a_topic_without_words_matches_nothing() -> None:
    assert found("!!! ???", topic("!!!")) is None
    assert found("anything", topic("x", "...")) is None


@given(st.text(), st.text(min_size=1), st.lists(st.text(min_size=1), max_size=3))
def test_matching_is_total_and_names_words_of_the_text(text: str, name: str, words: list[str]) -> None:
    matches_topic((topic(name, *words),), text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6))
def test_no_match_inside_another_word(addition: str) -> None:
    for word in (addition + "quux", "quux" + addition + "q", addition + "quux" + addition):
        assert found(f"about {word} here", topic("zzz", "quux")) is None


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_word_between_spaces_is_always_found(before: str, after: str) -> None:
    assert found(f"{before} quux {after}", topic("quux")) == ("quux",)
