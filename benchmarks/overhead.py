"""How much CPU does a run cost beside its model? Remit with its log, its peers without any.

`python overhead.py [--rounds 9] [--runs 40]`
"""

import argparse
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from contender import Contender
from report import last_line, table

OWN = "remit, durable"
STRICT = "remit, each step committed"
PEERS = {
    "langchain create_agent": "peer_langchain:in_memory",
    "openai-agents": "peer_openai_agents:in_memory",
    "pydantic-ai Agent": "peer_pydantic_ai:in_memory",
}
CONTENDERS = {OWN: "own_remit:durable", STRICT: "own_remit:durable_each_step", **PEERS}
PACKAGES = ("remit", "langchain", "langgraph", "openai-agents", "pydantic-ai-slim")
TARGETS = {"ratio_to_fastest_peer": "<= 0.5"}


def measure(rounds: int, runs: int, folder: Path) -> dict[str, list[float]]:
    """CPU milliseconds per run of every contender in every round; the contenders take turns."""
    took: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with ExitStack() as stack:
        contenders = {
            name: stack.enter_context(Contender(opener, folder / opener.replace(":", "-")))
            for name, opener in CONTENDERS.items()
        }
        for _ in range(rounds):
            for name, contender in contenders.items():
                took[name].append(contender.turn(runs).cpu_ms)
    return took


def ratios(took: dict[str, list[float]], own_name: str) -> list[float]:
    """Per round, Remit's CPU as a part of the fastest peer's in that same round."""
    fastest = [min(round_) for round_ in zip(*(took[name] for name in PEERS), strict=True)]
    return [own / peer for own, peer in zip(took[own_name], fastest, strict=True)]


def main() -> None:
    """Measure, print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--runs", type=int, default=40, help="runs per contender and round")
    options = parser.parse_args()
    with TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        took = measure(options.rounds, options.runs, Path(folder))
    ratio, strict = ratios(took, OWN), ratios(took, STRICT)
    print("4 model calls, 3 tool calls, tool results of 2000 characters; zero-latency model.")
    print("Remit: everything on, logged to SQLite (synchronous=FULL), as by default. Peers: no persistence.")
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    print(table("CPU ms per run", took, OWN))
    print(f"ratio to the fastest peer, per round: {min(ratio):.2f} / {median(ratio):.2f} / {max(ratio):.2f}")
    figures = {f"cpu_ms {name}": round(median(values), 3) for name, values in took.items()}
    figures["ratio_to_fastest_peer"] = round(median(ratio), 3)
    figures["ratio_with_each_step_committed"] = round(median(strict), 3)
    print(last_line("overhead", figures, TARGETS))


if __name__ == "__main__":
    main()
