"""Models of providers, reached through pydantic-ai's model layer."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2
from pydantic_ai.direct import model_request
from pydantic_ai.models import Model as LayerModel
from pydantic_ai.models import create_async_httpx2_client

from remit.contract import ModelChoice
from remit.errors import RemitError
from remit.model.naming import KEYS, Named, key_for, package_of, shares_address, split_name
from remit.model.network import network_allowed
from remit.model.port import ModelError, ModelErrorClass, Reply, Request
from remit.model.provider_errors import as_model_error
from remit.model.provider_messages import (
    SamplingLimits,
    parameters_of,
    reply_of,
    sampling_limits,
    settings_of,
    to_messages,
    uses_native_tools,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    named: Named
    key: str
    base_url: str | None


class ProviderModel:
    """One model of one provider; `ask` makes one attempt and never a second one."""

    def __init__(
        self, name: str, connect: Callable[[httpx2.AsyncClient], LayerModel], *, local: bool
    ) -> None:
        self._name = name
        self._local = local
        self._connect = connect
        self._client = create_async_httpx2_client()
        self._model = connect(self._client)
        self._limits: SamplingLimits = sampling_limits(self._model)

    @property
    def name(self) -> str:
        """As the remit names it."""
        return self._name

    @property
    def context_tokens(self) -> int | None:
        """The size of its window in tokens, None where it is not known."""
        return self._model.context_window

    async def ask(self, request: Request) -> Reply:
        """One attempt: the reply, or ModelError; never leaves this machine while the network is blocked."""
        if not self._local and not network_allowed():
            raise ModelError(ModelErrorClass.REJECTED, "models behind a network are blocked here")
        try:
            response = await model_request(
                self._model,
                to_messages(request),
                model_settings=settings_of(request, self._limits),
                model_request_parameters=parameters_of(request, self._model),
            )
        except Exception as error:
            raise as_model_error(error) from error
        reply = reply_of(response)
        if uses_native_tools(response):
            raise ModelError(
                ModelErrorClass.REJECTED, "the provider used a tool of its own", usage=reply.usage
            )
        if not reply.text.strip() and not reply.calls:
            raise _empty(reply)
        return reply

    async def close(self) -> None:
        """Close the connections, in the event loop that asked; another one may then ask anew."""
        await self._client.aclose()
        self._client = create_async_httpx2_client()
        self._model = self._connect(self._client)


def _empty(reply: Reply) -> ModelError:
    if reply.finish == "content_filter":
        return ModelError(
            ModelErrorClass.REJECTED, "the provider's content filter held the reply back", usage=reply.usage
        )
    detail = f"the reply has neither text nor calls (finish: {reply.finish or 'not said'})"
    return ModelError(ModelErrorClass.EMPTY, detail, usage=reply.usage)


def open_provider(choice: ModelChoice, name: str, environment: Mapping[str, str]) -> ProviderModel:
    """The model `name` of `choice`; its key comes from `environment`.

    Nothing is sent yet. Raises RemitError if the name, the key or the provider's package is missing.
    """
    named = split_name(name)
    if named is None or named.provider not in KEYS:
        raise RemitError(f"{name!r} names no provider's model.", remedy="Write provider:model.")
    key, variable = key_for(choice, named, environment)
    if not key and variable:
        raise RemitError(f"{variable} is not set.", remedy=f"Set it to the key for {named.provider}.")
    base_url = choice.base_url if shares_address(choice, named) else None
    address = _Address(named=named, key=key, base_url=base_url)
    try:
        with warnings.catch_warnings():
            # The SDKs warn of their own deprecations while they are imported.
            warnings.simplefilter("ignore", DeprecationWarning)
            return ProviderModel(name, _connector(address), local=_is_local(base_url))
    except ImportError as error:
        raise RemitError(
            f"The package for {named.provider} models is not installed.",
            remedy=f'Run: pip install "{package_of(KEYS[named.provider].extra)}"',
        ) from error


def _is_local(base_url: str | None) -> bool:
    return base_url is not None and httpx2.URL(base_url).host in ("127.0.0.1", "::1", "localhost")


def _connector(address: _Address) -> Callable[[httpx2.AsyncClient], LayerModel]:
    match address.named.provider:
        case "openai":
            return lambda client: _openai(address, client)
        case "openai-compatible":
            return lambda client: _openai_compatible(address, client)
        case "anthropic":
            return lambda client: _anthropic(address, client)
        case _:
            return lambda client: _google(address, client)


def _openai(address: _Address, client: httpx2.AsyncClient) -> LayerModel:
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(base_url=address.base_url, api_key=address.key, http_client=client)
    return OpenAIResponsesModel(address.named.model, provider=provider)


def _openai_compatible(address: _Address, client: httpx2.AsyncClient) -> LayerModel:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    if address.base_url is None:
        raise RemitError("An openai-compatible model needs base_url.", remedy="Set model.base_url.")
    provider = OpenAICompatibleProvider(
        "openai-compatible", base_url=address.base_url, api_key=address.key or None, http_client=client
    )
    return OpenAIChatModel(address.named.model, provider=provider)


def _anthropic(address: _Address, client: httpx2.AsyncClient) -> LayerModel:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(api_key=address.key, base_url=address.base_url, http_client=client)
    return AnthropicModel(address.named.model, provider=provider)


def _google(address: _Address, client: httpx2.AsyncClient) -> LayerModel:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(api_key=address.key, base_url=address.base_url, http_client=client)
    return GoogleModel(address.named.model, provider=provider)
