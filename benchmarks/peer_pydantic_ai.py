"""The run in Pydantic AI's `Agent`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contender import Run
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from the_run import ANSWER, INPUT, INSTRUCTIONS, TOOL_CALLS, checked, result


async def scripted(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
    """Answers at once, by how often it has answered before."""
    turn = sum(isinstance(message, ModelResponse) for message in messages)
    if turn < TOOL_CALLS:
        return ModelResponse(parts=[ToolCallPart("look", {"key": f"k{turn}"}, tool_call_id=f"c{turn}")])
    return ModelResponse(parts=[TextPart(ANSWER)])


async def look(key: str) -> str:
    """Look a key up."""
    return result(key)


@asynccontextmanager
async def in_memory(_: Path) -> AsyncIterator[Run]:
    """No history kept, no instrumentation."""
    agent = Agent(FunctionModel(scripted), instructions=INSTRUCTIONS, tools=[look])

    async def run() -> str:
        outcome = await agent.run(INPUT)
        parts = [part for message in outcome.all_messages() for part in message.parts]
        return checked(outcome.output, sum(isinstance(part, ToolReturnPart) for part in parts))

    yield run
