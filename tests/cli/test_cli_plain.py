import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.telling import json_safe, one_line, plain, shortened, width_of, wrapped

HIDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
ANY = st.text(st.characters(), max_size=200)


@given(ANY)
def test_nothing_that_hides_or_moves_is_left(text: str) -> None:
    assert not [sign for sign in plain(text) if sign != "\n" and unicodedata.category(sign) in HIDING]


@given(ANY)
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cGF5bG9hZA==\x07", ""),
        ("\x9b2Jgone", "gone"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("\x1b(0lqk", "lqk"),
        ("half \x1b[", "half "),
        ("never ends \x1b]0;title", "never ends 0;title"),
        ("abc\rdef\bx", "abc defx"),
        ("\u202egnp.exe", "gnp.exe"),
        ("pay\u200bpal\ufeff", "paypal"),
        ("\U000e0041tag", "tag"),
        ("\ud800lone", "lone"),
        ("one\u2028two", "one two"),
        ("keep\nlines\tapart", "keep\nlines apart"),
        ("café naïve 日本 🙂 “quoted” €", "café naïve 日本 🙂 “quoted” €"),
    ],
)
def test_each_known_trick(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    assert "\n" not in one_line(text)


@given(ANY, st.integers(8, 60))
def test_shortened_fits(text: str, columns: int) -> None:
    line = shortened(text, columns)
    assert width_of(line) <= columns
    assert "\n" not in line


def test_shortened_says_that_it_cut() -> None:
    assert shortened("one two three four", 10) == "one two t…"
    assert shortened("one two", 10) == "one two"
    assert shortened("日本日本日本", 7) == "日本日…"
    assert shortened("x" * 1_000_000, 10) == "xxxxxxxxx…"


@given(ANY, st.integers(20, 60))
def test_wrapped_loses_no_word(text: str, columns: int) -> None:
    assert "".join("".join(wrapped(text, columns)).split()) == "".join(plain(text).split())


@given(st.text(st.characters(max_codepoint=0x7F), max_size=200), st.integers(20, 60))
def test_wrapped_fits(text: str, columns: int) -> None:
    assert all(width_of(line) <= columns for line in wrapped(text, columns))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_json_keeps_every_character_and_shows_none_that_hides(text: str) -> None:
    document = json_safe(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(document) == {"text": text}
    assert document.isprintable()
