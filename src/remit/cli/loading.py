"""Which agents does a command that serves them all begin with?"""

import os
from pathlib import Path

from remit.app import Remit, experts_beside, inspect
from remit.cli.place import AGENTS, agent_path
from remit.cli.screen import note
from remit.errors import NotFound
from remit.telling import count


def loaded(agents: tuple[str, ...]) -> list[Remit]:
    """The agents that are named, or all under `agents/`; of a folder of agents those without problems.

    With an agent come those that decide its cases.
    """
    if not agents:
        return _of_folder(AGENTS)
    named = [remit for agent in agents for remit in _named(agent)]
    others = [expert for remit in named for expert in experts_beside(remit)]
    return list({remit.name: remit for remit in (*others, *named)}.values())


def _named(agent: str) -> list[Remit]:
    folder = Path(agent)
    holds_agents = not (folder / "remit.yaml").is_file() and any(folder.glob("*/remit.yaml"))
    return _of_folder(folder) if holds_agents else [Remit.load(agent_path(agent))]


def _of_folder(folder: Path) -> list[Remit]:
    found: list[Remit] = []
    for file in sorted(folder.glob("*/remit.yaml")):
        remit, problems = inspect(file.parent, environment=os.environ)
        if remit is not None:
            found.append(remit)
        else:
            name = file.parent.name
            note(f"{name} is left out: {count(len(problems), 'problem')}; `remit check {name}` lists them.")
    if not found:
        remedy = "Name a folder, or begin one: `remit new NAME`."
        raise NotFound(f"No agent under {folder}/ can be run.", remedy=remedy)
    return found
