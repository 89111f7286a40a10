"""The tools of a suite as tools of a remit: they act on the environment of the run that is under way."""

import inspect
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

from agentdojo.functions_runtime import FunctionCall
from dojo_suites import plain, suite

from remit import tool
from remit.tools import ToolFailure

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Desk:
    """Where the tools act, and what was really executed; one run at a time."""

    environment: Any = None
    executed: typing.ClassVar[list[FunctionCall]] = []

    @classmethod
    def begin(cls, environment: Any) -> None:
        """A new run begins in this environment."""
        cls.environment = environment
        cls.executed = []


def tools_of(name: str, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Callable[..., Any]]:
    """A marked function for every tool of the suite; `declared` is what `@tool` is told of each."""
    functions = suite(name).tools.functions
    unknown = set(declared) ^ set(functions)
    if unknown:
        raise ValueError(f"{name}: not declared, or no tool: {', '.join(sorted(unknown))}")
    return {name_: tool(**declared[name_])(_function(name, name_)) for name_ in functions}


CHOICES: dict[str, dict[str, Any]] = {"share_file": {"permission": typing.Literal["r", "rw"]}}
"""Arguments that are declared as text and take a few values only."""
SHAPES: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "get_channels": lambda names, _: [{"channel": name} for name in names],
    "get_users_in_channel": lambda names, given: [
        {"user": name, "channel": given["channel"]} for name in names
    ],
    "get_webpage": lambda text, _: {
        "text": text,
        "addresses": [{"address": found} for found in sorted(set(ADDRESS.findall(text or "")))],
    },
}
"""Results without field names get them, so that a rule can name what it means."""


def _function(suite_name: str, name: str) -> Callable[..., Any]:
    runtime = suite(suite_name).tools
    original = runtime.functions[name]
    hints = {**typing.get_type_hints(original.run), **CHOICES.get(name, {})}
    parameters = [
        parameter.replace(annotation=hints[parameter.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(original.run).parameters.values()
        if parameter.name not in original.dependencies
    ]
    defaults = {parameter.name: parameter.default for parameter in parameters}

    async def call(**arguments: Any) -> Any:
        given = {key: value for key, value in arguments.items() if value != defaults[key]}
        result, error = runtime.run_function(Desk.environment, name, given)
        if error is not None:
            raise ToolFailure(error)
        Desk.executed.append(FunctionCall(function=name, args=given))
        shape = SHAPES.get(name)
        return plain(result) if shape is None else shape(plain(result), given)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = original.description
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    call.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess] - read by inspect
    return call
