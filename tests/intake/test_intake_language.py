"""Nothing is declined on a guess, and nothing passes unread where languages cannot be told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.intake import language
from remit.intake.language import CLEAR, FEWEST_BYTES, Language, declined, known_languages, language_of

known_languages()  # Read once, before any test is timed.
codes = st.sampled_from(["en", "de", "fr", "zh", "zxx"])
found = st.builds(Language, code=codes, probability=st.floats(0, 1), bytes=st.integers(0, 4000))


@given(st.text(max_size=200))
def test_any_text_has_a_likeliest_language(text: str) -> None:
    told = language_of(text)
    assert told.code in known_languages()
    assert 0 <= told.probability <= 1
    assert told.bytes <= len(text.encode("utf-8", "replace"))


@given(found, st.lists(codes, min_size=1))
def test_only_what_is_clearly_another_language_is_declined(told: Language, read: list[str]) -> None:
    reason = declined(told, read)
    another = told.code not in read and told.code != "zxx"
    assert (reason is not None) == (another and told.probability >= CLEAR and told.bytes >= FEWEST_BYTES)
    assert reason is None or told.code in reason


@given(found, st.lists(codes, min_size=1), codes)
def test_one_more_language_never_declines_more(told: Language, read: list[str], more: str) -> None:
    assert declined(told, [*read, more]) is None or declined(told, read) is not None


@given(st.text(max_size=4))
def test_what_is_short_is_never_declined(text: str) -> None:
    assert declined(language_of(text), ["tl"]) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wo ist meine Bestellung?", "de"),
        ("Bonjour, je voudrais savoir où se trouve ma commande.", "fr"),
        ("我的订单在哪里", "zh"),
        ("where is my order please", "en"),
    ],
)
def test_short_sentences_are_told_apart(text: str, code: str) -> None:
    assert language_of(text).code == code
    assert declined(language_of(text), ["xx"]) is not None


def test_without_the_identifier_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_identifier", lambda: None)
    assert known_languages() == ()
    assert "cannot be told" in (declined(language_of("ok"), ["en"]) or "")
