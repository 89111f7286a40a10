"""Secrets never enter the log: each becomes `secret:NAME` in whatever form it stands."""

import base64
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, quote_plus

from pydantic_core import from_json, to_json

from remit.event import FREE_FIELDS

SHORTEST = 6
"""A shorter value would blank ordinary words; `remit check` says so instead."""


class Redactor:
    """Replaces the values of named secrets in JSON that is about to be stored."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = [
            (form, f"secret:{name}")
            for name, value in secrets.items()
            if len(value) >= SHORTEST
            for form in forms(value)
        ]
        self._forms.sort(key=lambda pair: -len(pair[0]))
        self._needles = [_escaped(form).encode() for form, _ in self._forms]

    def __call__(self, data: bytes) -> bytes:
        """The same JSON with every form of every secret replaced; the very same bytes where there is none."""
        if not any(needle in data for needle in self._needles):
            return data
        value = from_json(data)
        clean = self._clean(value, free=not isinstance(value, dict))
        return data if clean == value else to_json(clean)

    def _clean(self, value: Any, *, free: bool) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {
                self._text(name) if free else name: self._clean(each, free=free or name in FREE_FIELDS)
                for name, each in fields.items()
            }
        if isinstance(value, list):
            return [self._clean(each, free=free) for each in cast("list[Any]", value)]
        return self._number(value) if free else value

    def _text(self, text: str) -> str:
        for form, name in self._forms:
            text = text.replace(form, name)
        return text

    def _number(self, value: Any) -> Any:
        """A number is a secret only as a whole, never because a secret's digits stand in it."""
        written = to_json(value).decode()
        return next((name for form, name in self._forms if form == written), value)


def forms(value: str) -> set[str]:
    """The ways in which a value may stand in a text: plain, escaped once or twice, URL, hex and base64."""
    raw = value.encode()
    escaped = {_escaped(value), json.dumps(value)[1:-1]}
    found = {
        value,
        *escaped,
        *(_escaped(form) for form in escaped),
        *(each for form in _in_url(value) for each in (form, _lower_escapes(form))),
        raw.hex(),
        raw.hex().upper(),
    }
    for shift in range(3):
        found.update(_base64_inside(raw, shift))
    return {form for form in found if len(form) >= SHORTEST}


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_url(value: str) -> tuple[str, str, str]:
    return quote(value, safe=""), quote(value), quote_plus(value)


def _lower_escapes(quoted: str) -> str:
    head, *rest = quoted.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def _base64_inside(raw: bytes, shift: int) -> set[str]:
    """The characters that depend on `raw` alone when it starts `shift` bytes into a group."""
    first = (shift * 8 + 5) // 6
    last = ((shift + len(raw)) * 8) // 6
    padded = bytes(shift) + raw
    return {
        base64.b64encode(padded)[first:last].decode(),
        base64.urlsafe_b64encode(padded)[first:last].decode(),
    }
