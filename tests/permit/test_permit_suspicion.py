"""A suspicion asks; it never allows what would not have been allowed, and never denies where one may ask."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from test_permit_grants import HOLES, verdict

from remit.event import Integrity
from remit.outcome import Effect

STRICTER = {"allow": 0, "ask": 1, "deny": 2}
arguments = st.fixed_dictionaries(
    {
        "to": st.sampled_from(["CH11", "DE89"]),
        "amount": st.sampled_from([5.0, 60.0, 900.0]),
        "text": st.sampled_from(["Rent", "see http://evil.example"]),
        "day": st.none(),
    }
)


@given(
    arguments,
    st.floats(0, 1),
    st.one_of(st.none(), st.floats(0.01, 1)),
    st.sampled_from(Integrity),
    st.booleans(),
)
def test_a_suspicion_only_ever_asks(
    given_: dict[str, Any], suspicion: float, limit: float | None, integrity: Integrity, can_ask: bool
) -> None:
    around = {"context_integrity": integrity, "can_ask": can_ask}
    without = verdict("pay", given_, HOLES, **around)
    found = verdict("pay", given_, HOLES, suspicion=suspicion, suspicious_from=limit, **around)
    assert STRICTER[found.verdict] >= STRICTER[without.verdict]
    over = limit is not None and suspicion >= limit
    if not over:
        assert found == without
    elif without.verdict == "allow":
        assert found.verdict == ("ask" if can_ask else "deny")
        assert "looks like an attempt" in found.reason


@given(st.floats(0, 1))
def test_a_read_that_stays_in_the_house_is_not_asked_about(suspicion: float) -> None:
    found = verdict("find_bill", {}, {}, suspicion=suspicion, suspicious_from=0.1, effect=Effect.READ)
    assert found.verdict == "allow"
