"""The eight steps as DBOS steps of one workflow, called directly: its cheapest way."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from contender import Run
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from engine_run import STEPS, checked, step_result
from sqlalchemy import create_engine, event


async def step(number: int) -> dict[str, str | int]:
    """One step."""
    return step_result(number)


@DBOS.workflow(name="eight_steps")
async def eight_steps() -> str:
    """Every step is recorded before the next begins."""
    done: list[dict[str, str | int]] = []
    for number in range(STEPS):
        done.append(await DBOS.run_step_async({"name": "step"}, step, number))
    return checked(len(done), str(done[-1]["text"]))


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Run]:
    """A file with WAL and `synchronous=FULL` set by hand, which DBOS does not do by itself."""
    engine = create_engine(f"sqlite:///{folder / 'dbos.db'}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_modes(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"pragma {pragma}")

    async with _launched(
        {"system_database_url": f"sqlite:///{folder / 'dbos.db'}", "system_database_engine": engine}
    ) as run:
        yield run


@asynccontextmanager
async def on_postgres(folder: Path) -> AsyncIterator[Run]:
    """A database of its own on the server that all share."""
    address = (folder / "dbos.url").read_text()
    async with _launched({"system_database_url": address, "sys_db_pool_size": 50}) as run:
        yield run


@asynccontextmanager
async def _launched(database: dict[str, Any]) -> AsyncIterator[Run]:
    config: DBOSConfig = {
        "name": "engines",
        "application_version": "1",
        "executor_id": uuid.uuid4().hex,
        "log_level": "ERROR",
        "enable_otlp": False,
        "serializer": DBOSPortableJSONSerializer(),
        **database,
    }
    DBOS(config=config)
    DBOS.launch()

    async def run() -> str:
        return await eight_steps()

    yield run
    await asyncio.to_thread(DBOS.destroy)
