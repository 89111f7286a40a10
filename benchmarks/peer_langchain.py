"""The run in LangChain's `create_agent`: without persistence, and with LangGraph's SQLite saver."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from contender import Run
from langchain.agents import create_agent
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from the_run import ANSWER, INPUT, INSTRUCTIONS, TOOL_CALLS, checked, result


class Scripted(BaseChatModel):
    """Answers at once, by how often it has answered before; no thread, no network."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **_: Any) -> "Scripted":
        return self

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> ChatResult:
        turn = sum(isinstance(message, AIMessage) for message in messages)
        if turn < TOOL_CALLS:
            call = {"name": "look", "args": {"key": f"k{turn}"}, "id": f"c{turn}"}
            said = AIMessage(content="", tool_calls=[call])
        else:
            said = AIMessage(content=ANSWER)
        return ChatResult(generations=[ChatGeneration(message=said)])

    async def _agenerate(self, messages: Any, *_: Any, **__: Any) -> ChatResult:
        return self._generate(messages)


async def look(key: str) -> str:
    """Look a key up."""
    return result(key)


def _run(saver: AsyncSqliteSaver | None) -> Run:
    agent = create_agent(Scripted(), tools=[look], system_prompt=INSTRUCTIONS, checkpointer=saver)
    durability: dict[str, Any] = {} if saver is None else {"durability": "sync"}

    async def run() -> str:
        config = {"configurable": {"thread_id": uuid.uuid4().hex}}
        state = await agent.ainvoke({"messages": [("user", INPUT)]}, config=config, **durability)
        messages = state["messages"]
        return checked(messages[-1].content, sum(isinstance(message, ToolMessage) for message in messages))

    return run


@asynccontextmanager
async def in_memory(_: Path) -> AsyncIterator[Run]:
    """No checkpointer at all."""
    yield _run(None)


@asynccontextmanager
async def durable(folder: Path) -> AsyncIterator[Run]:
    """`AsyncSqliteSaver` as it comes, with `durability="sync"`."""
    async with AsyncSqliteSaver.from_conn_string(str(folder / "langgraph.db")) as saver:
        await saver.setup()
        await _note_settings(saver, folder / "langgraph.pragma")
        yield _run(saver)


@asynccontextmanager
async def durable_full(folder: Path) -> AsyncIterator[Run]:
    """The same, with write-ahead logging and `synchronous=FULL` set by hand before anything else."""
    async with AsyncSqliteSaver.from_conn_string(str(folder / "langgraph-full.db")) as saver:
        await saver.conn.execute("PRAGMA journal_mode=WAL")
        await saver.conn.execute("PRAGMA synchronous=FULL")
        await saver.setup()
        await _note_settings(saver, folder / "langgraph-full.pragma")
        yield _run(saver)


async def _note_settings(saver: AsyncSqliteSaver, note: Path) -> None:
    """What the saver's connection really works with, for the report."""
    settings: list[str] = []
    for pragma in ("journal_mode", "synchronous"):
        async with saver.conn.execute(f"PRAGMA {pragma}") as cursor:
            row = await cursor.fetchone()
            settings.append(f"{pragma}={row[0] if row else None}")
    note.write_text(" ".join(settings))
