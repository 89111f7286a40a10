from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from remit.tools import Breaker, Closed, HalfOpen, Open, SeenHealthy, admit, after, probing
from remit.tools.breaker import BELIEVED_S

THRESHOLD = 3
REST_S = 30.0


class BreakerMachine(RuleBasedStateMachine):
    """The breaker beside the plainest model of one: failures in a row, and the time of the last try."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = 1000.0
        self.in_a_row = 0
        self.tried_at = 0.0
        self.probes = 0

    @rule(seconds=st.floats(0, 60))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(success=st.booleans())
    def call(self, success: bool) -> None:
        match admit(self.breaker, self.now, THRESHOLD, REST_S):
            case Open(until=until):
                assert self.in_a_row >= THRESHOLD
                assert self.now < until <= self.tried_at + REST_S
                return
            case HalfOpen():
                assert self.in_a_row >= THRESHOLD
                self.breaker = probing(self.breaker, self.now)
                assert isinstance(admit(self.breaker, self.now, THRESHOLD, REST_S), Open)
            case Closed():
                assert self.in_a_row < THRESHOLD
        self.tried_at = self.now
        self.in_a_row = 0 if success else self.in_a_row + 1
        self.breaker = after(self.breaker, success, self.now, THRESHOLD)

    @precondition(lambda self: self.in_a_row >= THRESHOLD)
    @rule()
    def a_rest_is_never_for_ever(self) -> None:
        assert isinstance(admit(self.breaker, self.tried_at + REST_S, THRESHOLD, REST_S), HalfOpen)

    @rule()
    def a_clock_set_back_does_not_lengthen_the_rest(self) -> None:
        earlier = self.now - 10_000
        verdict = admit(self.breaker, earlier, THRESHOLD, REST_S)
        assert not isinstance(verdict, Open) or verdict.until <= earlier + REST_S

    @invariant()
    def it_counts_failures_in_a_row(self) -> None:
        assert self.breaker.failures == self.in_a_row


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(max_examples=60, stateful_step_count=30)


@given(ages=st.lists(st.floats(-1, 1, allow_nan=False), min_size=1), at=st.floats(0, 2e9))
def test_a_healthy_tool_is_believed_for_a_moment_and_never_by_a_clock_set_back(ages, at):
    healthy = SeenHealthy()
    assert not healthy.believed("a:t", at)
    healthy.seen("a:t", at)
    for age in ages:
        now = at + age
        assert healthy.believed("a:t", now) == (0 <= now - at < BELIEVED_S)
        assert not healthy.believed("a:other", now)
    healthy.forget("a:t")
    assert not healthy.believed("a:t", at)
