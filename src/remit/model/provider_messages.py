"""Our messages as the layer below writes them, and its replies as ours."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, assert_never, cast

from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    ModelResponsePart,
    NativeToolCallPart,
    NativeToolReturnPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model as LayerModel
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.profiles.anthropic import AnthropicModelProfile
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from remit.event import Call, ModelSaid, Said, ToolSaid, Usage
from remit.model.port import Reply, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingLimits:
    """What a model lets its caller say about sampling."""

    takes_temperature: bool
    gives_logprobs: bool
    may_give_logprobs: bool
    """It may know them, but a server of its kind may refuse a request that asks for them."""


def sampling_limits(model: LayerModel) -> SamplingLimits:
    """What the profile of a model says; models that reason take no temperature."""
    openai = cast("OpenAIModelProfile", model.profile)
    anthropic = cast("AnthropicModelProfile", model.profile)
    reasons = openai.get("openai_supports_reasoning", False)
    may_rest = openai.get("openai_supports_reasoning_effort_none", False) and not model.profile.get(
        "thinking_enabled_by_default", False
    )
    fixed = (reasons and not may_rest) or anthropic.get("anthropic_disallows_sampling_settings", False)
    return SamplingLimits(
        takes_temperature=not fixed,
        gives_logprobs=model.system == "openai" and not reasons,
        may_give_logprobs=model.system in ("openai", "openai-compatible") and not fixed,
    )


def settings_of(request: Request, limits: SamplingLimits) -> ModelSettings:
    """The settings of one attempt: no retry by the SDK, and nothing kept at the provider."""
    settings: dict[str, Any] = {
        "max_tokens": request.max_output_tokens,
        "timeout": request.timeout_s,
        "max_retries": 0,
        "openai_store": False,
    }
    if limits.takes_temperature:
        settings["temperature"] = request.temperature
    if limits.gives_logprobs or (limits.may_give_logprobs and request.logprobs):
        settings["openai_logprobs"] = True
    return cast("ModelSettings", settings)


def parameters_of(request: Request, model: LayerModel) -> ModelRequestParameters:
    """Tools and output form; the schema goes the provider's own way where the model has one."""
    tools = [
        ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=tool.parameters)
        for tool in request.tools
    ]
    schema = request.output_schema
    if schema is None:
        return ModelRequestParameters(function_tools=tools)
    native = model.profile.get("supports_json_schema_output", False) and schema.get("type") == "object"
    return ModelRequestParameters(
        function_tools=tools,
        output_mode="native" if native else "prompted",
        output_object=OutputObjectDefinition(json_schema=schema, name="answer"),
        allow_text_output=True,
    )


def to_messages(request: Request) -> list[ModelMessage]:
    """The conversation, with everything between two answers of the model in one request."""
    messages: list[ModelMessage] = []
    waiting: list[ModelRequestPart] = []
    for message in request.messages:
        match message:
            case Said():
                waiting.append(UserPromptPart(content=message.text))
            case ToolSaid():
                waiting.append(_tool_return(message))
            case ModelSaid():
                _flush(messages, waiting)
                messages.append(_response(message))
            case _:
                assert_never(message)
    if request.note:
        waiting.append(UserPromptPart(content=request.note))
    messages.append(ModelRequest(parts=waiting, instructions=request.system or None))
    return messages


def _flush(messages: list[ModelMessage], waiting: list[ModelRequestPart]) -> None:
    if waiting:
        messages.append(ModelRequest(parts=list(waiting)))
        waiting.clear()


def _tool_return(message: ToolSaid) -> ToolReturnPart:
    return ToolReturnPart(
        tool_name=message.tool,
        content=message.text,
        tool_call_id=message.call_id,
        outcome="failed" if message.failed else "success",
    )


def _response(message: ModelSaid) -> ModelResponse:
    if message.provider_parts:
        kept = _kept_response(message.provider_parts)
        if kept is not None and [part.tool_call_id for part in kept.tool_calls] == [
            call.id for call in message.calls
        ]:
            return kept
    parts: list[ModelResponsePart] = [TextPart(content=message.text)] if message.text else []
    parts += [
        ToolCallPart(tool_name=call.tool, args=call.arguments, tool_call_id=call.id) for call in message.calls
    ]
    return ModelResponse(parts=parts)


def _kept_response(provider_parts: str) -> ModelResponse | None:
    try:
        (message,) = ModelMessagesTypeAdapter.validate_json(provider_parts)
    except ValueError:
        return None
    return message if isinstance(message, ModelResponse) else None


def uses_native_tools(response: ModelResponse) -> bool:
    """Whether the provider ran a tool of its own, which no permit was asked for."""
    return any(isinstance(part, NativeToolCallPart | NativeToolReturnPart) for part in response.parts)


def reply_of(response: ModelResponse) -> Reply:
    """The reply, with its cost where the price is known."""
    texts = [part.content for part in response.parts if isinstance(part, TextPart)]
    return Reply(
        text=_sound("".join(texts)),
        calls=tuple(_call(part) for part in response.tool_calls),
        usage=Usage(
            input_tokens=response.usage.input_tokens,
            output_tokens=response.usage.output_tokens,
            cost_usd=float(_cost(response)),
        ),
        reported_model=response.model_name or "",
        finish=response.finish_reason or "",
        mean_logprob=_mean_logprob(response),
        provider_parts=_provider_parts(response),
    )


def _sound(text: str) -> str:
    """The text with halves of characters replaced, so that it can be stored."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _call(part: ToolCallPart) -> Call:
    return Call(id=part.tool_call_id, tool=_sound(part.tool_name), arguments=_arguments(part.args))


def _arguments(raw: str | dict[str, Any] | None) -> dict[str, Any] | str:
    if not raw:
        return {}
    try:
        value: Any = json.loads(raw) if isinstance(raw, str) else raw
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return _sound(raw if isinstance(raw, str) else repr(raw))
    return cast("dict[str, Any]", value) if isinstance(value, dict) else _sound(str(raw))


def _cost(response: ModelResponse) -> Decimal:
    try:
        return response.cost().total_price
    except (LookupError, ValueError, AssertionError):
        return Decimal(0)


def _mean_logprob(response: ModelResponse) -> float | None:
    parts = [part.provider_details for part in response.parts if isinstance(part, TextPart)]
    values: list[float] = []
    for details in (response.provider_details, *parts):
        tokens = cast("list[dict[str, Any]]", (details or {}).get("logprobs") or [])
        values += [float(token["logprob"]) for token in tokens if token.get("logprob") is not None]
    return sum(values) / len(values) if values else None


def _provider_parts(response: ModelResponse) -> str:
    """The provider's message where text and calls do not say it all: reasoning and signatures."""
    if all(_is_plain(part) for part in response.parts):
        return ""
    parts = [_without_logprobs(part) if isinstance(part, TextPart) else part for part in response.parts]
    kept = ModelResponse(
        parts=parts,
        model_name=response.model_name,
        provider_name=response.provider_name,
        provider_url=response.provider_url,
        canonical_system=response.canonical_system,
        timestamp=response.timestamp,
    )
    return ModelMessagesTypeAdapter.dump_json([kept], exclude_none=True).decode("utf-8")


def _is_plain(part: ModelResponsePart) -> bool:
    if isinstance(part, TextPart):
        return set(part.provider_details or ()) <= {"logprobs"}
    return isinstance(part, ToolCallPart) and not part.provider_details


def _without_logprobs(part: TextPart) -> TextPart:
    details = {key: value for key, value in (part.provider_details or {}).items() if key != "logprobs"}
    return TextPart(
        content=part.content, id=part.id, provider_name=part.provider_name, provider_details=details or None
    )
