"""The bytes of a contract that its release is hashed from."""

import json
from collections.abc import Mapping
from typing import Any

from remit.contract.schema import Contract


def canonical(contract: Contract) -> bytes:
    """The same bytes for the same contract, on every machine; reads back as an equal contract.

    Defaults are written out, so a change of a default is a new release; what is empty because nothing is
    stated is left out, so that a key that a later version adds changes no release that does not use it,
    and an earlier version still reads what a later one froze. The order of mappings is kept: it is the
    order in which a model sees its tools.
    """
    whole = contract.model_dump(mode="json", by_alias=True)
    data = _kept(whole, contract.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _kept(whole: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in whole.items():
        said = stated.get(key)
        inner = _kept(value, said or {}) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownArgumentType] - any JSON
        if key in stated or inner not in (None, {}, []):
            kept[key] = inner
    return kept
