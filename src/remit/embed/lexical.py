"""An embedding of spelling: hashed words, pairs of words and pieces of words."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from remit.embed.naming import LEXICAL
from remit.embed.port import Vectors

_WORD = re.compile(r"\w+")
_PIECES = (3, 4, 5)
LONGEST_TEXT = 8000
"""Characters of a text that are looked at."""
_LONGEST_WORD = 40


class Lexical:
    """Needs no model; two texts are near when they share words or parts of words."""

    name = LEXICAL
    dimensions = 1024

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A row of length 1 for each text; zeros for a text without a word.

        Feature hashing with signs: Weinberger et al., ICML 2009.
        """
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for feature, count in Counter(_features(text)).items():
                code = zlib.crc32(feature.encode("utf-8", "replace"))
                row[(code >> 1) % self.dimensions] += (1.0 if code & 1 else -1.0) * (1.0 + math.log(count))
        return unit(rows)


def unit(rows: Vectors) -> Vectors:
    """Each row divided by its length; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths == 0.0] = 1.0
    return rows / lengths


def _features(text: str) -> Iterator[str]:
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(text[:LONGEST_TEXT].casefold())]
    if not words:
        return
    yield from (f"w{word}" for word in words)
    yield from (f"b{first} {second}" for first, second in zip(["^", *words], [*words, "$"], strict=True))
    for word in words:
        padded = f" {word} "
        for size in _PIECES:
            yield from (f"c{padded[at : at + size]}" for at in range(len(padded) - size + 1))
