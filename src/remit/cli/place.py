"""Where are the agents, and which log was named? Folders under `agents/`, and one log beside them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from remit.cli.nearest import nearest
from remit.errors import NotFound

AGENTS = Path("agents")
FILE = click.Path(dir_okay=False, path_type=Path)
"""An option that names a file."""
Command = TypeVar("Command", bound=Callable[..., Any])


def store_option(command: Command) -> Command:
    """`--store` after the command, as before it."""
    return click.option(
        "--store",
        metavar="ADDRESS",
        expose_value=False,
        callback=_remember,
        is_eager=True,
        help="The log: a file or postgresql://...; otherwise $REMIT_STORE, otherwise remit.db.",
    )(command)


def _remember(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.find_root().obj = value


def agent_path(agent: str) -> Path:
    """The folder or file of an agent named by its folder under `agents/` or by a path; else NotFound."""
    for path in (AGENTS / agent, Path(agent)):
        if path.is_file() or (path / "remit.yaml").is_file():
            return path
    known = agent_names()
    if Path(agent).is_dir() or (AGENTS / agent).is_dir():
        raise NotFound(f"{agent} has no remit.yaml.", remedy="`remit new` shows what belongs in it.")
    hint = nearest(agent, known) or (f"There are: {', '.join(known)}." if known else "")
    make = f"`remit new {agent}` makes one." if not known else ""
    raise NotFound(f"There is no agent {agent} under {AGENTS}/.", remedy=f"{hint} {make}".strip())


def agent_names() -> list[str]:
    """The folders under `agents/` that hold a remit."""
    return sorted(file.parent.name for file in AGENTS.glob("*/remit.yaml"))


def example_folder(name: str = "card-desk") -> Path:
    """The example's folder, in an installed package or in the source tree; NotFound if neither has it."""
    for file in example_remits():
        if file.parent.name == name:
            return file.parent
    raise NotFound(f"The example {name} is not part of this installation.", remedy="Install remit anew.")


def example_remits() -> list[Path]:
    """The remits of the examples that came with this installation."""
    package = Path(__file__).resolve().parent.parent
    folders = (package / "examples", package.parent.parent / "examples")
    return [file for folder in folders for file in sorted(folder.glob("*/remit.yaml"))]
