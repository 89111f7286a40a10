"""The arguments of a function: their JSON Schema, their validation, and their way into the call."""

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PydanticUserError,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from pydantic_core import PydanticSerializationError, to_json

from remit.errors import ToolDeclarationError
from remit.tools.canonical import integral
from remit.tools.invalid import sentences
from remit.tools.port import ArgumentsInvalid, ToolContext, ToolFailure


class _Schema(GenerateJsonSchema):
    """JSON Schema without titles, which only repeat the names; a default that is not JSON is refused."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        raise PydanticUserError(detail, code=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a function takes from a model, and where it wants the context."""

    model: type[BaseModel]
    fields: tuple[tuple[str, str], ...]
    """Field of the model and parameter of the function; the fields are numbered, so that a parameter
    may have any name."""
    context_parameters: tuple[str, ...]
    parameters: dict[str, Any]

    def validate(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments as JSON values, completed with defaults; raises ArgumentsInvalid.

        Only a number changes its spelling (12.0 for 12); a text is never taken for a number.
        """
        try:
            instance = self._parsed(arguments)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False)
            names = [name for _, name in self.fields]
            raise ArgumentsInvalid(
                sentences(cast("list[Mapping[str, Any]]", found), arguments, names)
            ) from None
        return cast(
            "dict[str, Any]",
            self.model.__pydantic_serializer__.to_python(instance, mode="json", by_alias=True),
        )

    def bind(self, arguments: dict[str, Any], context: ToolContext) -> dict[str, Any]:
        """The keyword arguments of the function, from validated arguments; else ToolFailure."""
        try:
            values = self.model.__pydantic_validator__.validate_python(arguments).__dict__
        except ValidationError as error:
            raise ToolFailure(
                f"The arguments do not fit the tool: {error.error_count()} are wrong."
            ) from None
        bound = {name: values[field] for field, name in self.fields}
        for name in self.context_parameters:
            bound[name] = context
        return bound

    def _parsed(self, arguments: dict[str, Any]) -> BaseModel:
        validator = self.model.__pydantic_validator__
        try:
            return validator.validate_json(_encoded(arguments), strict=True)
        except ValidationError:
            whole = integral(arguments)
            return validator.validate_json(_encoded(whole), strict=True)


def _encoded(arguments: dict[str, Any]) -> bytes:
    try:
        data = to_json(arguments)
        if b"NaN" in data or b"Infinity" in data:
            json.dumps(arguments, allow_nan=False)
    except (PydanticSerializationError, ValueError, RecursionError):
        raise ArgumentsInvalid("The arguments hold something that is not JSON.") from None
    return data


def arguments_of(function: Callable[..., Any]) -> Arguments:
    """What `function` takes; raises ToolDeclarationError with the fix."""
    name = function.__name__
    annotations = _annotations(function)
    fields: dict[str, Any] = {}
    pairs: list[tuple[str, str]] = []
    wants_context: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        annotation = annotations[parameter.name]
        if annotation is ToolContext or ToolContext in typing.get_args(annotation):
            wants_context.append(parameter.name)
            continue
        field = f"argument_{len(pairs)}"
        pairs.append((field, parameter.name))
        fields[field] = (annotation, _field(name, parameter, annotation))
    model, schema = _model(name, fields)
    return Arguments(
        model=model, fields=tuple(pairs), context_parameters=tuple(wants_context), parameters=schema
    )


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(inspect.unwrap(function), include_extras=True)
    except Exception as error:
        raise ToolDeclarationError(
            f"The types of {function.__name__} cannot be read: {error}.",
            remedy="Every type must be known in the module of the function.",
        ) from error


def _field(function: str, parameter: inspect.Parameter, annotation: Any) -> Any:
    default = parameter.default
    if default is inspect.Parameter.empty:
        return Field(alias=parameter.name)
    if isinstance(default, FieldInfo):
        raise ToolDeclarationError(
            f"{function}({parameter.name}) has a Field as its default.",
            remedy=f"Write {parameter.name}: Annotated[int, Field(...)] = 0; a direct call needs the value.",
        )
    try:
        TypeAdapter(annotation).validate_python(default)
    except ValidationError as error:
        raise ToolDeclarationError(
            f"{function}({parameter.name}) has the default {default!r}, which does not fit its type.",
            remedy="Widen the type, such as int | None, or change the default.",
        ) from error
    except PydanticUserError:
        pass  # the type itself is at fault, and the model of all parameters says how
    return Field(default, alias=parameter.name)


def _model(name: str, fields: dict[str, Any]) -> tuple[type[BaseModel], dict[str, Any]]:
    config = ConfigDict(extra="forbid", allow_inf_nan=False)
    try:
        model: type[BaseModel] = create_model(name, __config__=config, **fields)
        schema = model.model_json_schema(schema_generator=_Schema)
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise ToolDeclarationError(
            f"The parameters of {name} cannot be told to a model: {reason}",
            remedy="Use types that JSON has a form for: str, int, float, bool, list, dict, dataclasses.",
        ) from error
    schema.pop("title", None)
    schema.pop("description", None)
    schema.setdefault("properties", {})
    return model, schema
