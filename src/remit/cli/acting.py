"""What commands that change something share: who acts, on which agent, with which model."""

import getpass
import os
from pathlib import Path

import click

from remit.app import Identity, Remit, Role, Runtime, experts_beside, remit_file
from remit.cli.place import AGENTS, agent_path, example_remits
from remit.cli.progress import spinning, steps_on
from remit.contract import parse
from remit.errors import NotFound, RemitError
from remit.outcome import Outcome, Waiting

VARIABLE = "REMIT_REVIEWER"


def reviewer(by: str | None) -> str:
    """Who acts: `--by`, else REMIT_REVIEWER, else whoever is logged in."""
    if by or os.environ.get(VARIABLE):
        return by or os.environ[VARIABLE]
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise click.UsageError(f"Say who you are with --by or {VARIABLE}.") from error


def at_the_log(name: str) -> Identity:
    """Who has the log itself may see and do everything there."""
    return Identity(name=name, role=Role.ADMIN, local=True)


def agent_called(name: str) -> Path | None:
    """The remit that names its agent so: under `agents/`, in the folder of that name first, or an example."""
    files = [AGENTS / name / "remit.yaml", *sorted(AGENTS.glob("*/remit.yaml")), *example_remits()]
    for file in files:
        if file.is_file():
            contract = parse(file).contract
            if contract is not None and contract.agent == name:
                return file.parent
    return None


def remit_of_run(runtime: Runtime, run_id: str, agent: str | None, model: str | None) -> Remit:
    """The remit of a run's agent: `--agent`, else the one under `agents/`; RemitError if there is none."""
    admitted = runtime.log.fold(run_id).admitted
    assert admitted is not None, "a run begins with its admission"
    path = agent_path(agent) if agent is not None else agent_called(admitted.agent)
    if path is None:
        raise NotFound(
            f"The agent {admitted.agent} is not under {AGENTS}/.",
            remedy="Name its folder with --agent, or let `remit worker` advance the run where it is.",
        )
    remit = Remit.load(remit_file(path), model=model)
    if remit.name != admitted.agent:
        raise NotFound(f"Run {run_id} is of agent {admitted.agent}, and {path} is {remit.name}.")
    return remit


async def go_on(store: str, run_id: str, agent: str | None, model: str | None) -> Outcome | Waiting:
    """Advances a run in this process as far as it goes; RemitError says why it cannot be done here."""
    async with Runtime(store) as looking:
        remit = remit_of_run(looking, run_id, agent, model)
    with spinning() as spinner:
        following = [steps_on(spinner)] if spinner is not None else []
        async with Runtime(store, subscribers=following) as runtime:
            for each in (*experts_beside(remit), remit):
                runtime.register(each)
            return await runtime.advance(run_id)


def why_not(error: RemitError) -> str:
    """One sentence that says why a run does not go on in this process."""
    return f"The run goes on when a worker takes it: {error}"
