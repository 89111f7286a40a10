"""The bytes of a contract that its release is hashed from."""

import json

from remit.contract.schema import Contract


def canonical(contract: Contract) -> bytes:
    """The same bytes for the same contract, on every machine; reads back as an equal contract.

    Defaults are written out, so a change of a default is a new release. The order of mappings is
    kept: it is the order in which a model sees its tools.
    """
    data = contract.model_dump(mode="json", by_alias=True)
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
