"""A real MCP server that can misbehave on purpose: over stdio, or over HTTP on the port given."""

import os
import sys
from pathlib import Path
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.types import SamplingMessage, TextContent, ToolAnnotations
from pydantic import BaseModel

server = MCPServer("desk", log_level="ERROR")
CALLS = Path(os.environ["CALLS"])


def note(line: str) -> None:
    with CALLS.open("a") as file:
        file.write(line + "\n")


note(f"started {os.getpid()}")


@server.tool(description=os.environ.get("DESCRIPTION", "Find an order."))
def find_order(order_id: str) -> dict[str, Any]:
    note(f"find_order {order_id}")
    return {"id": order_id, "state": "sent"}


@server.tool(structured_output=False)
def as_text(kind: str) -> str:
    return {"json": '{"id": 1}', "broken": "{not json", "plain": "hello"}[kind]


@server.tool()
def fails() -> str:
    note("fails")
    raise ValueError("the order is locked")


@server.tool()
def dies() -> str:
    note("dies")
    os._exit(3)


@server.tool()
async def hangs() -> str:
    note("hangs")
    await anyio.sleep_forever()
    return ""


@server.tool()
def environment(name: str) -> str:
    return os.environ.get(name, "unset")


@server.tool()
def key(context: Context[Any, Any]) -> str:
    meta = context.request_context.meta or {}
    return str(meta.get("remit/idempotency-key"))


class Form(BaseModel):
    name: str


@server.tool()
async def asks_a_person(context: Context[Any, Any]) -> str:
    await context.elicit("Your name?", Form)
    return "got it"


@server.tool()
async def asks_a_model(context: Context[Any, Any]) -> str:
    message = SamplingMessage(role="user", content=TextContent(type="text", text="hi"))
    await context.session.create_message([message], max_tokens=10)
    return "got it"


@server.tool(annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True))
def wipe() -> str:
    return "wiped"


if os.environ.get("CRASH_AT_START"):
    sys.exit(4)
if len(sys.argv) > 1:
    server.run("streamable-http", port=int(sys.argv[1]))
else:
    server.run("stdio")
