"""Which agents does a command that serves them all begin with?"""

import os

from remit.app import Remit, inspect
from remit.cli.place import AGENTS, agent_names, agent_path
from remit.cli.screen import note
from remit.errors import NotFound
from remit.telling import count


def loaded(agents: tuple[str, ...]) -> list[Remit]:
    """The agents without problems; those with some are named and left out, unless asked for by name."""
    if agents:
        return [Remit.load(agent_path(agent)) for agent in agents]
    found: list[Remit] = []
    for name in agent_names():
        remit, problems = inspect(AGENTS / name, environment=os.environ)
        if remit is not None:
            found.append(remit)
        else:
            note(f"{name} is left out: {count(len(problems), 'problem')}; `remit check {name}` lists them.")
    if not found:
        remedy = "Name a folder, or begin one: `remit new NAME`."
        raise NotFound(f"No agent under {AGENTS}/ can be run.", remedy=remedy)
    return found
