from hypothesis import given
from hypothesis import strategies as st

from remit.cli.table import Column, table
from remit.telling import clock_time, count, duration, iso_time, money, text_of, width_of

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=6), st.integers(40, 120))
def test_a_table_fits_and_is_aligned(rows: list[tuple[str, str, str]], width: int) -> None:
    headings = (Column("ONE"), Column("TWO", right=True), Column("THREE"))
    lines = ["".join(map(text_of, line)) for line in table(headings, rows, width)]
    assert len(lines) == len(rows) + 1
    assert all(width_of(line) <= width for line in lines)


def test_a_firm_column_is_never_cut() -> None:
    line = table((Column("ID", firm=True), Column("REST")), [("1" * 30, "x" * 60)], 40)[1]
    assert "1" * 30 in "".join(map(text_of, line))


def test_amounts_in_words() -> None:
    assert [duration(each) for each in (0, 0.0004, 0.25, 3.14159, 150, 7200, 864_000)] == [
        "0 ms",
        "<1 ms",
        "250 ms",
        "3.1 s",
        "2 min",
        "2 h",
        "10 d",
    ]
    assert [money(each) for each in (0, 0.00001, 0.00123, 0.05, 12.345)] == [
        "$0",
        "<$0.0001",
        "$0.0012",
        "$0.05",
        "$12.35",
    ]
    assert count(1, "run") == "1 run"
    assert count(1200, "run") == "1,200 runs"
    assert iso_time(0.5) == "1970-01-01T00:00:00.500+00:00"
    assert iso_time(None) is None
    assert clock_time(0).endswith(("UTC", "Z")) or ":" in clock_time(0)
