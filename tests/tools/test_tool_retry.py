from hypothesis import given
from hypothesis import strategies as st

from remit.outcome import Effect
from remit.tools.retry import ErrorClass, Failed, TryAgain, Unavailable, Unknown, after_failure, ambiguous

effects = st.sampled_from(Effect)
errors = st.sampled_from(ErrorClass)


def history(effect: Effect, stream: list[ErrorClass], tries: int) -> tuple[list[ErrorClass], object]:
    """Follow the verdicts through a stream of errors: the attempts made, and the last verdict."""
    made: list[ErrorClass] = []
    doubtful = False
    for error in stream:
        made.append(error)
        verdict = after_failure(
            effect, error, attempt=len(made), tries=tries, elapsed_s=0.0, doubtful=doubtful
        )
        if not isinstance(verdict, TryAgain):
            return made, verdict
        assert verdict.wait_s > 0
        doubtful = doubtful or ambiguous(error)
    raise AssertionError("the attempts are not bounded")


streams = st.lists(errors, min_size=20, max_size=20)


@given(effects, streams, st.integers(1, 10))
def test_attempts_are_bounded(effect: Effect, stream: list[ErrorClass], tries: int) -> None:
    made, _ = history(effect, stream, tries)
    assert len(made) <= tries


@given(streams, st.integers(1, 10))
def test_an_irreversible_call_is_never_made_again_after_an_ambiguous_failure(
    stream: list[ErrorClass], tries: int
) -> None:
    made, verdict = history(Effect.IRREVERSIBLE, stream, tries)
    assert not any(ambiguous(error) for error in made[:-1])
    assert isinstance(verdict, Unknown) is ambiguous(made[-1])


@given(streams, st.integers(1, 10))
def test_a_keyed_call_in_doubt_ends_unknown(stream: list[ErrorClass], tries: int) -> None:
    made, verdict = history(Effect.KEYED, stream, tries)
    assert isinstance(verdict, Unknown) is any(ambiguous(error) for error in made)


@given(st.sampled_from([Effect.READ, Effect.IDEMPOTENT]), streams, st.integers(1, 10))
def test_harmless_calls_never_end_unknown(effect: Effect, stream: list[ErrorClass], tries: int) -> None:
    made, verdict = history(effect, stream, tries)
    unreachable = made[-1] in (ErrorClass.UNAVAILABLE, ErrorClass.TIMEOUT)
    assert verdict == (Unavailable() if unreachable else Failed())
    assert made[-1] is ErrorClass.FAILURE or len(made) == tries


@given(effects, st.integers(1, 10))
def test_a_declared_failure_is_final_at_once(effect: Effect, tries: int) -> None:
    assert history(effect, [ErrorClass.FAILURE], tries)[1] == Failed()


@given(effects, errors, st.floats(0, 100))
def test_no_attempt_begins_after_the_time_allowed(
    effect: Effect, error: ErrorClass, elapsed_s: float
) -> None:
    verdict = after_failure(effect, error, attempt=1, tries=5, elapsed_s=elapsed_s, allowed_s=elapsed_s)
    assert not isinstance(verdict, TryAgain)
