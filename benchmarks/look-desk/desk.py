"""The one tool of the measured run."""

from remit import tool


@tool(effect="read")
async def look(key: str) -> str:
    """Look a key up."""
    return key.ljust(2000, "v")
