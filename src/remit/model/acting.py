"""A provider's model whose tool calls are made by an answer of a constrained form."""

from dataclasses import replace

from remit.event import Integrity, Message, ModelSaid, Said
from remit.model.constrained import parse_action, step_of
from remit.model.port import Model, ModelError, Reply, Request


class ConstrainedModel:
    """Asks `inner` for one action at a time, for models that do not dependably call tools."""

    def __init__(self, inner: Model) -> None:
        self._inner = inner

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self._inner.name

    @property
    def context_tokens(self) -> int | None:
        """That of the inner model."""
        return self._inner.context_tokens

    async def ask(self, request: Request) -> Reply:
        """One attempt; an answer that is no action is ModelError(MALFORMED)."""
        step = step_of(request)
        messages = tuple(_message(turn["role"], turn["content"]) for turn in step.messages)
        asked = replace(
            request, system=step.system, messages=messages, tools=(), output_schema=step.schema, note=""
        )
        reply = await self._inner.ask(asked)
        if step.schema is None:
            return reply
        turn = sum(isinstance(message, ModelSaid) for message in request.messages)
        try:
            text, calls = parse_action(reply.text, request.tools, request.output_schema, turn=turn)
        except ModelError as error:
            raise ModelError(error.error, error.detail, usage=reply.usage) from error
        return replace(reply, text=text, calls=calls, provider_parts="")

    async def close(self) -> None:
        """Close the inner model."""
        await close_model(self._inner)


def _message(role: str, content: str) -> Message:
    if role == "assistant":
        return ModelSaid(text=content)
    return Said(text=content, integrity=Integrity.THIRD_PARTY)


async def close_model(model: Model) -> None:
    """Close what a model holds open, if it holds anything; it may be asked again later."""
    close = getattr(model, "close", None)
    if close is not None:
        await close()
