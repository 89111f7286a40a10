"""What every piece of a remit is made of: strict, immutable, and nothing in it goes unread."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Item = TypeVar("Item")
Many = Annotated[tuple[Item, ...], Field(strict=False)]
"""A list in the file; a tuple here."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$", max_length=120)]
ToolName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$", max_length=64)]
"""What every provider accepts as the name of a tool."""
Text = Annotated[str, Field(min_length=1)]
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*:\S+$")]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Part(BaseModel):
    """A piece of a remit: immutable, and nothing in it goes unread."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        populate_by_name=True,
        defer_build=True,
    )


def widen(key: str) -> BeforeValidator:
    """A single value stands for a mapping with that one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, (str, int, float)) else value)
