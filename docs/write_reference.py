"""Writes every page under docs/reference that is printed from the code; `make docs` calls it.

`pages()` gives the same pages as data, so that a test can compare them with the files.
"""

import ast
import inspect
import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import click
from api_reference import api_page

import remit
import remit.testing
from remit.api import description
from remit.cli.ending import EXIT_CODES
from remit.cli.group import COMMANDS
from remit.cli.group import remit as command_line
from remit.contract import ALLOWED, parse_text, path_for, reference_markdown
from remit.errors import RemitError
from remit.event import KINDS, json_schema
from remit.outcome import MEANING, Answered, Degraded, Escalated, Failed, FailureMode, Refused, Waiting

REFERENCE = Path(__file__).resolve().parent / "reference"
PRINTED = "Printed from the code by `make docs`; a test compares."
OUTCOMES = (Answered, Degraded, Escalated, Refused, Failed, Waiting)
USUAL = {
    "answer_seq": "The model's answer that it is about, by its number in the run.",
    "arguments": "The arguments of that call.",
    "asked_seq": "The event that asked, by its number in the run.",
    "attempts": "What failed on the way.",
    "body": "Its body.",
    "by": "Who it was.",
    "case": "The id of the case.",
    "key": "The call; its key is the same after a crash.",
    "latency_ms": "All attempts together.",
    "otherwise": "What counts when the deadline has passed.",
    "outcome": "How it ended.",
    "purpose": "What the model was asked for.",
    "rating": "Whether it went well.",
    "reason": "Why.",
    "tool": "The tool's name in the remit.",
}
"""What a field means in every event whose class does not say it."""
SMALLEST = "remit: 1\nagent: a\npurpose: p\nmodel: local:m\ndoes: [d]\n"


def pages() -> dict[str, str]:
    """Every printed page by its path under docs/reference."""
    schemas = {f"events/{kind}.schema.json": _json(json_schema(kind)) for kind in KINDS}
    return {
        "remit-file.md": reference_markdown(),
        "cli.md": cli_page(),
        "events.md": events_page(),
        "outcomes.md": outcomes_page(),
        "failure-modes.md": failure_modes_page(),
        "errors.md": errors_page(),
        "python.md": python_page(),
        "api.md": api_page(description()),
        **schemas,
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _page(title: str, lead: str, lines: list[str]) -> str:
    return "\n".join([f"# {title}", "", lead, PRINTED, "", *lines]).rstrip() + "\n"


def cli_page() -> str:
    """Every command, its help and its options."""
    lines = ["| command | what it does |", "| --- | --- |"]
    lines += [f"| [`remit {name}`](#remit-{name}) | {text} |" for name, (_, text) in COMMANDS.items()]
    lines += ["", "## Exit codes", "", "| code | meaning |", "| --- | --- |"]
    lines += ["| 0 | done; for `remit ask` also: answered or degraded |"]
    lines += ["| 1 | a problem; the message says what to do |", "| 2 | wrong use |"]
    by_code = {code: kind for kind, code in EXIT_CODES.items() if code}
    lines += [f"| {code} | `remit ask`: {by_code[code]} |" for code in sorted(by_code)]
    lines += ["| 130 | stopped by Ctrl-C; what was logged is kept |"]
    lines += ["| 141 | nobody reads the output any more |", "", *_help("remit", command_line)]
    for name in COMMANDS:
        context = click.Context(command_line, info_name="remit")
        command = command_line.get_command(context, name)
        assert command is not None
        lines += _help(f"remit {name}", command)
        if isinstance(command, click.Group):
            for sub in command.list_commands(context):
                inner = command.get_command(context, sub)
                assert inner is not None
                lines += _help(f"remit {name} {sub}", inner)
    return _page("The command `remit`", "What `--help` says of each command.", lines)


def _help(name: str, command: click.Command) -> list[str]:
    context = click.Context(command, info_name=name, terminal_width=90, help_option_names=["-h", "--help"])
    return [f"## {name}", "", "```text", command.get_help(context), "```", ""]


def events_page() -> str:
    """Every kind of event with its fields."""
    lines = [
        "Each line of `remit export` and of `--log-json` holds `run_id`, `seq`, `id`, `at` (ISO 8601, UTC),",
        "`kind` and `body`. A field of the body that has its default is left out, except in `ended`.",
        "Times in a body are seconds since the epoch.",
        "",
    ]
    for kind, cls in KINDS.items():
        lines += [f"## {kind}", "", inspect.getdoc(cls) or "", ""]
        lines += [f"JSON Schema of the body: [events/{kind}.schema.json](events/{kind}.schema.json)", ""]
        lines += _field_table(cls)
    return _page("Events", "What can happen in a run.", lines)


def outcomes_page() -> str:
    """The outcomes, their fields and exit codes."""
    lines: list[str] = []
    for cls in OUTCOMES:
        kind = _kind(cls)
        lines += [f"## {cls.__name__}", "", inspect.getdoc(cls) or "", ""]
        lines += [f"`kind` is `{kind}`; `remit ask` exits with {EXIT_CODES[kind]}.", ""]
        lines += _field_table(cls)
    return _page(
        "Outcomes", "The five ways in which a run ends, and the one state in which it does not.", lines
    )


def _kind(cls: type) -> str:
    return next(str(each.default) for each in fields(cls) if each.name == "kind")


def _field_table(cls: type) -> list[str]:
    rows = [each for each in fields(cls) if each.name != "kind"]
    said = _said_under_fields(cls)
    types = _source_types(cls)
    lines = ["| field | type | default | meaning |", "| --- | --- | --- | --- |"]
    for each in rows:
        default = "required" if each.default is MISSING and each.default_factory is MISSING else "none"
        if each.default not in (MISSING, None, "", ()):
            default = f"`{each.default!s}`"
        form = types[each.name].replace("|", "\\|")
        lines.append(
            f"| `{each.name}` | `{form}` | {default} | {said.get(each.name) or USUAL.get(each.name, '')} |"
        )
    return [*lines, ""] if rows else ["It has no field.", ""]


def _class_body(cls: type) -> list[ast.stmt]:
    tree = ast.parse(dedent(inspect.getsource(cls)))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef)).body


def _said_under_fields(cls: type) -> dict[str, str]:
    """The sentence under each field of a class."""
    return {
        first.target.id: " ".join(str(second.value.value).split())
        for first, second in pairwise(_class_body(cls))
        if isinstance(first, ast.AnnAssign)
        and isinstance(first.target, ast.Name)
        and isinstance(second, ast.Expr)
        and isinstance(second.value, ast.Constant)
    }


def _source_types(cls: type) -> dict[str, str]:
    return {
        node.target.id: ast.unparse(node.annotation)
        for node in _class_body(cls)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def failure_modes_page() -> str:
    """Every failure mode: meaning, default path, allowed paths."""
    contract = parse_text(SMALLEST, "remit.yaml").contract
    assert contract is not None
    with_people = contract.model_copy(update={"handover": "front-desk"})
    lines = [
        "The path of a failure is the tool's own (`unavailable`, `failed`, `unknown`), then that of",
        "`on_failure`, then `handover`, then the default. `remit check` prints the table of one agent.",
        "",
        "| mode | meaning | default | with `handover` | paths under `on_failure` |",
        "| --- | --- | --- | --- | --- |",
    ]
    for mode in FailureMode:
        allowed = ALLOWED.get(mode)
        if allowed is None:
            lines.append(f"| `{mode}` | {MEANING[mode]} | | | nothing produces it yet |")
            continue
        paths = ", ".join(f"`{path}`" for path in allowed)
        row = (mode, MEANING[mode], path_for(contract, mode).text, path_for(with_people, mode).text, paths)
        lines.append("| `{}` | {} | {} | {} | {} |".format(*row))
    return _page("Failure modes", "Why a run left the happy path, and where each reason may lead.", lines)


def errors_page() -> str:
    """Every exception that a caller may see, with its code."""
    lines = ["A known failure of a run is never one of these: it is an [outcome](outcomes.md).", ""]
    lines += ["| code | class | parent | meaning |", "| --- | --- | --- | --- |"]
    for cls in _tree(RemitError):
        parent = cls.__bases__[0].__name__
        lines.append(f"| `{cls.code}` | `{cls.__name__}` | `{parent}` | {_first_line(cls)} |")
    lines += ["", "Each has `message` (what happened) and `remedy` (what to do); `str()` gives both."]
    return _page("Errors", "What Remit raises where it cannot do what was asked.", lines)


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _tree(root: type[RemitError]) -> Iterator[type[RemitError]]:
    """The classes with a code of their own: one without is its parent to a caller."""
    if "code" in vars(root):
        yield root
    for cls in sorted(root.__subclasses__(), key=lambda each: each.code):
        if cls.__module__.startswith("remit."):
            yield from _tree(cls)


def python_page() -> str:
    """The public names of `remit` and `remit.testing`."""
    lines: list[str] = []
    for module, names in (("remit", remit.__all__), ("remit.testing", remit.testing.__all__)):
        lines += [f"## {module}", "", (import_module(module).__doc__ or "").strip(), ""]
        for name in names:
            lines += [f"### {module}.{name}", "", *_member(name, getattr(import_module(module), name))]
    return _page("The Python API", "Public names, their signatures and what they guarantee.", lines)


def _member(name: str, value: Any) -> list[str]:
    if name == "Outcome":
        kinds = ", ".join(f"`{cls.__name__}`" for cls in get_args(get_args(value)[0]))
        return [f"The union of {kinds}, told apart by `kind`.", ""]
    if not inspect.isclass(value):
        if not inspect.isfunction(value):
            return [
                "```text",
                f"{name} = str | Call | Sequence[Call] | Reply | ModelError | function",
                "```",
                "",
            ]
        return ["```text", _signature(value), "```", "", inspect.getdoc(value) or "", ""]
    lines = [inspect.getdoc(value) or "", ""]
    if is_dataclass(value):
        lines += _field_table(value)
    elif "__init__" in vars(value) and not issubclass(value, Exception):
        lines += ["```text", _signature(value.__init__, name), "```", ""]
    for method, attribute in vars(value).items():
        function = getattr(attribute, "__func__", attribute)
        if not method.startswith("_") and inspect.isfunction(function):
            lines += ["```text", _signature(function), "```", "", inspect.getdoc(function) or "", ""]
    return lines


def _signature(function: Any, name: str = "") -> str:
    """The signature as it is written, so that no default is evaluated."""
    node = ast.parse(dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    word = "async def " if isinstance(node, ast.AsyncFunctionDef) else "def "
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None and not name else ""
    head = f"{name or word + node.name}"
    written = f"{head}({ast.unparse(node.args)}){returns}"
    if len(written) <= 100:
        return written
    arguments = ",\n    ".join(_split(ast.unparse(node.args)))
    return f"{head}(\n    {arguments},\n){returns}"


def _split(arguments: str) -> list[str]:
    """The arguments one by one, brackets kept together."""
    parts: list[str] = []
    depth = begin = 0
    for index, character in enumerate(arguments):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(arguments[begin:index].strip())
            begin = index + 1
    return [*parts, arguments[begin:].strip()]


def main() -> None:
    """Write every page that differs, and remove schemas of kinds that are no more."""
    wanted = pages()
    for path, text in wanted.items():
        file = REFERENCE / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    for file in REFERENCE.glob("events/*.json"):
        if f"events/{file.name}" not in wanted:
            file.unlink()
            print(f"removed events/{file.name}")


if __name__ == "__main__":
    main()
