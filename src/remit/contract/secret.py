"""Settings that may be secrets: a plain text, or the name of what the environment holds."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from remit.contract.part import Name, Part


class SecretName(Part):
    """A value that is taken from the environment and never logged."""

    secret: Name
    """The environment variable that holds it."""


def _setting_tag(value: Any) -> str | None:
    if isinstance(value, (str, int, float)):
        return "<text>"
    return "<secret>" if isinstance(value, (dict, SecretName)) else None


Setting = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[SecretName, Tag("<secret>")],
    Discriminator(
        _setting_tag, custom_error_type="no_setting", custom_error_message="neither a text nor a secret"
    ),
]
"""A plain text, or the name of a secret."""
