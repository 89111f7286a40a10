"""Freeze: one agent's remit, prompt and tool signatures as bytes with a hash of their own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from remit.contract import Confidence, Contract, canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a run is pinned to: immutable, named by its content."""

    hash: str
    agent: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenScope:
    """What a scope gate is trained from: enough to train the same one again."""

    embedding: str
    examples: tuple[tuple[str, str], ...]
    """Text and topic of each."""


def freeze(
    contract: Contract,
    *,
    prompt: str,
    signatures: Mapping[str, str],
    output_schema: Mapping[str, Any] | None,
    scope: FrozenScope | None = None,
    input_schema: Mapping[str, Any] | None = None,
) -> Release:
    """The release of these parts: the same parts always give the same hash."""
    gate = {"scope": [scope.embedding, scope.examples]} if scope is not None else {}
    content = json.dumps(
        {
            "contract": json.loads(canonical(contract)),
            **({"input_schema": input_schema} if input_schema is not None else {}),
            "output_schema": output_schema,
            "prompt": prompt,
            **gate,
            "tools": dict(sorted(signatures.items())),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    return Release(hash=sha256(content).hexdigest()[:16], agent=contract.agent, content=content)


def basis_of(
    contract: Contract,
    *,
    prompt: str,
    signatures: Mapping[str, str],
    output_schema: Mapping[str, Any] | None,
) -> str:
    """The hash of all that decides how answers and their scores come about: the release without the bound.

    So labels gathered while nothing is gated count once the gate is closed, and a promise ends with
    the release whose answers it was made on.
    """
    confidence = contract.confidence
    if confidence is not None:
        usual = Confidence.model_validate({"mode": "observe"})
        source = {name: getattr(confidence, name) for name in ("source", "samples", "judge", "function")}
        contract = contract.model_copy(update={"confidence": usual.model_copy(update=source)})
    return freeze(contract, prompt=prompt, signatures=signatures, output_schema=output_schema).hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Thawed:
    """A release as it was frozen."""

    contract: Contract
    prompt: str
    signatures: dict[str, str]
    output_schema: dict[str, Any] | None
    scope: FrozenScope | None
    input_schema: dict[str, Any] | None


def thaw(content: bytes) -> Thawed:
    """The parts of a frozen release."""
    parts = json.loads(content)
    return Thawed(
        contract=Contract.model_validate_json(json.dumps(parts["contract"])),
        prompt=parts["prompt"],
        signatures=parts["tools"],
        output_schema=parts["output_schema"],
        scope=_scope(parts["scope"]) if "scope" in parts else None,
        input_schema=parts.get("input_schema"),
    )


def _scope(frozen: list[Any]) -> FrozenScope:
    embedding, examples = frozen
    return FrozenScope(embedding=embedding, examples=tuple((text, topic) for text, topic in examples))
