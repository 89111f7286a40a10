"""How a Python function becomes a tool: it says what its call does to the world."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from remit.errors import ToolDeclarationError
from remit.event import Integrity
from remit.outcome import Effect

Function = TypeVar("Function", bound=Callable[..., Any])

EffectWord = Literal["read", "idempotent", "keyed", "irreversible"]
IntegrityWord = Literal["operator", "attested", "third_party"]

ATTRIBUTE = "__remit_tool__"

EFFECT_REMEDY = (
    'Write @tool(effect="read") if it changes nothing, "idempotent" if twice is the same as once, '
    '"keyed" if the other side recognises the key of a repeated call, "irreversible" otherwise.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What `@tool` said of a function."""

    function: Callable[..., Any]
    effect: Effect
    integrity: Integrity
    blocking: bool
    reconcile: Callable[..., Any] | None
    egress: bool = False


def tool(
    bare: Callable[..., Any] | None = None,
    /,
    *,
    effect: EffectWord | Effect | None = None,
    reconcile: Callable[..., Any] | None = None,
    integrity: IntegrityWord | Integrity = Integrity.THIRD_PARTY,
    blocking: bool = True,
    egress: bool = False,
) -> Callable[[Function], Function]:
    """Mark a function as a tool; the function itself stays as it is and can be called directly.

    `effect` is required. `reconcile` is the tool's own query after a lost result: it takes any of the
    tool's parameters and a ToolContext, and returns the result of that call, or None if it never
    took place. `integrity` says whose words the result is made of. `egress` says that the arguments leave
    the house (a web address, a query to somebody else), so that a read is guarded like a write.
    A function that is not `async` runs in a thread, which costs about 0.1 ms of CPU and some latency;
    `blocking=False` runs it in the event loop, for functions that only compute: no time limit can
    stop such a function. Raises ToolDeclarationError with the fix.
    """
    if bare is not None:
        name = getattr(bare, "__name__", "the function")
        raise ToolDeclarationError(f"{name} is marked with @tool without its effect.", remedy=EFFECT_REMEDY)
    if effect is None:
        raise ToolDeclarationError("@tool is used without its effect.", remedy=EFFECT_REMEDY)
    known_effect = _effect(effect)
    known_integrity = _integrity(integrity)

    def mark(function: Function) -> Function:
        _checked(function)
        if reconcile is not None:
            _checked_reconcile(reconcile, function)
        declared = Declared(
            function=function,
            effect=known_effect,
            integrity=known_integrity,
            blocking=blocking,
            reconcile=reconcile,
            egress=egress,
        )
        setattr(function, ATTRIBUTE, declared)
        return function

    return mark


def declared_of(candidate: object) -> Declared | None:
    """What `@tool` said of this object; None if it is not marked."""
    found = getattr(candidate, ATTRIBUTE, None)
    return found if isinstance(found, Declared) else None


def _effect(word: str) -> Effect:
    try:
        return Effect(word)
    except ValueError:
        raise ToolDeclarationError(f"{word!r} is no effect.", remedy=EFFECT_REMEDY) from None


def _integrity(word: str) -> Integrity:
    allowed = [item.value for item in Integrity if item is not Integrity.USER]
    if word not in allowed:
        raise ToolDeclarationError(
            f"{word!r} is no integrity that a tool's result may have.",
            remedy=f"Write one of {', '.join(allowed)}.",
        )
    return Integrity(word)


def _checked(function: Callable[..., Any]) -> None:
    """Raise ToolDeclarationError where the form of the function does not allow it to be a tool."""
    if not inspect.isfunction(function):
        raise ToolDeclarationError(
            f"@tool marks functions, not a {type(function).__name__}.",
            remedy="Put it above a def or an async def.",
        )
    name = function.__name__
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ToolDeclarationError(
            f"{name} yields.", remedy="A tool returns its result; collect it in a list."
        )
    for parameter in inspect.signature(function).parameters.values():
        _checked_parameter(name, parameter)


def _checked_parameter(function: str, parameter: inspect.Parameter) -> None:
    where = f"{function}({parameter})"
    if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        raise ToolDeclarationError(
            f"{where} takes any number of arguments.",
            remedy="Name each parameter, so that a model can be told of it.",
        )
    if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise ToolDeclarationError(
            f"{where} cannot be given by name.", remedy="Remove the / from the parameters."
        )
    if parameter.annotation is inspect.Parameter.empty:
        raise ToolDeclarationError(
            f"{where} has no type.",
            remedy=f"Write its type, such as {parameter.name}: str, so that it can be checked.",
        )


def _checked_reconcile(reconcile: Callable[..., Any], function: Callable[..., Any]) -> None:
    _checked(reconcile)
    known = set(inspect.signature(function).parameters)
    for parameter in inspect.signature(reconcile).parameters.values():
        annotation = str(cast("object", parameter.annotation))
        if parameter.name not in known and "ToolContext" not in annotation:
            raise ToolDeclarationError(
                f"{reconcile.__name__} asks for {parameter.name}, which {function.__name__} does not take.",
                remedy="It may take the tool's own parameters and a ToolContext.",
            )
