"""What does a text look like as numbers? Texts to vectors, one embedding for intake and knowledge.

What needs numpy is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import remit.errors
from remit.embed.naming import LEXICAL, MINILM, best_embedding, can_embed

if TYPE_CHECKING:
    from remit.embed.opening import open_embedding
    from remit.embed.port import Embedding, Vectors

__all__ = [
    "LEXICAL",
    "MINILM",
    "Embedding",
    "Vectors",
    "best_embedding",
    "can_embed",
    "open_embedding",
]

_FILE_OF = {"Embedding": "port", "Vectors": "port", "open_embedding": "opening"}


def __getattr__(name: str) -> object:
    """What needs numpy, imported now; EmbeddingMissing with the remedy where it is missing."""
    file = _FILE_OF.get(name)
    if file is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"remit.embed.{file}")
    except ModuleNotFoundError as error:
        raise remit.errors.EmbeddingMissing(
            f"Embedding a text needs the package {error.name}, which is not installed.",
            remedy='Run: pip install "remit[scope]"',
        ) from error
    value: object = getattr(module, name)
    globals()[name] = value
    return value
