"""Which languages may an input be in? What the remit says of it, in words."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""A language by its code of ISO 639."""


def languages_text(languages: Sequence[str], path: str) -> str:
    """What becomes of an input in another language, in words."""
    return (
        f"Inputs are read in {', '.join(languages)}. One that is clearly in another language reaches no "
        f"model: {path}. What is too short or unclear to tell passes."
    )
