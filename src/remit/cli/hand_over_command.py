"""`remit hand-over`: have a person take a run over."""

import asyncio

import click

from remit.app import Runtime
from remit.cli.acting import go_on, reviewer, why_not
from remit.cli.ending import ending_lines, outcome_fields
from remit.cli.place import store_option
from remit.cli.reading import run_id_of
from remit.cli.screen import note, say, say_all, say_json
from remit.cli.store_place import existing_store
from remit.errors import RemitError


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
    store, who = existing_store(), reviewer(by)

    async def ask() -> str:
        async with Runtime(store) as runtime:
            run_id = run_id_of(runtime.log, run)
            await runtime.hand_over(run_id, by=who, reason=reason, queue=queue)
            return run_id

    run_id = asyncio.run(ask())
    outcome = None
    try:
        outcome = asyncio.run(go_on(store, run_id, agent, None))
    except RemitError as error:
        note(why_not(error))
    if as_json:
        after = outcome_fields(run_id, outcome) if outcome is not None else None
        say_json({"run_id": run_id, "handed_over": True, "by": who, "outcome": after})
        return
    say(f"Handed over, by {who}.")
    if outcome is not None:
        say_all(ending_lines(run_id, outcome))
