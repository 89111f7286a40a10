"""What a provider's failure means: the one class of ModelError for each error of the layer below."""

import re

from pydantic_ai import exceptions as layer

from remit.model.port import ModelError, ModelErrorClass

_CLASSES: tuple[tuple[type[Exception], ModelErrorClass], ...] = (
    (layer.ModelContextWindowExceededError, ModelErrorClass.CONTEXT_WINDOW),
    (layer.ModelAuthenticationError, ModelErrorClass.AUTHENTICATION),
    (layer.ModelNotFoundError, ModelErrorClass.NOT_FOUND),
    (layer.ModelRequestRejectedError, ModelErrorClass.REJECTED),
    (layer.ModelQuotaExceededError, ModelErrorClass.REJECTED),
    (layer.ModelRateLimitError, ModelErrorClass.RATE_LIMITED),
    (layer.ModelUnavailableError, ModelErrorClass.OVERLOADED),
    (layer.ModelServerError, ModelErrorClass.OVERLOADED),
    (layer.ModelTimeoutError, ModelErrorClass.TIMEOUT),
    (layer.ModelRequestTimeout, ModelErrorClass.TIMEOUT),
    (TimeoutError, ModelErrorClass.TIMEOUT),
    (layer.ModelConnectionError, ModelErrorClass.CONNECTION),
    (ConnectionError, ModelErrorClass.CONNECTION),
    (layer.ContentFilterError, ModelErrorClass.REJECTED),
    (layer.UserError, ModelErrorClass.REJECTED),
)
"""The first class that fits; the more special ones stand before those that they derive from."""

_OVERFLOW = re.compile(
    r"context[ _](length|window|size)|prompt is too long|input is too long|too many (input )?tokens"
    r"|maximum (number of )?(input )?tokens",
    re.IGNORECASE,
)
"""How servers word an overflow that the layer below knows only as a rejected request."""


def as_model_error(error: Exception) -> ModelError:
    """The ModelError for anything that an attempt raised; what nobody foresaw is `malformed`."""
    if isinstance(error, ModelError):
        return error
    kind = _class_of(error)
    retry_after_s = error.retry_after if isinstance(error, layer.ModelAPIError) else None
    return ModelError(kind, f"{type(error).__name__}: {error}", retry_after_s=retry_after_s)


def _class_of(error: Exception) -> ModelErrorClass:
    found = next((kind for cls, kind in _CLASSES if isinstance(error, cls)), None)
    if found is ModelErrorClass.REJECTED and _OVERFLOW.search(str(error)):
        return ModelErrorClass.CONTEXT_WINDOW
    if found is not None:
        return found
    if isinstance(error, layer.ModelHTTPError):
        return _class_of_status(error.status_code)
    return ModelErrorClass.MALFORMED


def _class_of_status(status: int) -> ModelErrorClass:
    if status == 408:
        return ModelErrorClass.TIMEOUT
    if status == 429:
        return ModelErrorClass.RATE_LIMITED
    return ModelErrorClass.OVERLOADED if status >= 500 else ModelErrorClass.REJECTED
