"""`remit export`: events as JSON lines."""

import time

import click

from remit.cli.place import store_option
from remit.cli.reading import entries_of, reading, run_id_of
from remit.cli.since import since
from remit.export import line_of
from remit.telling import json_safe


@click.command()
@click.argument("run", required=False)
@click.option("--all", "every", is_flag=True, help="Every run, oldest first.")
@click.option("--since", "since_text", metavar="WHEN", help="With --all: only events since 2h, 7d or a date.")
@click.option("--unmasked", is_flag=True, help="Leave personal data as it is.")
@store_option
def export(run: str | None, every: bool, since_text: str | None, unmasked: bool) -> None:
    """Write events as JSON lines to stdout, personal data masked.

    Each line holds run_id, seq, id, at, kind and body; RUN is an id, the beginning of one, or `last`.

    \b
    Examples:
      remit export last
      remit export --all --since 24h > events.jsonl

    Exit codes: 0 done, 1 a problem, 2 wrong use.
    """
    if (run is None) == (not every):
        raise click.UsageError("Name one RUN, or all of them with --all.")
    begin = since(since_text, time.time()) if since_text else 0.0
    with reading() as log:
        ids = [row["run_id"] for row in log.store.rows("all_heads")] if every else [run_id_of(log, run or "")]
        for run_id in ids:
            for entry in entries_of(log, run_id):
                if entry.at >= begin:
                    click.echo(json_safe(line_of(entry, masked=not unmasked)))
