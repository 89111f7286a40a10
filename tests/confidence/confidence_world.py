"""An agent that answers as sure as its input says, and what its tests share."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desk_world import USER, desk
from remit import Remit, Runtime
from remit.app import calibrate_agent
from remit.model import Reply, Request
from remit.testing import FrozenClock, ScriptedModel

MODEL = "scripted:model"
GATE = {"from": "logprobs", "below": {"queue": "people"}, "audit": 0}


def sure(request: Request) -> Reply:
    """Answers with the log-probability that stands in the input."""
    text = request.messages[0].text
    return Reply(text=f"Answer to {text}", finish="stop", mean_logprob=float(text), reported_model=MODEL)


def agent(folder: Path, **confidence: Any) -> Remit:
    keys = {key: value for key, value in {**GATE, **confidence}.items() if value is not None}
    return desk(folder, confidence=keys, model="openai:gpt-5.1-2025-11-13")


def labels_file(folder: Path, right: int = 300, wrong: int = 60) -> Path:
    """Answers scored 0.9 are right and those scored 0.3 are wrong."""
    lines = ["score,correct", *["0.9,true"] * right, *["0.3,false"] * wrong]
    file = folder / "labels.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


class World:
    """One log, one clock, one agent."""

    def __init__(
        self,
        folder: Path,
        script: Any = sure,
        *,
        share: float = 0.5,
        clock: FrozenClock | None = None,
        **confidence: Any,
    ) -> None:
        self.folder = folder
        self.clock = clock or FrozenClock()
        self.script = script
        self.share = share
        self.remit = agent(folder, **confidence)

    def run(self, work: Callable[[Any], Any]) -> Any:
        async def whole() -> Any:
            model = self.script if hasattr(self.script, "ask") else ScriptedModel(self.script)
            # Runs are told apart by when they began.
            self.clock.advance(1)
            # The share decides who is drawn: 0 draws everybody, and 0.999 nobody.
            running = Runtime(
                self.folder / "remit.db",
                model=model,
                clock=self.clock,
                sleep=self.clock.sleep,
                random_share=lambda: self.share,
            )
            async with running:
                running.register(self.remit)
                return await work(running)

        return asyncio.run(whole())

    def handle(self, logprob: float, **named: Any) -> Any:
        return self.run(lambda running: running.handle(self.remit, str(logprob), user=USER, **named))

    def calibrate(self, **named: Any) -> Any:
        async def work(running: Any) -> Any:
            return calibrate_agent(running.log, self.remit, **named)

        return self.run(work)

    def decide(self, case: str, decision: str, **named: Any) -> Any:
        async def work(running: Any) -> Any:
            run_id = await running.decide(case, decision, **{"by": "ann@example.com", **named})
            return await running.advance(run_id)

        return self.run(work)

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        async def work(running: Any) -> Any:
            return running.log.store.rows(query, values)

        return self.run(work)

    def select(self, statement: str) -> list[dict[str, Any]]:
        async def work(running: Any) -> Any:
            return running.log.store.select(statement, {})

        return self.run(work)
