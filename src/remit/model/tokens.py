"""How many tokens will this be? A local estimate that rather says too many than too few.

No tokenizer is fetched: bytes are weighed by their class.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import assert_never

from remit.event import Message, ModelSaid, Said, ToolSaid
from remit.model.port import Request, ToolSpec

_CLASSES: tuple[tuple[bytes, float], ...] = (
    (b" ", 0.15),
    (b"abcdefghijklmnopqrstuvwxyz", 0.42),
    (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0.55),
    (b"0123456789", 1.2),
    (bytes(range(0x80, 0xC0)), 0.0),
    (bytes(range(0xC0, 0xE0)), 1.2),
    (b"\xe0", 1.6),
    (b"\xe1", 3.0),
    (b"\xe2", 2.0),
    (bytes(range(0xE3, 0xEE)), 1.3),
    (b"\xee\xef", 2.0),
    (bytes(range(0xF0, 0xF8)), 4.0),
)
"""Bytes of UTF-8 and the tokens that each of a class stands for at most, by the tokenizers tried.

A lead byte stands for its whole character: 0xC0 and up two bytes (Latin with marks, Greek, Cyrillic,
Hebrew, Arabic), 0xE0 Indic and Thai, 0xE1 rarer scripts, 0xE2 symbols, 0xE3 and up East Asian.
"""
_OTHER = 0.85
_DENSE = re.compile(rb"[A-Za-z0-9+/=_-]{24,}")
_DENSE_SURCHARGE = 0.25
"""Keys, hashes and base64 have few words in them and so many tokens."""

MESSAGE_OVERHEAD = 8
CALL_OVERHEAD = 12
TOOL_OVERHEAD = 16


def estimate_text(text: str) -> int:
    """Tokens of a text; at least those of any part of it that starts or ends it, 0 only for none."""
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _estimate(text)


LONGEST_REMEMBERED = 20_000
"""Every model call counts the whole conversation again; longer texts are rare and would fill the memory."""


@lru_cache(maxsize=1024)
def _remembered(text: str) -> int:
    return _estimate(text)


def _estimate(text: str) -> int:
    raw = text.encode("utf-8", "surrogatepass")
    left = len(raw)
    weight = 0.0
    for kinds, each in _CLASSES:
        count = len(raw) - len(raw.translate(None, kinds))
        left -= count
        weight += count * each
    weight += left * _OTHER
    weight += sum(len(run[0]) for run in _DENSE.finditer(raw)) * _DENSE_SURCHARGE
    return ceil(weight)


def estimate_message(message: Message) -> int:
    """Tokens of one message, with what a provider wraps around it."""
    match message:
        case Said():
            return MESSAGE_OVERHEAD + estimate_text(message.text)
        case ToolSaid():
            names = estimate_text(message.tool) + estimate_text(message.call_id)
            return MESSAGE_OVERHEAD + names + estimate_text(message.text)
        case ModelSaid():
            # The provider's own form of the message holds the text and the calls once more.
            said = estimate_text(message.text) + sum(
                CALL_OVERHEAD + estimate_text(call.id) + estimate_text(call.tool) + _arguments(call.arguments)
                for call in message.calls
            )
            return MESSAGE_OVERHEAD + max(said, estimate_text(message.provider_parts))
        case _:
            assert_never(message)


def _arguments(arguments: object) -> int:
    return estimate_text(arguments if isinstance(arguments, str) else json.dumps(arguments, default=str))


def estimate_tools(tools: Sequence[ToolSpec]) -> int:
    """Tokens of the tools as a model is told of them."""
    return sum(
        TOOL_OVERHEAD
        + estimate_text(tool.name)
        + estimate_text(tool.description)
        + _arguments(tool.parameters)
        for tool in tools
    )


def estimate_fixed(request: Request) -> int:
    """Tokens of all of a request but its messages: system text, tools, output schema, note."""
    schema = 0 if request.output_schema is None else TOOL_OVERHEAD + _arguments(request.output_schema)
    note = MESSAGE_OVERHEAD + estimate_text(request.note) if request.note else 0
    system = MESSAGE_OVERHEAD + estimate_text(request.system)
    return system + estimate_tools(request.tools) + schema + note


def estimate_request(request: Request) -> int:
    """Tokens of a whole request."""
    return estimate_fixed(request) + sum(estimate_message(message) for message in request.messages)
