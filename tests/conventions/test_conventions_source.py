"""The rules of the house that a reader of the source can rely on."""

import ast
import re
from dataclasses import is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_origin

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
SOURCE = PROJECT / "src" / "remit"
FILES = sorted(SOURCE.rglob("*.py"))
DOORS = [SOURCE / "__init__.py", *sorted(SOURCE.glob("*/__init__.py"))]
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
NAMELESS = {"utils", "helpers", "common", "core", "base", "manager"}
HEAVY = {
    "httpx",
    "joserfc",
    "fastapi",
    "uvicorn",
    "dbos",
    "sqlalchemy",
    "pydantic_ai",
    "openai",
    "xllamacpp",
    "mcp",
    "httpx2",
    "rich",
    "jsonschema",
    "referencing",
    "json_repair",
    "tokenizers",
}
"""Optional extras and libraries that take long to import."""
LAZY: dict[str, set[str]] = {
    "model/open.py": {"remit.model.local", "remit.model.provider"},
    "model/filelock.py": {"msvcrt", "fcntl"},
    "store/changes.py": {"remit.store.postgres_changes"},
    "store/opening.py": {"remit.store.postgres", "remit.store.reaching", "remit.store.upgrading"},
    "tools/servers.py": {"pydantic"},
    "cli/demo_console.py": {"remit.api", "remit.console"},
    "cli/serve.py": {"remit.api", "remit.console"},
}
"""Other imports that are not at the top: those that lead to heavy libraries, one that depends on the
system. This list only ever shrinks."""

POSITIONAL = {
    "contract/condition.py": {"All", "AnyOf", "Comparison", "Fixed", "Not"},
    "contract/nodes.py": {"Lines"},
    "contract/page.py": {"Bullets", "Code", "Paragraph", "Section", "Table"},
    "handover/question.py": {"Measure"},
    "intake/topic.py": {"TopicMatch", "_Pattern"},
    "log/state.py": {"RunState"},
    "permit/rule.py": {"Attested", "NotUnderstood", "OnlyFrom", "Within"},
    "tools/call.py": {"_Progress"},
}
"""Small nodes of a tree or a rule, made by position. This list only ever shrinks."""


def name_of(file: Path) -> str:
    return str(file.relative_to(SOURCE))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


every_file = pytest.mark.parametrize("file", FILES, ids=name_of)
every_door = pytest.mark.parametrize("door", DOORS, ids=name_of)


@every_file
def test_a_file_can_be_read_in_one_go(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@every_file
def test_a_function_can_be_seen_whole(file: Path) -> None:
    functions = [
        node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [each.name for each in functions if (each.end_lineno or 0) - each.lineno + 1 > LONGEST_FUNCTION]
    assert long == []


@every_file
def test_a_name_says_something(file: Path) -> None:
    assert not NAMELESS & {file.stem, *(part for part in file.relative_to(SOURCE).parts)}


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names]


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@every_file
def test_imports_stand_at_the_top(file: Path) -> None:
    tree = tree_of(file)
    allowed = {id(inner) for node in tree.body if for_types_only(node) for inner in ast.walk(node)}
    allowed |= {id(node) for node in tree.body}
    hidden = {
        module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in allowed
        for module in imported(node)
    }
    lazy = {module for module in hidden if module.partition(".")[0] not in HEAVY}
    assert lazy == LAZY.get(name_of(file), set())


@every_file
def test_data_is_made_by_keyword(file: Path) -> None:
    classes = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.ClassDef)]
    marks = [(cls.name, ast.unparse(mark)) for cls in classes for mark in cls.decorator_list]
    positional = {name for name, mark in marks if mark.startswith("dataclass") and "kw_only=True" not in mark}
    assert positional == POSITIONAL.get(name_of(file), set())


@every_file
def test_a_file_says_what_it_is_for(file: Path) -> None:
    assert ast.get_docstring(tree_of(file))


@every_door
def test_a_door_lists_its_names_in_order(door: Path) -> None:
    module = import_module(".".join(door.parent.relative_to(SOURCE.parent).parts))
    names: list[str] = module.__all__
    constants = [name for name in names if name.isupper()]
    classes = [name for name in names if not name.isupper() and name[0].isupper()]
    functions = [name for name in names if name[0].islower()]
    assert names == [*sorted(constants), *sorted(classes), *sorted(functions)]
    offered = {
        alias.asname or alias.name
        for node in ast.walk(tree_of(door))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("remit")
        for alias in node.names
    }
    assert offered == set(names)
    assert [name for name in names if not hasattr(module, name)] == []


@every_door
def test_a_public_name_says_what_it_guarantees(door: Path) -> None:
    module = import_module(".".join(door.parent.relative_to(SOURCE.parent).parts))
    silent: list[str] = []
    for name in module.__all__:
        value = getattr(module, name)
        if get_origin(value) is not None or not (isinstance(value, type) or callable(value)):
            continue
        said = vars(value).get("__doc__") if isinstance(value, type) else value.__doc__
        if is_dataclass(value) and str(said).startswith(f"{name}("):
            said = None
        if not re.search(r"[.?](\s|$)", said or ""):
            silent.append(name)
    assert silent == []
