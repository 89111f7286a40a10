"""Plans of a real model for AgentDojo's user tasks, written to a file once: thousands of runs then read it.

The model is asked by the product's own planner call: it sees the user's request and the tools of the remit,
nothing else, and its answer is kept as it came.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from dojo_runs import Bench, Script, opened
from dojo_suites import NAMES, suite

from remit.model import ModelError, ModelErrorClass, Reply, Request, open_model

PLANNER = "local:qwen2.5-coder-1.5b"
MOST_TOKENS = 600
"""A plan that is longer repeats itself."""
TIMEOUT_S = 1800.0


class Plans:
    """Plans by what was asked for, kept in a file; what it does not hold grants nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.last = ""
        """The plan that was given last."""
        self.known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    async def reply(self, request: Request) -> Reply:
        """The plan for this request; ModelError where there is none."""
        text = self.last = self.known.get(key_of(request), "")
        if not text:
            raise ModelError(ModelErrorClass.REJECTED, "the file has no plan for this request")
        return Reply(text=text, finish="stop")

    def keep(self, key: str, plan: str) -> None:
        """Writes the plan to the file."""
        self.known[key] = plan
        self._path.write_text(json.dumps(self.known, indent=1), encoding="utf-8")


class Asked:
    """Takes what the product would ask its planner, and plans nothing."""

    request: Request | None = None

    async def reply(self, request: Request) -> Reply:
        """An empty plan."""
        self.request = request
        return Reply(text='{"calls": []}', finish="stop")


def key_of(request: Request) -> str:
    """The same for the same words, tools and form."""
    said = [str(getattr(message, "text", "")) for message in request.messages]
    content = json.dumps([request.system, said, request.output_schema], sort_keys=True)
    return sha256(content.encode()).hexdigest()[:20]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plans", type=Path, help="the file, outside of the repository")
    parser.add_argument("--suites", nargs="+", default=NAMES, choices=NAMES)
    parser.add_argument("--tasks", nargs="*", default=())
    wanted = parser.parse_args()
    plans = Plans(wanted.plans)
    for name in wanted.suites:
        asked = Asked()
        bench = Bench(opened(name), asked)
        for task in suite(name).raw.user_tasks.values():
            if wanted.tasks and task.ID not in wanted.tasks:
                continue
            bench.run(task.PROMPT, suite(name).world(task, {}), Script([], "Done."), "absent")
            assert asked.request is not None, "a run of a principal asks its planner"
            if key_of(asked.request) in plans.known:
                continue
            began = time.monotonic()
            plans.keep(key_of(asked.request), asyncio.run(written(name, asked.request)))
            sys.stderr.write(f"{name} {task.ID}: {time.monotonic() - began:.0f} s\n")
        bench.close()


async def written(name: str, request: Request) -> str:
    """What the model answers, as it came; a plan that failed is one that cannot be read."""
    model = open_model(PLANNER, opened(name).contract.model, os.environ)
    patient = replace(request, max_output_tokens=MOST_TOKENS, timeout_s=TIMEOUT_S)
    try:
        return (await model.ask(patient)).text
    except ModelError as error:
        return f"no plan: {error}"


if __name__ == "__main__":
    main()
