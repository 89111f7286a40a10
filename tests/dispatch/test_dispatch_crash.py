"""Worker processes are killed at random moments; nothing is lost and nothing irreversible happens twice."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PROMISES = (
    "runs_lost",
    "irreversible_twice",
    "keyed_with_another_key",
    "ambiguous_not_unknown",
    "answered_without_effect",
)


@pytest.fixture
def crash(monkeypatch):
    """The benchmark's own module, whose child processes find its neighbours."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    import crash

    yield crash
    for name in set(sys.modules) - before:
        if (
            getattr(sys.modules[name], "__file__", None)
            and BENCHMARKS in Path(sys.modules[name].__file__).parents
        ):
            del sys.modules[name]


def test_ten_kills_lose_nothing_and_repeat_nothing(crash, tmp_path):
    figures = crash.run_crash(10, 7, tmp_path)
    assert {name: figures[name] for name in PROMISES} == dict.fromkeys(PROMISES, 0)
    assert figures["chain_whole"] == 1
    assert figures["kills"] == 10
    assert figures["runs"] >= figures["runs_acknowledged"] > 0
    assert figures["runs_that_changed_hands"] > 0
