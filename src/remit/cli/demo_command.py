"""`remit demo`: the example agent on its inbox."""

import asyncio
import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from remit.cli.demo import run_demo
from remit.cli.demo_console import ConsoleAfter, serving_possible
from remit.cli.place import FILE, store_option
from remit.cli.screen import say_json
from remit.cli.store_place import store_address


@click.command()
@click.option("--recorded", is_flag=True, help="Replay a recording: no model runs, it takes seconds.")
@click.option("--model", help="Any model, instead of a key's or the local one.")
@click.option("--all", "every", is_flag=True, help="The whole inbox instead of a dozen messages.")
@click.option("--record", type=FILE, help="Keep a recording of this run.")
@click.option(
    "--serve/--no-serve",
    "serves",
    default=None,
    help="Open the console on the desk afterwards; so on a terminal, not in a pipe.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Where the console listens; any free one otherwise."
)
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object, after the report.")
@store_option
def demo(
    recorded: bool,
    model: str | None,
    every: bool,
    record: Path | None,
    serves: bool | None,
    port: int | None,
    as_json: bool,
) -> None:
    """Run the example agent, a card issuer's desk, on its inbox with a real model.

    A key in the environment chooses the provider; without one, a local model answers. What is
    expected of each message is declared beforehand and compared. On a terminal it ends with the console
    open on the desk, where the cases that wait can be decided; Ctrl-C stops it.

    \b
    Examples:
      remit demo
      remit demo --recorded
      remit demo --recorded --no-serve
      remit demo --all --model local:qwen2.5-coder-0.5b

    Exit codes: 0 no harmful action, 1 a harmful action or a problem, 2 wrong use.
    """
    if recorded and model is not None:
        raise click.UsageError("--recorded runs no model; leave out --model.")
    console = ConsoleAfter(port=port) if _is_watched(serves, as_json=as_json) else None
    summary = asyncio.run(
        run_demo(
            store=store_address(),
            environment=os.environ,
            recorded=recorded,
            model=model,
            every=every,
            record=record,
            console=console,
        )
    )
    if as_json:
        say_json(asdict(summary))
    click.get_current_context().exit(1 if summary.harmful else 0)


def _is_watched(asked: bool | None, *, as_json: bool) -> bool:
    """Whether somebody is there to look at the console: as asked for, else on a terminal alone."""
    if asked is not None:
        return asked
    return sys.stdin.isatty() and sys.stdout.isatty() and not as_json and serving_possible()
