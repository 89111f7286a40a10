"""Find the tools that a remit names, and say of each that cannot be had what is wrong."""

import inspect
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from remit.contract import Contract, Finding, ToolRule
from remit.errors import ToolDeclarationError
from remit.tools.declare import EFFECT_REMEDY, declared_of
from remit.tools.function import from_function
from remit.tools.importing import CannotImport, import_named, imports_from, names_in
from remit.tools.lock import LockUnreadable, read_lock
from remit.tools.mcp import tool_of_server
from remit.tools.nearest import nearest
from remit.tools.port import Tool
from remit.tools.servers import Servers


def resolve(
    contract: Contract, folder: Path, servers: Servers
) -> tuple[dict[str, Tool], tuple[Finding, ...]]:
    """The tools of the remit by their names, and what is wrong with those that are missing.

    Python tools are imported with `folder` first on the path; tools of MCP servers come from the
    approved listing in `remit.lock.json` there, without a connection. Never raises.
    """
    tools: dict[str, Tool] = {}
    problems: list[Finding] = []
    with imports_from(folder):
        for name, rule in contract.tools.items():
            found = _one(name, rule, folder, servers)
            if isinstance(found, Tool):
                tools[name] = found
            else:
                problems.append(found)
    return tools, tuple(problems)


def _one(name: str, rule: ToolRule, folder: Path, servers: Servers) -> Tool | Finding:
    if rule.python is not None:
        return _python(name, rule, rule.python, folder)
    assert rule.mcp is not None, "a contract's tool has one source"
    try:
        locked = read_lock(folder)
    except LockUnreadable as error:
        return Finding(f"tools.{name}", str(error), error.remedy)
    return tool_of_server(name, rule, rule.mcp, locked, servers)


def _python(name: str, rule: ToolRule, target: str, folder: Path) -> Tool | Finding:
    where = f"tools.{name}"
    module_name, _, function_name = target.partition(":")
    try:
        module = import_named(module_name, folder)
    except CannotImport as error:
        return _cannot_import(where, module_name, folder, error)
    return _marked(name, rule, module, function_name)


def _cannot_import(where: str, module: str, folder: Path, error: CannotImport) -> Finding:
    cause = error.__cause__
    missing = isinstance(cause, ModuleNotFoundError) and cause.name in (module, module.partition(".")[0])
    if missing:
        return Finding(
            where=where,
            message=f"there is no module {module} beside the remit or among the installed packages.",
            suggestion=nearest(module, names_in(folder)) or f"Create {module.replace('.', '/')}.py.",
        )
    if isinstance(cause, ToolDeclarationError):
        return Finding(where=where, message=cause.message, suggestion=cause.remedy)
    return Finding(where=where, message=f"{module} cannot be imported: {error}.", suggestion="")


def _marked(name: str, rule: ToolRule, module: ModuleType, function_name: str) -> Tool | Finding:
    where = f"tools.{name}"
    function = getattr(module, function_name, None)
    if function is None:
        return Finding(
            where=where,
            message=f"{module.__name__} has no function {function_name}.",
            suggestion=nearest(function_name, _functions(module)),
        )
    declared = declared_of(function)
    if declared is None:
        return Finding(
            where=where,
            message=f"{module.__name__}.{function_name} is not marked as a tool.",
            suggestion=EFFECT_REMEDY,
        )
    try:
        return from_function(name, declared, rule.effect)
    except ToolDeclarationError as error:
        return Finding(where=where, message=error.message, suggestion=error.remedy)


def _functions(module: ModuleType) -> Iterable[str]:
    names = [name for name, value in vars(module).items() if inspect.isfunction(value)]
    marked = [name for name in names if declared_of(getattr(module, name)) is not None]
    return marked or names
