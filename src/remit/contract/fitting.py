"""Does a JSON value fit a JSON Schema, and where does it not?"""

from typing import Any

_SHOWN_PROBLEMS = 10
_SHOWN_CHARACTERS = 200


def misfits(value: Any, schema: dict[str, Any]) -> tuple[str, ...]:
    """Each place where a JSON value does not fit a JSON Schema, at most ten; nothing is ever fetched."""
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    # An empty registry: a schema that refers to an address is never fetched from the network.
    registry: Registry[Any] = Registry()
    validator = validator_for(schema)(schema, registry=registry)
    try:
        errors: list[ValidationError] = sorted(
            validator.iter_errors(value), key=lambda error: error.json_path
        )
    except Unresolvable as error:
        return (f"the schema refers to {error.ref!r}, which it does not hold",)
    except RecursionError:
        return ("the schema refers to itself without end, or the value is nested too deeply",)
    shown = [f"{error.json_path}: {error.message[:_SHOWN_CHARACTERS]}" for error in errors[:_SHOWN_PROBLEMS]]
    more = len(errors) - _SHOWN_PROBLEMS
    return (*shown, f"and {more} more") if more > 0 else tuple(shown)
