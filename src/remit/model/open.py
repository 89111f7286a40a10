"""From a name to a model that can be asked."""

from collections.abc import Mapping

from remit.contract import ModelChoice
from remit.model.acting import ConstrainedModel
from remit.model.naming import LOCAL, split_name
from remit.model.port import Model


def open_model(name: str, choice: ModelChoice, environment: Mapping[str, str]) -> Model:
    """The model `name` of the chain of `choice`; nothing is sent yet.

    Raises RemitError if the name is unknown, its key is not set or a package is not installed, and
    CatalogueError if a local model cannot be had.
    """
    named = split_name(name)
    if named is not None and named.provider == LOCAL:
        from remit.model.local import open_local

        return open_local(named.model)
    from remit.model.provider import open_provider

    model = open_provider(choice, name, environment)
    return ConstrainedModel(model) if choice.calls == "constrained" else model
