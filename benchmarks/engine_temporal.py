"""The eight steps as local activities of a Temporal workflow, against its development server."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from contender import Run
from engine_run import STEPS, checked, step_result
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

QUEUE = "engines"


@activity.defn
async def step(number: int) -> dict[str, str | int]:
    """One step."""
    return step_result(number)


@workflow.defn
class EightSteps:
    """Every step is a marker in the history before the next begins."""

    @workflow.run
    async def run(self) -> str:
        """All steps in order."""
        done: list[dict[str, str | int]] = []
        for number in range(STEPS):
            done.append(
                await workflow.execute_local_activity(
                    step, number, start_to_close_timeout=timedelta(seconds=30)
                )
            )
        return checked(len(done), str(done[-1]["text"]))


@asynccontextmanager
async def on_development_server(folder: Path) -> AsyncIterator[Run]:
    """A worker in this process; the server is its own process, with its own file."""
    address = (folder / "temporal.address").read_text()
    client = await _connected(address)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[EightSteps],
        activities=[step],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):

        async def run() -> str:
            return await client.execute_workflow(EightSteps.run, id=uuid.uuid4().hex, task_queue=QUEUE)

        yield run


async def _connected(address: str) -> Client:
    for _ in range(100):
        try:
            return await Client.connect(address)
        except RuntimeError:
            await asyncio.sleep(0.2)
    raise RuntimeError(f"no Temporal server answers at {address}")
