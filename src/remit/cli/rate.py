"""`remit rate`: whether a run went well."""

import asyncio
from typing import Any

import click

from remit.app import Runtime
from remit.cli.acting import reviewer
from remit.cli.nearest import Word
from remit.cli.place import store_option
from remit.cli.reading import run_id_of
from remit.cli.screen import say, say_json
from remit.cli.store_place import existing_store


@click.command()
@click.argument("run")
@click.argument("rating", type=Word("good", "bad"))
@click.option("--comment", default="", help="What was good or bad about it.")
@click.option("--by", help="Who says so; otherwise $REMIT_REVIEWER, otherwise your login name.")
@click.option("--json", "as_json", is_flag=True, help="What was recorded.")
@store_option
def rate(run: str, rating: str, comment: str, by: str | None, as_json: bool) -> None:
    """Say whether a run went well; it stands in the log beside the run.

    \b
    Examples:
      remit rate last good
      remit rate 1jq3 bad --comment "It named the wrong order."

    Exit codes: 0 recorded, 1 a problem (no such run), 2 wrong use.
    """
    word: Any = rating
    who = reviewer(by)

    async def record() -> str:
        async with Runtime(existing_store()) as runtime:
            run_id = run_id_of(runtime.log, run)
            await runtime.rate(run_id, word, by=who, comment=comment)
            return run_id

    run_id = asyncio.run(record())
    if as_json:
        say_json({"run_id": run_id, "rating": rating, "by": who, "comment": comment})
    else:
        say(f"Run {run_id} is rated {rating}, by {who}.")
