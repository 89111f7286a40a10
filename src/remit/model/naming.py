"""What does a model's name say? The providers that are known, their keys and their packages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from remit.contract import ModelChoice

LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is needed to reach a provider."""

    variables: tuple[str, ...]
    """Environment variables that may hold the key, the first one preferred; none: no key needed."""
    extra: str
    package: str


KEYS: dict[str, Access] = {
    "openai": Access(variables=("OPENAI_API_KEY",), extra="openai", package="openai"),
    "anthropic": Access(variables=("ANTHROPIC_API_KEY",), extra="anthropic", package="anthropic"),
    "google": Access(variables=("GOOGLE_API_KEY", "GEMINI_API_KEY"), extra="google", package="google.genai"),
    "openai-compatible": Access(variables=(), extra="openai", package="openai"),
}

PROVIDERS = (*KEYS, LOCAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A model's name in its two parts."""

    provider: str
    model: str


def split_name(name: str) -> Named | None:
    """The two parts of `provider:model`, None if one of them is missing."""
    provider, colon, model = name.partition(":")
    if not colon or not provider.strip() or not model.strip():
        return None
    return Named(provider=provider.strip(), model=model.strip())


def shares_address(choice: ModelChoice, named: Named) -> bool:
    """Whether `base_url` and `api_key` of the choice are this model's: only those of `use`'s provider.

    So no key is ever sent to another provider's address.
    """
    used = split_name(choice.use)
    return used is not None and used.provider == named.provider


def key_for(choice: ModelChoice, named: Named, environment: Mapping[str, str]) -> tuple[str, str]:
    """The key for a model, empty if it is not set, and the variable that should hold it, if any."""
    if choice.api_key is not None and shares_address(choice, named):
        return environment.get(choice.api_key.secret, ""), choice.api_key.secret
    variables = KEYS[named.provider].variables
    found = next((environment[variable] for variable in variables if environment.get(variable)), "")
    return found, variables[0] if variables else ""


_DATED = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}|-\d{3,4}$")
_ANTHROPIC_VERSION = re.compile(r"-(\d{1,2})(?:-(\d{1,2}))?$")


def is_pinned(named: Named) -> bool:
    """Whether the name means one fixed model, as far as the name can tell."""
    if named.provider not in ("openai", "anthropic", "google"):
        return True
    if _DATED.search(named.model):
        return True
    if named.provider != "anthropic":
        return False
    # From 4.6 on, Anthropic's names without a date are fixed models as well.
    version = _ANTHROPIC_VERSION.search(named.model)
    return version is not None and (int(version[1]), int(version[2] or 0)) >= (4, 6)


def package_of(extra: str) -> str:
    """What to install for an extra of Remit, by the name under which the package index has it."""
    return "xllamacpp" if extra == "local" else f"pydantic-ai-slim[{extra}]"
