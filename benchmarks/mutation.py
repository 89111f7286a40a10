"""Is every rule of the permit needed? Each is broken on purpose, and the tests of the permit have to notice.

Code: comparisons, truth values and verdicts in the rules of `remit.permit`, one mutant each. Manifest: every
line of the card desk's remit that bounds a call, weakened; noticed where a call is judged otherwise.
`--sample N` takes so many mutants of the code, with a fixed seed.
"""

import argparse
import ast
import copy
import importlib.util
import io
import os
import random
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings
from report import last_line

ROOT = Path(__file__).resolve().parents[1]
ROOM = ROOT / "src" / "remit" / "permit"
FILES = ("judging", "templates", "filling", "readings", "selecting", "content", "freezing", "rule", "values")
SEED = 7
SECONDS = 90
PROGRESS = 100
SWAPS: dict[type, type] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip
WORDS = {
    "deny": "allow", "ask": "allow", "allow": "deny", "untrusted": "fits", "misfits": "fits",
    "content": "authority", "detail": "content", "user": "public", "public": "user",
    "third_party": "attested", "attested": "third_party",
}  # fmt: skip
CALLS = {"untrusted": "fits", "misfits": "fits", "fits": "untrusted", "any": "all", "all": "any"}


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int]]:
    """Every node that has a mutant, with what is done to it."""
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.arguments)
        for inner in ast.walk(node.annotation if isinstance(node, ast.AnnAssign) else node)
    }
    # How a data class is made is no rule of the permit.
    skipped |= {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for mark in node.decorator_list
        for inner in ast.walk(mark)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Compare):
            yield from (
                (node, "compare", index) for index, each in enumerate(node.ops) if type(each) in SWAPS
            )
        elif isinstance(node, ast.BoolOp):
            yield node, "bool", 0
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not", 0
        elif isinstance(node, ast.Constant) and (
            isinstance(node.value, bool) or (isinstance(node.value, str) and node.value in WORDS)
        ):
            yield node, "constant", 0
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield node, "call", 0


def broken(source: str, number: int) -> tuple[str, str]:
    """The file with its mutant of that number, and what was done where."""
    tree = ast.parse(source)
    node, kind, index = list(places(tree))[number]
    before = ast.unparse(node)
    match node:
        case ast.Compare():
            node.ops[index] = SWAPS[type(node.ops[index])]()
        case ast.BoolOp():
            node.op = SWAPS[type(node.op)]()
        case ast.UnaryOp():
            node.op = ast.UAdd()
            node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
            ast.fix_missing_locations(node)
        case ast.Constant():
            node.value = (not node.value) if isinstance(node.value, bool) else WORDS[str(node.value)]
        case ast.Call():
            assert isinstance(node.func, ast.Name)
            node.func.id = CALLS[node.func.id]
        case _:
            raise AssertionError(kind)
    return ast.unparse(tree), f"line {getattr(node, 'lineno', 0)}: {before} -> {ast.unparse(node)}"


def noticed(file: str, source: str) -> bool:
    """Whether the tests of the permit fail on it; in a process of its own."""
    child = os.fork()
    if child == 0:
        os._exit(_tested(file, source))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) != 0


def _tested(file: str, source: str) -> int:
    import signal

    signal.alarm(SECONDS)
    name = f"remit.permit.{file}"

    class Finder:
        """Gives the mutant in place of the file."""

        @staticmethod
        def find_spec(wanted: str, path: Any = None, target: Any = None) -> Any:
            if wanted != name:
                return None
            return importlib.util.spec_from_loader(wanted, Loader(), origin=str(ROOM / f"{file}.py"))

    class Loader:
        """Runs the mutant."""

        @staticmethod
        def create_module(spec: Any) -> None:
            return None

        @staticmethod
        def exec_module(module: Any) -> None:
            exec(compile(source, str(ROOM / f"{file}.py"), "exec"), module.__dict__)

    for known in [each for each in sys.modules if each.startswith(("remit.permit", "test_permit"))]:
        del sys.modules[known]
    sys.meta_path.insert(0, Finder)
    options = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
    options += ["-W", "ignore", "-c", str(ROOT / "pyproject.toml"), str(ROOT / "tests" / "permit")]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            return int(pytest.main(options))
        except BaseException:
            return 1


def code_mutants(most: int | None) -> tuple[int, list[str]]:
    """How many were tried, and those that nobody noticed."""
    sources = {file: (ROOM / f"{file}.py").read_text(encoding="utf-8") for file in FILES}
    listed = [
        (file, number)
        for file, source in sources.items()
        for number in range(len(list(places(ast.parse(source)))))
    ]
    if most is not None:
        listed = random.Random(SEED).sample(listed, min(most, len(listed)))
    # What fails on the code as it is would count every mutant as noticed.
    assert not any(noticed(file, sources[file]) for file in FILES[:2]), "the tests fail without a mutant"
    missed: list[str] = []
    for done, (file, number) in enumerate(listed, 1):
        if done % PROGRESS == 0:
            print(f"{done} of {len(listed)} mutants", flush=True)
        source, words = broken(sources[file], number)
        if not noticed(file, source):
            missed.append(f"{file}.py {words}")
            print(f"not noticed: {missed[-1]}", flush=True)
    return len(listed), missed


def weakened(remit: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The remit with one bound of one tool taken away or loosened, each in turn."""
    for name, rule in remit["tools"].items():
        for argument, limits in rule.get("args", {}).items():
            for key in [each for each in limits if each != "kind"]:
                changed = copy.deepcopy(remit)
                del changed["tools"][name]["args"][argument][key]
                yield f"{name}.{argument} without {key}", changed
            changed = copy.deepcopy(remit)
            changed["tools"][name]["args"][argument] = {"kind": "content"}
            yield f"{name}.{argument} as content", changed
        for key in ("ask", "once_per"):
            if key in rule:
                changed = copy.deepcopy(remit)
                del changed["tools"][name][key]
                yield f"{name} without {key}", changed
        if "ask" in rule:
            changed = copy.deepcopy(remit)
            changed["tools"][name]["ask"]["otherwise"] = "approve"
            yield f"{name} approved by silence", changed
            changed = copy.deepcopy(remit)
            changed["tools"][name]["ask"]["when"] = "amount_eur > 30"
            yield f"{name} asks later", changed


def manifest_mutants() -> tuple[int, list[str]]:
    """How many lines of the card desk were weakened, and which of them changes nothing that is looked at."""
    from hostile_calls import verdicts

    remit = yaml.safe_load((ROOT / "examples" / "card-desk" / "remit.yaml").read_text(encoding="utf-8"))
    whole = verdicts(remit)
    mutants = list(weakened(remit))
    missed = [words for words, changed in mutants if verdicts(changed) == whole]
    for words in missed:
        print(f"not noticed: {words}")
    return len(mutants), missed


def main() -> None:
    """Prints what was not noticed, and the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sample", type=int, help="how many mutants of the code; all without it")
    sys.path.insert(0, str(ROOT / "tests"))
    settings.register_profile("mutation", max_examples=15, deadline=None, derandomize=True, database=None)
    settings.load_profile("mutation")
    lines, blind = manifest_mutants()
    tried, missed = code_mutants(arguments.parse_args().sample)
    figures = {
        "code_mutants": tried,
        "code_noticed": round(1 - len(missed) / tried, 4),
        "manifest_mutants": lines,
        "manifest_noticed": round(1 - len(blind) / lines, 4),
    }
    print(last_line("mutation", figures, {"code_noticed": ">= 0.95", "manifest_noticed": ">= 0.95"}))


if __name__ == "__main__":
    main()
