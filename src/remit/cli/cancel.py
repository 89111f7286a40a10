"""`remit cancel`: stop a run."""

import click

from remit.app import Runtime
from remit.cli.acting import reviewer
from remit.cli.place import store_option
from remit.cli.stopping import end_run


@click.command()
@click.argument("run")
@click.option("--by", help="Who stops it; otherwise $REMIT_REVIEWER, otherwise your login name.")
@click.option("--reason", default="", help="Why.")
@click.option("--agent", help="The agent's folder, where it is not under agents/.")
@click.option("--json", "as_json", is_flag=True, help="What was cancelled and how the run ended.")
@store_option
def cancel(run: str, by: str | None, reason: str, agent: str | None, as_json: bool) -> None:
    """Stop a run: nothing new is begun after this. What is under way is recorded.

    \b
    Examples:
      remit cancel last --reason "Asked twice."

    Exit codes: 0 it is cancelled, 1 it is not (it has ended, or there is none), 2 wrong use.
    """
    who = reviewer(by)

    async def act(runtime: Runtime, run_id: str) -> None:
        await runtime.cancel(run_id, by=who, reason=reason)

    end_run(run, act, done="cancelled", who=who, agent=agent, as_json=as_json)
