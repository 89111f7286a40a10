"""Connections to MCP servers: opened when first needed, kept, and opened again within limits.

Sampling and elicitation are refused, and no roots are offered: the connection declares none of these.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from remit.tools.as_json import reason_text
from remit.tools.lock import Offered
from remit.tools.port import ToolContext, ToolUnavailable

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult, InputRequiredResult, Tool

MOST_OPENINGS = 5
OPENINGS_WINDOW_S = 60.0
MOST_PAGES = 50
KEY_IN_META = "remit/idempotency-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """Where a server is: a command that is started, or a URL; secrets are resolved values."""

    command: tuple[str, ...] = ()
    url: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout_s: float = 30.0
    """For the opening of a connection, and for one listing of the tools."""
    folder: Path | None = None
    """Where the command is started."""


class Servers:
    """The servers of one agent; `close` ends every connection and every process."""

    def __init__(self, addresses: Mapping[str, ServerAddress]) -> None:
        self._connections = {name: _Server(name, address) for name, address in addresses.items()}

    async def offered(self, server: str) -> dict[str, Offered]:
        """What the server offers now; raises ToolUnavailable."""
        return await self._server(server).listing(fresh=True)

    async def prepare(self, server: str, tool: str, approved: str, *, fresh: bool) -> None:
        """Open the connection and hold the tool against its approved fingerprint.

        `fresh` lists the tools again, which also shows that the server is alive. Raises
        ToolUnavailable; nothing is called.
        """
        offered = (await self._server(server).listing(fresh=fresh)).get(tool)
        if offered is None:
            raise ToolUnavailable(f"the server {server} no longer offers {tool}")
        if offered.fingerprint() != approved:
            raise ToolUnavailable(f"{server}:{tool} has changed since a person approved it")

    async def call(
        self, server: str, tool: str, arguments: dict[str, Any], context: ToolContext
    ) -> "CallToolResult | InputRequiredResult":
        """Send one call over the open connection and return what the server answers.

        Raises McpError of the server's, and ConnectionError where the connection ends first: the call
        may then have taken effect.
        """
        return await self._server(server).call(tool, arguments, context.key)

    async def close(self) -> None:
        """End every connection; the servers can be used again afterwards."""
        for connection in self._connections.values():
            await connection.close()

    def _server(self, name: str) -> "_Server":
        found = self._connections.get(name)
        if found is None:
            raise ToolUnavailable(f"the server {name} is not set up")
        return found


class _Connection:
    """One open connection. A task of its own holds it, because it must end where it began."""

    def __init__(self, name: str, address: ServerAddress) -> None:
        self._name = name
        self._address = address
        self._closing = asyncio.Event()
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._hold(), name=f"remit-mcp-{name}")
        self.loop = asyncio.get_running_loop()
        self.stale = True
        self.listing_lock = asyncio.Lock()
        self.listing: dict[str, Offered] = {}

    @property
    def alive(self) -> bool:
        return not self._task.done() and not self._closing.is_set()

    async def client(self) -> "Client":
        """The open client; raises ToolUnavailable if it could not be opened in time."""
        try:
            async with asyncio.timeout(self._address.timeout_s):
                return await asyncio.shield(self._client)
        except TimeoutError:
            self._closing.set()
            self._task.cancel()
            raise ToolUnavailable(
                f"the server {self._name} did not open within {self._address.timeout_s:g} s"
            ) from None

    def drop(self) -> None:
        """Let the connection end by itself; nobody waits for it."""
        self._closing.set()

    async def close(self) -> None:
        """End the connection and wait for it."""
        self._closing.set()
        if not self._client.done():
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _hold(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(await self._opened(stack))
                if not self._client.done():
                    self._client.set_result(client)
                await self._closing.wait()
        except Exception as error:
            reason = reason_text(_innermost(error))
            self._fail(ToolUnavailable(f"the server {self._name} cannot be reached: {reason}"))
        finally:
            self._fail(ToolUnavailable(f"the connection to the server {self._name} has ended"))

    def _fail(self, error: ToolUnavailable) -> None:
        if not self._client.done():
            self._client.set_exception(error)
            self._client.exception()  # seen: nobody may be waiting

    async def _opened(self, stack: AsyncExitStack) -> "Client":
        from mcp import Client, StdioServerParameters
        from mcp.client.stdio import stdio_client

        address = self._address
        if address.url is None:
            program, *rest = address.command
            parameters = StdioServerParameters(
                command=program, args=rest, env=dict(address.environment), cwd=address.folder
            )
            transport = stdio_client(parameters)
        else:
            transport = await self._http(stack, address.url)
        return Client(transport, cache=None, message_handler=self._heard)

    async def _http(self, stack: AsyncExitStack, url: str) -> Any:
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        limits = httpx2.Timeout(self._address.timeout_s, read=None)
        client = httpx2.AsyncClient(headers=dict(self._address.headers), timeout=limits)
        return streamable_http_client(url, http_client=await stack.enter_async_context(client))

    async def _heard(self, message: object) -> None:
        from mcp.types import ToolListChangedNotification

        if isinstance(message, ToolListChangedNotification):
            self.stale = True


class _Server:
    """One server and its present connection, if there is one."""

    def __init__(self, name: str, address: ServerAddress) -> None:
        self._name = name
        self._address = address
        self._connection: _Connection | None = None
        self._opening: asyncio.Lock | None = None
        self._opened_at: deque[float] = deque(maxlen=MOST_OPENINGS)

    async def listing(self, *, fresh: bool) -> dict[str, Offered]:
        """The tools that the server offers; a dead connection is opened again once."""
        kept = self._current()
        connection = kept or await self._open()
        try:
            return await self._listed(connection, fresh)
        except ToolUnavailable:
            if kept is None:
                raise
            return await self._listed(await self._open(), fresh)

    async def call(
        self, tool: str, arguments: dict[str, Any], key: str
    ) -> "CallToolResult | InputRequiredResult":
        from mcp import MCPError
        from mcp.types import (
            CONNECTION_CLOSED,
            CallToolRequest,
            CallToolRequestParams,
            CallToolResult,
            InputRequiredResult,
        )
        from pydantic import TypeAdapter

        connection = self._current()
        if connection is None:
            raise ToolUnavailable(f"the connection to the server {self._name} has ended")
        client = await connection.client()
        answer: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(
            CallToolResult | InputRequiredResult
        )
        request = CallToolRequest(
            params=CallToolRequestParams(name=tool, arguments=arguments, _meta={KEY_IN_META: key})
        )
        try:
            return await client.session.send_request(request, answer)
        except MCPError as error:
            if error.code == CONNECTION_CLOSED:
                connection.drop()
                raise ConnectionError(
                    f"the server {self._name} ended the connection before it answered"
                ) from None
            raise

    async def close(self) -> None:
        connection, self._connection = self._current(), None
        if connection is not None:
            await connection.close()

    def _current(self) -> _Connection | None:
        """The connection, if it lives and belongs to the running event loop."""
        connection = self._connection
        if connection is None or connection.loop is not asyncio.get_running_loop() or not connection.alive:
            return None
        return connection

    async def _open(self) -> _Connection:
        loop = asyncio.get_running_loop()
        now = loop.time()
        current = self._current()
        if current is not None:
            return current
        full = len(self._opened_at) == MOST_OPENINGS
        if full and 0 <= now - self._opened_at[0] < OPENINGS_WINDOW_S:
            raise ToolUnavailable(
                f"the server {self._name} was opened {MOST_OPENINGS} times within {OPENINGS_WINDOW_S:g} s"
            )
        self._opened_at.append(now)
        self._connection = _Connection(self._name, self._address)
        return self._connection

    async def _listed(self, connection: _Connection, fresh: bool) -> dict[str, Offered]:
        client = await connection.client()
        # A call beside this one waits for the listing rather than judge by one that is not there yet.
        async with connection.listing_lock:
            await self._renew(connection, client, fresh)
        return connection.listing

    async def _renew(self, connection: _Connection, client: "Client", fresh: bool) -> None:
        if fresh or connection.stale:
            connection.stale = False
            try:
                async with asyncio.timeout(self._address.timeout_s):
                    connection.listing = {tool.name: _offered(tool) for tool in await _all_tools(client)}
            except asyncio.CancelledError:
                connection.stale = True
                raise
            except Exception as error:
                connection.drop()
                reason = reason_text(_innermost(error))
                raise ToolUnavailable(f"the server {self._name} does not list its tools: {reason}") from error


async def _all_tools(client: "Client") -> "list[Tool]":
    tools: list[Tool] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools.extend(page.tools)
        cursor = page.next_cursor
        if cursor is None:
            return tools
    raise ToolUnavailable(f"the listing has more than {MOST_PAGES} pages")


def _offered(tool: "Tool") -> Offered:
    given = tool.annotations
    hints = {
        "read_only": given.read_only_hint if given else None,
        "destructive": given.destructive_hint if given else None,
        "idempotent": given.idempotent_hint if given else None,
        "open_world": given.open_world_hint if given else None,
    }
    return Offered(
        description=tool.description or "",
        parameters=tool.input_schema,
        title=tool.title,
        output_schema=tool.output_schema,
        hints={name: value for name, value in hints.items() if value is not None},
    )


def _innermost(error: BaseException) -> str:
    """The text of the exception that began it: task groups wrap it several times."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
