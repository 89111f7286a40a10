"""What every embedding offers."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""One row for each text."""


class Embedding(Protocol):
    """Texts to vectors: the same text always gives the same vector, alone or among others."""

    @property
    def name(self) -> str:
        """The name with its version: vectors of two names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A row of length 1 for each text; zeros for a text without anything to embed."""
        ...
