"""A reply as the log can hold it."""

import json
import re
from dataclasses import replace

from remit.event import Call, can_hold
from remit.model.port import Reply

_HALF = re.compile("[\ud800-\udfff]")


def whole_text(text: str) -> str:
    """The text with U+FFFD for each half character."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def keepable(reply: Reply) -> Reply:
    """The reply without half characters, and without arguments that no body of an event can hold.

    Such arguments become a text, as if they were no JSON object: nobody but the model may mend them.
    """
    if can_hold(
        [reply.text, reply.provider_parts, [[call.id, call.tool, call.arguments] for call in reply.calls]]
    ):
        return reply
    return replace(
        reply,
        text=whole_text(reply.text),
        provider_parts=whole_text(reply.provider_parts),
        calls=tuple(map(_keepable_call, reply.calls)),
    )


def _keepable_call(call: Call) -> Call:
    arguments = call.arguments
    if isinstance(arguments, str):
        arguments = whole_text(arguments)
    elif not can_hold(arguments):
        arguments = _written(arguments)
    return Call(id=whole_text(call.id), tool=whole_text(call.tool), arguments=arguments)


def _written(arguments: dict[str, object]) -> str:
    try:
        return json.dumps(arguments)[:1000]
    except (ValueError, TypeError, RecursionError):
        return ""
