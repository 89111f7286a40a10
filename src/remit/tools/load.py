"""Find the tools that a remit names, and say of each that cannot be had what is wrong."""

import inspect
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from remit.contract import Contract, ToolRule
from remit.errors import ToolDeclarationError
from remit.tools.declare import EFFECT_REMEDY, declared_of
from remit.tools.function import from_function
from remit.tools.importing import CannotImport, import_named, imports_from, names_in
from remit.tools.lock import LockUnreadable, read_lock
from remit.tools.mcp import tool_of_server
from remit.tools.port import Tool
from remit.tools.servers import Servers
from remit.tools.unresolved import Unresolved, close_to


def resolve(
    contract: Contract, folder: Path, servers: Servers | None = None
) -> tuple[dict[str, Tool], tuple[Unresolved, ...]]:
    """The tools of the remit by their names, and what is wrong with those that are missing.

    Python tools are imported with `folder` first on the path; tools of MCP servers come from the
    approved listing in `remit.lock.json` there, without a connection. Never raises.
    """
    tools: dict[str, Tool] = {}
    problems: list[Unresolved] = []
    with imports_from(folder):
        for name, rule in contract.tools.items():
            found = _one(contract, name, rule, folder, servers or Servers({}))
            if isinstance(found, Tool):
                tools[name] = found
            else:
                problems.append(found)
    return tools, tuple(problems)


def _one(contract: Contract, name: str, rule: ToolRule, folder: Path, servers: Servers) -> Tool | Unresolved:
    where = f"tools.{name}"
    if rule.python is not None and rule.mcp is None:
        return _python(name, rule, rule.python, folder)
    if rule.mcp is not None and rule.python is None:
        try:
            locked = read_lock(folder)
        except LockUnreadable as error:
            return Unresolved(where=where, message=str(error), suggestion=error.remedy)
        return tool_of_server(name, rule, rule.mcp, contract.servers, locked, servers)
    return Unresolved(
        where=where,
        message="a tool is either a Python function or a tool of a server.",
        suggestion='Write "module:function", or {mcp: "server:tool", effect: ...}.',
    )


def _python(name: str, rule: ToolRule, target: str, folder: Path) -> Tool | Unresolved:
    where = f"tools.{name}"
    module_name, colon, function_name = target.partition(":")
    if not (colon and module_name and function_name):
        return Unresolved(
            where=where,
            message=f"{target!r} does not name a function.",
            suggestion=f'Write "module:function", such as "desk:{name}".',
        )
    try:
        module = import_named(module_name, folder)
    except CannotImport as error:
        return _cannot_import(where, module_name, folder, error)
    return _marked(name, rule, module, function_name)


def _cannot_import(where: str, module: str, folder: Path, error: CannotImport) -> Unresolved:
    cause = error.__cause__
    missing = isinstance(cause, ModuleNotFoundError) and cause.name in (module, module.partition(".")[0])
    if missing:
        return Unresolved(
            where=where,
            message=f"there is no module {module} beside the remit or among the installed packages.",
            suggestion=close_to(module, names_in(folder)) or f"Create {module.replace('.', '/')}.py.",
        )
    if isinstance(cause, ToolDeclarationError):
        return Unresolved(where=where, message=cause.message, suggestion=cause.remedy)
    return Unresolved(where=where, message=f"{module} cannot be imported: {error}.", suggestion="")


def _marked(name: str, rule: ToolRule, module: ModuleType, function_name: str) -> Tool | Unresolved:
    where = f"tools.{name}"
    function = getattr(module, function_name, None)
    if function is None:
        return Unresolved(
            where=where,
            message=f"{module.__name__} has no function {function_name}.",
            suggestion=close_to(function_name, _functions(module)),
        )
    declared = declared_of(function)
    if declared is None:
        return Unresolved(
            where=where,
            message=f"{module.__name__}.{function_name} is not marked as a tool.",
            suggestion=EFFECT_REMEDY,
        )
    try:
        return from_function(name, declared, rule.effect)
    except ToolDeclarationError as error:
        return Unresolved(where=where, message=error.message, suggestion=error.remedy)


def _functions(module: ModuleType) -> Iterable[str]:
    names = [name for name, value in vars(module).items() if inspect.isfunction(value)]
    marked = [name for name in names if declared_of(getattr(module, name)) is not None]
    return marked or names
