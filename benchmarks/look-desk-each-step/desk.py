"""The one tool of the measured run, as one that acts."""

from remit import tool


@tool(effect="idempotent")
async def look(key: str) -> str:
    """Look a key up."""
    return key.ljust(2000, "v")
