"""The one tool of the measured run: it acts, so each step is durable before the next begins."""

from remit import tool


@tool(effect="idempotent")
async def look(key: str) -> str:
    """Look a key up and note that it was looked up."""
    return f"{key} " + "looked up " * 200
