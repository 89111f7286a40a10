"""The real protocol on simulated time: no schedule of faults breaks it, and planted bugs do not pass."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sim_plants import PLANTS, planted
from sim_twin import Twin
from sim_world import World, play

SCHEDULES = 1000
FIRST = 20_000_000
"""Seeds of their own: the benchmark plays those from 0 on."""
PLANT_SCHEDULES = 1000
TWIN_SCHEDULES = 40

USUAL = {
    "asked again",
    "cancelled",
    "crash_after_commit",
    "crash_before_commit",
    "crash_in_call",
    "decided",
    "decision refused",
    "deduplicated by key",
    "default applied",
    "effect unknown",
    "kill",
    "late result",
    "lost_acknowledgement",
    "old code",
    "pause",
    "paused_before_sending",
    "reply_lost",
    "request_late",
    "split brain",
    "stale_events",
    "stale_rows",
}


def test_no_schedule_breaks_an_invariant():
    happened: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + SCHEDULES):
        result = play(seed)
        assert result.broken == [], f"python benchmarks/simulate.py --seed {seed} --trace"
        happened.update(result.happened.keys())
    assert not [name for name in USUAL if happened[name] < SCHEDULES / 100], happened


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bug_is_found(plant):
    with planted(plant):
        assert any(play(seed).broken for seed in range(PLANT_SCHEDULES))


def test_the_simulated_database_answers_as_the_real_one(tmp_path):
    compared = 0
    for seed in range(TWIN_SCHEDULES):
        world = World(seed, database=lambda clock, seed=seed: Twin(clock, tmp_path / f"{seed}.db"))
        assert world.play().broken == []
        compared += world.database.compared
        world.database.real.close()
    assert compared > 20 * TWIN_SCHEDULES


def test_a_seed_replays_exactly_in_another_process():
    traces = [
        subprocess.run(
            [sys.executable, "benchmarks/simulate.py", "--seed", "7", "--trace"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(traces[0].splitlines()) > 10
    assert traces[0] == traces[1]
