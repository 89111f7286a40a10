"""A trained gate as a file in the cache, named by what it was trained from."""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from remit.contract import Contract, ScopeExample
from remit.embed import best_embedding
from remit.errors import EmbeddingMissing
from remit.intake.gate import GateLabel, HeldOut, ScopeGate, Scorer
from remit.intake.training import gate_hash, gate_labels, train_gate

VARIABLE = "REMIT_GATES"


def folder_of(environment: Mapping[str, str]) -> Path:
    """Where trained gates are kept: REMIT_GATES, else `~/.cache/remit/gates`."""
    chosen = environment.get(VARIABLE)
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "remit" / "gates"


def opened_gate(
    contract: Contract,
    examples: Sequence[ScopeExample],
    *,
    environment: Mapping[str, str],
    embedding: str | None = None,
) -> ScopeGate:
    """The gate of these examples, from the cache or trained now; `embedding` is the release's own.

    A file that cannot be read or written is no matter: the gate is trained again. Raises EmbeddingMissing
    where no embedding, or not that one, is installed.
    """
    assert contract.scope is not None, "only a remit with a scope has a gate"
    chosen = embedding or best_embedding()
    if chosen is None:
        raise EmbeddingMissing(
            "The scope gate needs numpy, which is not installed.", remedy='Run: pip install "remit[scope]"'
        )
    labels, keep = gate_labels(contract), contract.scope.keep
    name = gate_hash(chosen, keep, examples, labels)
    path = folder_of(environment) / f"{name}.npz"
    kept = _read(path, name)
    if kept is not None:
        return kept
    gate = train_gate(examples, labels, embedding=chosen, keep=keep)
    _write(path, gate)
    return gate


def _write(path: Path, gate: ScopeGate) -> None:
    """Whole or not at all: written beside its place, then renamed."""
    said = {
        "hash": gate.hash,
        "embedding": gate.embedding,
        "keep": gate.keep,
        "labels": gate.labels,
        "texts": gate.texts,
        "label_of": gate.label_of,
        "known": gate.known,
        "threshold": gate.threshold,
        "overlaps": sorted(gate.overlaps),
        "held_out": gate.held_out,
    }
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                weights, bias, known = astuple(gate.scorer)
                np.savez(file, said=np.array(json.dumps(said)), weights=weights, bias=bias, known=known)
            os.replace(temporary, path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise


def _read(path: Path, name: str) -> ScopeGate | None:
    """The gate in a file; None where there is none, or none of that name."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            said: Any = json.loads(str(file["said"]))
            scorer = Scorer(weights=file["weights"], bias=file["bias"], known=file["known"])
        if said["hash"] != name:
            return None
        return ScopeGate(
            hash=name,
            embedding=said["embedding"],
            keep=said["keep"],
            labels=tuple(GateLabel(*label) for label in said["labels"]),
            texts=tuple(said["texts"]),
            label_of=tuple(said["label_of"]),
            known=tuple(said["known"]),
            scorer=scorer,
            threshold=said["threshold"],
            overlaps=frozenset((first, second) for first, second in said["overlaps"]),
            held_out=tuple(HeldOut(*each) for each in said["held_out"]),
        )
    except Exception:
        # Whatever is wrong with a file in a cache, the gate is trained again.
        return None
