"""A marked Python function as a tool that can be called."""

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from remit.errors import ToolDeclarationError
from remit.outcome import Effect, stricter
from remit.tools.arguments import Arguments, arguments_of
from remit.tools.canonical import digest
from remit.tools.declare import Declared
from remit.tools.port import Tool, ToolContext
from remit.tools.threads import THREADS


def from_function(name: str, declared: Declared, effect: Effect | None = None) -> Tool:
    """The tool that a remit calls `name`; `effect` may tighten what the code declares.

    Raises ToolDeclarationError if it would loosen it, or if the parameters cannot be told to a model.
    """
    function = declared.function
    wanted = declared.effect if effect is None else effect
    if not stricter(declared.effect, wanted):
        raise ToolDeclarationError(
            f"{function.__name__} is declared {declared.effect} and the remit calls it {wanted}.",
            remedy="A remit may only tighten the effect; change it in the code if the code is wrong.",
        )
    arguments = arguments_of(function)
    description = inspect.getdoc(function) or name.replace("_", " ")
    return Tool(
        name=name,
        description=description,
        parameters=arguments.parameters,
        effect=wanted,
        integrity=declared.integrity,
        signature=signature(name, description, arguments.parameters, wanted, egress=declared.egress),
        validate=arguments.validate,
        call=_call(function, arguments, declared.blocking),
        egress=declared.egress,
        reconcile=_reconcile(declared, arguments),
    )


def signature(
    name: str, description: str, parameters: dict[str, Any], effect: Effect, *, egress: bool = False
) -> str:
    """The hash of what a model is told of a tool, and of its effect."""
    reach = ["egress"] if egress else []
    return digest(["tool", name, description, parameters, effect.value, *reach])


def _call(
    function: Callable[..., Any], arguments: Arguments, blocking: bool
) -> Callable[[dict[str, Any], ToolContext], Awaitable[Any]]:
    if inspect.iscoroutinefunction(function):

        async def call_async(values: dict[str, Any], context: ToolContext) -> Any:
            return await function(**arguments.bind(values, context))

        return call_async

    async def call_sync(values: dict[str, Any], context: ToolContext) -> Any:
        return await _run(partial(function, **arguments.bind(values, context)), blocking)

    return call_sync


def _reconcile(
    declared: Declared, arguments: Arguments
) -> Callable[[dict[str, Any], ToolContext], Awaitable[Any]] | None:
    query = declared.reconcile
    if query is None:
        return None
    wanted = tuple(inspect.signature(query).parameters)
    known = {name for _, name in arguments.fields}

    async def reconcile(values: dict[str, Any], context: ToolContext) -> Any:
        bound = arguments.bind(values, context)
        given = {name: bound[name] if name in known else context for name in wanted}
        if inspect.iscoroutinefunction(query):
            return await query(**given)
        return await _run(partial(query, **given), declared.blocking)

    return reconcile


async def _run(action: Callable[[], Any], blocking: bool) -> Any:
    """The result of a function that is not `async`, or of what it returns to be awaited."""
    result = await THREADS.run(action) if blocking else action()
    return await result if inspect.isawaitable(result) else result
