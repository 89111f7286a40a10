"""Is anything lost or done twice when the process is killed? At least 200 `kill -9` at random moments.

`python crash.py [--kills 200] [--seed 1]`, or `--check-the-checker` to see the checks fail on evidence
that was falsified on purpose.
"""

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import crash_child
from crash_check import Evidence, check, unknown_keys
from crash_evidence import gather
from crash_falsify import undetected
from report import Figures, last_line

TARGETS = {
    "runs_lost": "== 0",
    "irreversible_twice": "== 0",
    "keyed_with_another_key": "== 0",
    "ambiguous_not_unknown": "== 0",
    "answered_without_effect": "== 0",
    "chain_whole": "== 1",
    "effects_unknown": ">= 1",
    "kills": ">= 200",
}
ADMIT_PER_CHILD = 12
SHORTEST_LIFE_S, LONGEST_LIFE_S = 0.03, 1.1
DRAIN_S = 120.0


def run_crash(kills: int, seed: int, folder: Path) -> Figures:
    """Kill that many worker processes over one log in `folder`, drain it, and hold the records together.

    The moments of the kills are seeded; what the scheduler does between them is not.
    """
    crash(kills, seed, folder)
    return figures(gather(folder), kills)


def crash(kills: int, seed: int, folder: Path) -> None:
    """The kills and the drain; leaves the records in `folder`."""
    dice = random.Random(seed)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["remit", "remit.app", "remit.testing", "sqlite3", "asyncio"])
    for child in range(kills):
        process = processes.Process(
            target=crash_child.live, args=(folder, child, seed, ADMIT_PER_CHILD), daemon=True
        )
        process.start()
        process.join(dice.uniform(SHORTEST_LIFE_S, LONGEST_LIFE_S))
        if not process.is_alive():
            raise RuntimeError(f"child {child} ended by itself, with status {process.exitcode}")
        process.kill()
        process.join()
        if (child + 1) % 10 == 0:
            print(f"{child + 1} of {kills} kills", file=sys.stderr, flush=True)
    last = processes.Process(target=crash_child.live, args=(folder, kills, seed, 0), daemon=True)
    last.start()
    last.join(DRAIN_S)
    last.kill()
    last.join()


def figures(evidence: Evidence, kills: int) -> Figures:
    """What the evidence says, as numbers and the first complaints of each kind."""
    complaints = asdict(check(evidence))
    for name, sentences in complaints.items():
        for sentence in sentences[:5]:
            print(f"{name}: {sentence}", file=sys.stderr)
    outcomes = Counter(run.outcome or run.state for run in evidence.log.values())
    counts = {name: len(sentences) for name, sentences in complaints.items() if name != "chain"}
    return {
        "kills": kills,
        "runs": len(evidence.log),
        "runs_acknowledged": len(evidence.acknowledged),
        "runs_that_changed_hands": sum(len(run.bodies("taken")) > 1 for run in evidence.log.values()),
        "runs_set_aside_and_approved": sum(bool(run.bodies("set_aside")) for run in evidence.log.values()),
        **{f"runs_{word}": count for word, count in sorted(outcomes.items())},
        "effects_unknown": len(unknown_keys(evidence)),
        **counts,
        "chain_whole": int(not evidence.chain_breaks),
    }


def landed(evidence: Evidence) -> Counter[str]:
    """After which kind of event the kills found the runs that another process went on with."""
    found: Counter[str] = Counter()
    for run in evidence.log.values():
        kinds = [kind for kind, _ in run.events]
        takes = [seq for seq, kind in enumerate(kinds) if kind == "taken"]
        found.update(kinds[seq - 1] for seq in takes[1:])
    return found


def unknown_lines(evidence: Evidence) -> list[str]:
    """Each unknown effect, beside what the bank alone knows of it."""
    moments: dict[str, str] = {line.key: line.moment for line in evidence.bank}
    return [f"  {key}: the bank saw {moments.get(key, 'nothing')}" for key in sorted(unknown_keys(evidence))]


def main() -> None:
    """Kill, drain, check, print the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check-the-checker", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        folder = Path(name)
        started = time.monotonic()
        crash(options.kills, options.seed, folder)
        evidence = gather(folder)
        if options.check_the_checker:
            missed = undetected(evidence, folder)
            print("\n".join(f"not noticed: {lie}" for lie in missed) or "every falsification was noticed")
            sys.exit(1 if missed else 0)
    summary = figures(evidence, options.kills)
    print(f"seed {options.seed}, {time.monotonic() - started:.0f} s")
    print(f"unknown effects, which a person decides:\n{chr(10).join(unknown_lines(evidence))}")
    print(f"runs were taken over after: {dict(landed(evidence).most_common())}")
    print(last_line("crash", summary, TARGETS))


if __name__ == "__main__":
    main()
