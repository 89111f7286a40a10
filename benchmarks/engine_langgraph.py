"""The eight steps as eight nodes of a LangGraph graph, each checkpointed before the next begins."""

import operator
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

from contender import Run
from engine_run import STEPS, checked, step_result
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

CONNECTIONS = 20


class State(TypedDict):
    """What the steps leave behind."""

    done: Annotated[list[dict[str, str | int]], operator.add]


def _graph(saver: Any) -> Any:
    builder = StateGraph(State)
    for number in range(STEPS):

        async def node(_: State, number: int = number) -> dict[str, list[dict[str, str | int]]]:
            return {"done": [step_result(number)]}

        builder.add_node(f"step_{number}", node)
    builder.add_edge(START, "step_0")
    for number in range(STEPS - 1):
        builder.add_edge(f"step_{number}", f"step_{number + 1}")
    builder.add_edge(f"step_{STEPS - 1}", END)
    return builder.compile(checkpointer=saver)


def _run(saver: Any) -> Run:
    graph = _graph(saver)

    async def run() -> str:
        config = {"configurable": {"thread_id": uuid.uuid4().hex}}
        state = await graph.ainvoke({"done": []}, config=config, durability="sync")
        return checked(len(state["done"]), str(state["done"][-1]["text"]))

    return run


@asynccontextmanager
async def on_postgres(folder: Path) -> AsyncIterator[Run]:
    """`AsyncPostgresSaver` over a pool, as its documentation shows it."""
    address = (folder / "langgraph.url").read_text()
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    async with AsyncConnectionPool(address, max_size=CONNECTIONS, kwargs=options, open=False) as pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        yield _run(saver)


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Run]:
    """`AsyncSqliteSaver` with WAL and `synchronous=FULL` set by hand."""
    async with AsyncSqliteSaver.from_conn_string(str(folder / "langgraph-engines.db")) as saver:
        await saver.conn.execute("PRAGMA journal_mode=WAL")
        await saver.conn.execute("PRAGMA synchronous=FULL")
        await saver.setup()
        yield _run(saver)
