"""Tools of MCP servers: frozen as a person approved them, called under the remit's own effect."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import from_json

from remit.contract import Finding, ToolRule
from remit.event import Integrity
from remit.outcome import Effect, side_effecting
from remit.tools.as_json import reason_text
from remit.tools.function import signature
from remit.tools.invalid import MOST_COMPLAINTS
from remit.tools.lock import APPROVE_REMEDY, Locked, Offered, tightened
from remit.tools.port import ArgumentsInvalid, Tool, ToolContext, ToolFailure
from remit.tools.servers import Servers

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from mcp.types import CallToolResult


class ServerError(Exception):
    """The server answered a side-effecting call with an error, which does not say that nothing was done."""


def tool_of_server(
    name: str, rule: ToolRule, target: str, locked: Locked, servers: Servers
) -> Tool | Finding:
    """The tool `server:tool` as it was approved; its effect is the remit's, or stricter."""
    server, _, remote = target.partition(":")
    approved = locked.get(server, {}).get(remote)
    if approved is None:
        return Finding(f"tools.{name}", f"`{target}` has not been approved yet.", APPROVE_REMEDY)
    return _frozen(name, rule, (server, remote), approved, servers)


def _frozen(
    name: str, rule: ToolRule, target: tuple[str, str], approved: Offered, servers: Servers
) -> Tool | Finding:
    server, remote = target
    effect = tightened(rule.effect or Effect.IRREVERSIBLE, approved.hints)
    egress = approved.hints.get("open_world", False)
    parameters = {"additionalProperties": False, **approved.parameters}
    fingerprint = approved.fingerprint()
    validate = _validator(parameters)
    if isinstance(validate, str):
        return Finding(where=f"tools.{name}", message=f"its schema is not usable: {validate}.")

    async def prepare() -> None:
        await servers.prepare(server, remote, fingerprint, fresh=side_effecting(effect))

    async def call(arguments: dict[str, Any], context: ToolContext) -> Any:
        return await _called(servers, target, arguments, context, effect)

    return Tool(
        name=name,
        description=approved.description,
        parameters=parameters,
        effect=effect,
        integrity=Integrity.THIRD_PARTY,
        signature=signature(name, approved.description, parameters, effect, egress=egress),
        egress=egress,
        claims=frozenset(name for name, claimed in approved.hints.items() if claimed),
        validate=validate,
        call=call,
        prepare=prepare,
        close=servers.close,
    )


def _validator(schema: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]] | str:
    """The check of arguments against a JSON Schema; a text if the schema is none."""
    from jsonschema import Draft202012Validator, SchemaError
    from referencing import Registry

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return reason_text(error.message)
    # An empty registry: a reference never leaves the schema, so that checking opens no connection.
    checker = Draft202012Validator(schema, registry=Registry())

    def validate(arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            errors = list(islice(_errors(checker, arguments), MOST_COMPLAINTS))
        except Exception as error:
            raise ArgumentsInvalid(f"The arguments cannot be checked: {reason_text(str(error))}.") from error
        if errors:
            raise ArgumentsInvalid(
                " ".join(
                    f"Argument {error.json_path.removeprefix('$.')} is wrong: {reason_text(error.message)}."
                    for error in errors
                )
            )
        return arguments

    return validate


def _errors(checker: Any, arguments: dict[str, Any]) -> "Iterator[ValidationError]":
    return checker.iter_errors(arguments)


async def _called(
    servers: Servers, target: tuple[str, str], arguments: dict[str, Any], context: ToolContext, effect: Effect
) -> Any:
    from mcp import MCPError
    from mcp.types import INVALID_PARAMS, METHOD_NOT_FOUND, CallToolResult

    try:
        answer = await servers.call(target[0], target[1], arguments, context)
    except MCPError as error:
        if error.code in (INVALID_PARAMS, METHOD_NOT_FOUND):
            raise ToolFailure(f"the server refused the call: {reason_text(error.message)}") from None
        raise _error(effect, reason_text(error.message)) from None
    if not isinstance(answer, CallToolResult):
        raise _error(effect, "the server asked for a model's or a person's answer, which is refused")
    if answer.is_error:
        raise _error(effect, reason_text(_text(answer)) or "the server reports an error")
    return _value(answer)


def _error(effect: Effect, text: str) -> Exception:
    """The error of a call: a failure where a repetition is harmless.

    A server turns any exception into an error, also one that came after the effect: for a keyed or
    an irreversible call its word does not say that nothing was done.
    """
    return ToolFailure(text) if effect in (Effect.READ, Effect.IDEMPOTENT) else ServerError(text)


def _value(answer: "CallToolResult") -> Any:
    """The result as JSON: the structured one, else the text, read as JSON where it is an object or list."""
    if answer.structured_content is not None:
        return answer.structured_content
    text = _text(answer)
    if len(answer.content) == 1 and text[:1] in ("{", "["):
        try:
            return from_json(text)
        except ValueError:
            return text
    return text


def _text(answer: "CallToolResult") -> str:
    return "\n".join(_block(block) for block in answer.content)


def _block(block: Any) -> str:
    match block.type:
        case "text":
            return cast("str", block.text)
        case "resource_link":
            return f"[link: {block.uri}]"
        case "resource":
            return cast("str", getattr(block.resource, "text", f"[resource: {block.resource.uri}]"))
        case _:
            return f"[{block.type} left out]"
