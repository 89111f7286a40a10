"""Where a failure leads: the forms of a path, as they stand in the file."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from remit.contract.duration import Duration
from remit.contract.part import Name, Part, Text


class LastKnown(Part):
    """Answer from the last validated result, with its date, if it is no older than this."""

    last_known: Duration
    """The greatest age of a result that may still be shown."""


class ToQueue(Part):
    """Hand the run over to people, for good."""

    queue: Name
    """The queue that gets the case."""


class Say(Part):
    """Refuse with this sentence."""

    say: Text
    """What the caller is told."""


class Fallback(Part):
    """Answer with this value, marked as degraded."""

    value: Any
    """The answer, of any form."""


Word = Literal["degrade", "fail", "refuse"]

PATH_KEYS: dict[str, type[Part]] = {"queue": ToQueue, "say": Say, "value": Fallback, "last_known": LastKnown}


def _path_tag(value: Any) -> str | None:
    """Which form of a path this is; None where it is none at all."""
    if isinstance(value, str):
        return "<word>"
    for key, form in PATH_KEYS.items():
        if isinstance(value, form) or (isinstance(value, dict) and key in value):
            return f"<{key}>"
    return None


Path = Annotated[
    Annotated[ToQueue, Tag("<queue>")]
    | Annotated[Say, Tag("<say>")]
    | Annotated[Fallback, Tag("<value>")]
    | Annotated[LastKnown, Tag("<last_known>")]
    | Annotated[Word, Tag("<word>")],
    Discriminator(_path_tag, custom_error_type="no_path", custom_error_message="this is no path"),
]
"""Where a failure leads. `degrade`: go on without it and say what is missing; `refuse`: with the
usual sentence; `fail`: the last resort."""
