"""Does the protocol hold in a million schedules of faults? Each is played on simulated time from its seed.

`python simulate.py [--schedules 1000000] [--processes 2]`, and for one of them
`python simulate.py --seed N --trace [--plant "blind retry"]`.
"""

import argparse
import gc
import logging
import multiprocessing
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "simulation"))

from report import Figures, last_line
from sim_plants import PLANTS, planted
from sim_world import play

TARGETS = {
    "schedules": ">= 1000000",
    "broken": "== 0",
    "plants_found": f"== {len(PLANTS)}",
    "schedules_to_find_the_last_plant": "<= 10000",
}
logging.getLogger("remit").addHandler(logging.NullHandler())
CHUNK = 500
PLANT_SCHEDULES = 10_000
COLLECT_EVERY = 100
PROGRESS_S = 30.0


def play_chunk(seeds: range) -> tuple[int, Counter[str], list[tuple[int, str]]]:
    """Some schedules: how many, in how many each thing happened, and what broke."""
    gc.disable()
    happened: Counter[str] = Counter()
    broken: list[tuple[int, str]] = []
    for number, seed in enumerate(seeds, 1):
        result = play(seed)
        happened.update(result.happened.keys())
        broken.extend((seed, sentence) for sentence in result.broken[:1])
        if number % COLLECT_EVERY == 0:
            gc.collect()
    return len(seeds), happened, broken


def find(plant: str) -> tuple[str, int | None, str]:
    """The first schedule that a planted bug breaks."""
    with planted(plant):
        for seed in range(PLANT_SCHEDULES):
            result = play(seed)
            if result.broken:
                return plant, seed, result.broken[0]
    return plant, None, "not found"


def simulate(schedules: int, processes: int, first: int) -> Figures:
    """All schedules and all plants; prints as it goes."""
    begun = time.monotonic()
    seeds = [
        range(start, min(start + CHUNK, first + schedules))
        for start in range(first, first + schedules, CHUNK)
    ]
    happened: Counter[str] = Counter()
    played = failures = 0
    told = begun
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.map(find, PLANTS)
        for plant, seed, sentence in found:
            where = f"found by seed {seed}: {sentence}" if seed is not None else "NOT FOUND"
            print(f"planted bug {plant!r}: {where}", flush=True)
            print(f'    python benchmarks/simulate.py --seed {seed} --trace --plant "{plant}"', flush=True)
        begun_real = time.monotonic()
        for count, seen, broken in pool.imap_unordered(play_chunk, seeds):
            played += count
            happened += seen
            for seed, sentence in broken:
                failures += 1
                print(f"BROKEN by seed {seed}: {sentence}", flush=True)
                print(f"    python benchmarks/simulate.py --seed {seed} --trace", flush=True)
            if time.monotonic() - told > PROGRESS_S:
                told = time.monotonic()
                rate = played / (told - begun_real)
                print(
                    f"{played} of {schedules} schedules, {rate:.0f} a second, {failures} broken", flush=True
                )
    elapsed_s = time.monotonic() - begun_real
    print(f"\n{'in how many schedules':<28}{'':>10}")
    for name, number in sorted(happened.items()):
        print(f"{name:<28}{number:>10}")
    return {
        "schedules": played,
        "broken": failures,
        "plants_found": sum(seed is not None for _, seed, _ in found),
        "schedules_to_find_the_last_plant": max(
            seed + 1 if seed is not None else sys.maxsize for _, seed, _ in found
        ),
        "schedules_per_second": round(played / elapsed_s),
        "minutes": round(elapsed_s / 60, 1),
    }


def replay(seed: int, plant: str | None, trace: bool) -> int:
    """One schedule, step by step; 1 if it breaks an invariant."""
    with planted(plant):
        result = play(seed, traced=trace)
    print("\n".join(result.trace))
    for sentence in result.broken:
        print(f"BROKEN: {sentence}")
    return 1 if result.broken else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="play only this schedule")
    parser.add_argument("--trace", action="store_true", help="print what happens in it")
    parser.add_argument("--plant", choices=PLANTS, help="with this bug in the code")
    wanted = parser.parse_args()
    if wanted.seed is not None:
        return replay(wanted.seed, wanted.plant, wanted.trace)
    figures = simulate(wanted.schedules, wanted.processes, wanted.first)
    print(last_line("simulate", figures, TARGETS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
