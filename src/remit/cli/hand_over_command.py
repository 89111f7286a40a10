"""`remit hand-over`: have a person take a run over."""

import click

from remit.app import Runtime
from remit.cli.acting import reviewer
from remit.cli.place import store_option
from remit.cli.stopping import end_run


@click.command("hand-over")
@click.argument("run")
@click.option("--to", "queue", help="The queue that gets it; otherwise the default one.")
@click.option("--by", help="Who wants it; otherwise $REMIT_REVIEWER, otherwise your login name.")
@click.option("--reason", default="", help="Why.")
@click.option("--agent", help="The agent's folder, where it is not under agents/.")
@click.option("--json", "as_json", is_flag=True, help="What was done and how the run ended.")
@store_option
def hand_over(
    run: str, queue: str | None, by: str | None, reason: str, agent: str | None, as_json: bool
) -> None:
    """Have a person take a run over: nothing new is begun after this, and it ends with a case.

    \b
    Examples:
      remit hand-over last --reason "The customer asks for a person."

    Exit codes: 0 done, 1 a problem (it is a person's already, or there is none), 2 wrong use.
    """
    who = reviewer(by)

    async def act(runtime: Runtime, run_id: str) -> None:
        await runtime.hand_over(run_id, by=who, reason=reason, queue=queue)

    end_run(run, act, done="handed over", who=who, agent=agent, as_json=as_json)
