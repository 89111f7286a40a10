"""`remit check`: what a remit cannot keep, and where each failure leads."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from remit.app import Remit, inspect, remit_file
from remit.cli.checked import passed_fields, passed_lines
from remit.cli.place import agent_names, agent_path
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.contract import Problem, parse, problems_of
from remit.errors import ContractError, NotFound
from remit.telling import Painted, Style, count, faint
from remit.tools import LOCK_NAME, freeze_servers, servers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One agent, and all there is to say about it."""

    path: Path
    remit: Remit | None
    problems: Sequence[Problem]


@click.command()
@click.argument("agents", nargs=-1, metavar="[AGENT]...")
@click.option(
    "--approve", is_flag=True, help=f"Approve the tools of its MCP servers as they are now ({LOCK_NAME})."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the list `agents`.")
def check(agents: tuple[str, ...], approve: bool, as_json: bool) -> None:
    """Look for what a remit cannot keep: every problem at once, with file, line and suggestion.

    AGENT is a folder under agents/ or a path; without one, all under agents/ are checked. Where
    nothing is wrong, it prints what the agent may do and where each failure leads.

    \b
    Examples:
      remit check my-desk
      remit check --json
      remit check my-desk --approve

    Exit codes: 0 no problem (warnings do not count), 1 a problem, 2 wrong use.
    """
    names = agents or tuple(agent_names())
    if not names:
        raise NotFound("There is no agent under agents/.", remedy="Begin one: `remit new my-desk`.")
    paths = [agent_path(name) for name in names]
    found = [_checked(path, approve=approve) for path in paths]
    if as_json:
        say_json({"agents": [_fields(each) for each in found]})
    else:
        for index, each in enumerate(found):
            say_all([()] if index else [])
            _say(each)
    failed = any(each.remit is None for each in found)
    click.get_current_context().exit(1 if failed else 0)


def _checked(path: Path, *, approve: bool) -> Checked:
    refused = _approved(remit_file(path)) if approve else ()
    remit, problems = inspect(path, environment=os.environ)
    return Checked(path=path, remit=None if refused else remit, problems=(*refused, *problems))


def _approved(file: Path) -> tuple[Problem, ...]:
    """Reaches the servers and writes the lock file; what stood in the way. ContractError without a remit."""
    parsed = parse(file)
    if parsed.contract is None:
        raise ContractError(str(file), parsed.problems)
    if not any(rule.mcp for rule in parsed.contract.tools.values()):
        note(f"{parsed.contract.agent} has no tools of MCP servers; there is nothing to approve.")
        return ()
    servers = servers_of(parsed.contract, file.parent, os.environ)
    findings = asyncio.run(freeze_servers(parsed.contract, file.parent, servers, approve=True))
    note(f"Approved, in {file.parent / LOCK_NAME}: commit that file.")
    return problems_of(findings, parsed.lines, parsed.file)


def _say(checked: Checked) -> None:
    errors = [problem for problem in checked.problems if problem.severity == "error"]
    for problem in checked.problems:
        style = Style.BAD if problem.severity == "error" else Style.WARN
        say(f"{problem.file}:{problem.line}: ", Painted(problem.severity, style), f": {_sentence(problem)}")
        if problem.suggestion:
            say(faint(f"    {problem.suggestion}"))
    if checked.remit is None:
        say(Painted(f"{checked.path}: {count(len(errors), 'problem')}.", Style.BAD))
    else:
        say_all([()] if checked.problems else [])
        say_all(passed_lines(checked.remit, columns()))


def _sentence(problem: Problem) -> str:
    return f"{problem.where}: {problem.message}" if problem.where else problem.message


def _fields(checked: Checked) -> dict[str, Any]:
    problems = [
        {
            "file": problem.file,
            "line": problem.line,
            "where": problem.where,
            "message": problem.message,
            "suggestion": problem.suggestion,
            "severity": problem.severity,
        }
        for problem in checked.problems
    ]
    head = {"path": str(checked.path), "ok": checked.remit is not None, "problems": problems}
    return head | (passed_fields(checked.remit) if checked.remit is not None else {})
