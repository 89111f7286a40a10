"""`remit cancel`: stop a run."""

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
    store, who = existing_store(), reviewer(by)

    async def stop() -> str:
        async with Runtime(store) as runtime:
            run_id = run_id_of(runtime.log, run)
            await runtime.cancel(run_id, by=who, reason=reason)
            return run_id

    run_id = asyncio.run(stop())
    outcome = None
    try:
        outcome = asyncio.run(go_on(store, run_id, agent, None))
    except RemitError as error:
        note(why_not(error))
    if as_json:
        after = outcome_fields(run_id, outcome) if outcome is not None else None
        say_json({"run_id": run_id, "cancelled": True, "by": who, "outcome": after})
        return
    say(f"Cancelled, by {who}.")
    if outcome is not None:
        say_all(ending_lines(run_id, outcome))
