"""Secrets never enter the log: each becomes `secret:NAME` in whatever form it stands."""

import base64
import json
from collections.abc import Mapping
from urllib.parse import quote

SHORTEST = 6
"""A shorter value would blank ordinary words; `remit check` says so instead."""


class Redactor:
    """Replaces the values of named secrets in bytes that are about to be stored."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._needles = [
            (needle, f"secret:{name}".encode())
            for name, value in secrets.items()
            if len(value) >= SHORTEST
            for needle in forms(value)
        ]
        self._needles.sort(key=lambda pair: -len(pair[0]))

    def __call__(self, data: bytes) -> bytes:
        """The same bytes with every form of every secret replaced; valid JSON stays valid."""
        for needle, name in self._needles:
            if needle in data:
                data = data.replace(needle, name)
        return data


def forms(value: str) -> set[bytes]:
    """The ways in which a value may stand in JSON text: plain, escaped, URL, hex and base64."""
    raw = value.encode()
    found = {
        raw,
        json.dumps(value)[1:-1].encode(),
        json.dumps(value, ensure_ascii=False)[1:-1].encode(),
        quote(value, safe="").encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
    }
    for shift in range(3):
        found.update(_base64_inside(raw, shift))
    return {form for form in found if len(form) >= SHORTEST}


def _base64_inside(raw: bytes, shift: int) -> set[bytes]:
    """The characters that depend on `raw` alone when it starts `shift` bytes into a group."""
    first = (shift * 8 + 5) // 6
    last = ((shift + len(raw)) * 8) // 6
    padded = bytes(shift) + raw
    return {
        base64.b64encode(padded)[first:last],
        base64.urlsafe_b64encode(padded)[first:last],
    }
