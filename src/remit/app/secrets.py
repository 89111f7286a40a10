"""Which values must never reach the log."""

from collections.abc import Mapping

from remit.contract import Contract, secret_names

PROVIDER_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY")


def secret_values(contract: Contract, environment: Mapping[str, str]) -> dict[str, str]:
    """The secrets that the contract names and the providers' keys, as far as they are set."""
    names = {*secret_names(contract), *PROVIDER_KEYS}
    return {name: environment[name] for name in sorted(names) if environment.get(name)}
