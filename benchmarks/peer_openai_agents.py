"""The run in the OpenAI Agents SDK, with tracing off and no session."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agents import (
    Agent,
    Model,
    ModelResponse,
    RunConfig,
    Runner,
    Usage,
    function_tool,
    set_tracing_disabled,
)
from contender import Run
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText
from the_run import ANSWER, INPUT, INSTRUCTIONS, TOOL_CALLS, checked, result


def _said(turn: int) -> ResponseFunctionToolCall | ResponseOutputMessage:
    if turn < TOOL_CALLS:
        arguments = json.dumps({"key": f"k{turn}"})
        return ResponseFunctionToolCall(
            name="look", arguments=arguments, call_id=f"c{turn}", type="function_call"
        )
    text = ResponseOutputText(text=ANSWER, annotations=[], type="output_text")
    return ResponseOutputMessage(id="m", content=[text], role="assistant", status="completed", type="message")


class Scripted(Model):
    """Answers at once, by how many calls it has asked for before."""

    async def get_response(
        self, system_instructions: str | None, input: Any, *_: Any, **__: Any
    ) -> ModelResponse:
        items = [] if isinstance(input, str) else input
        turn = sum(item.get("type") == "function_call" for item in items)
        return ModelResponse(output=[_said(turn)], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("the measured run does not stream")


@function_tool
async def look(key: str) -> str:
    """Look a key up."""
    return result(key)


@asynccontextmanager
async def in_memory(_: Path) -> AsyncIterator[Run]:
    """No session, no tracing."""
    set_tracing_disabled(True)
    agent = Agent(name="look-desk", instructions=INSTRUCTIONS, tools=[look], model=Scripted())
    config = RunConfig(tracing_disabled=True)

    async def run() -> str:
        outcome = await Runner.run(agent, INPUT, run_config=config)
        calls = sum(item.type == "tool_call_output_item" for item in outcome.new_items)
        return checked(outcome.final_output, calls)

    yield run
