"""`remit db`: the tables of the log: upgrade, check, count, purge, back up."""

import time
from dataclasses import asdict
from pathlib import Path

import click

from remit.cli.place import FILE, store_option
from remit.cli.progress import spinning
from remit.cli.reading import reading
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.cli.store_place import existing_store
from remit.cli.table import Column, table
from remit.contract import duration_seconds
from remit.log import Log, Purged, keeping
from remit.log import purge as purge_log
from remit.store import back_up, findings, shown_address, table_sizes, upgrade_log
from remit.telling import Painted, Style, count, duration


@click.group()
def db() -> None:
    """Look after the tables of the log: upgrade, check, count, purge, back up.

    \b
    Examples:
      remit db check
      remit db upgrade --store postgresql://remit@db.internal/remit
      remit db purge --older-than 90d --dry-run
      remit db backup copy.db

    Exit codes: 0 done, 1 a problem (the message says what to do), 2 wrong use.
    """


@db.command("upgrade")
@click.option("--json", "as_json", is_flag=True, help="The revision before and after.")
@store_option
def upgrade(as_json: bool) -> None:
    """Bring the tables up to date, all or nothing; older code can go on using them.

    An empty database on Postgres gets its tables. Back a log up first: on a large one on Postgres an index
    may take minutes to build.
    """
    address = existing_store()
    before, after = upgrade_log(address)
    if as_json:
        say_json({"store": shown_address(address), "before": before, "after": after})
    elif before == after:
        say(f"Nothing to do: {shown_address(address)} is at revision {after}.")
    elif not before:
        say(f"{shown_address(address)} was empty and has its tables now, at revision {after}.")
    else:
        say(f"{shown_address(address)} went from revision {before} to {after}.")


@db.command("check")
@click.option("--json", "as_json", is_flag=True, help="The list `findings` and whether all are good.")
@store_option
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Look at revision, pages, indexes, plans of what is asked often, clock and settings."""
    with reading() as log, spinning():
        found = list(findings(log.store))
    good = all(finding.good for finding in found)
    if as_json:
        say_json({"good": good, "findings": [asdict(finding) for finding in found]})
    else:
        headings = (Column("WHAT", firm=True), Column("", firm=True), Column("FOUND"))
        rows = [(each.what, _verdict(each.good), each.said) for each in found]
        say_all(table(headings, rows, columns()))
    if not good:
        context.exit(1)


def _verdict(good: bool) -> Painted:
    return Painted("good", Style.GOOD) if good else Painted("not good", Style.BAD)


@db.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Tables, states, bodies by age, wakes per run.")
@store_option
def stats(as_json: bool) -> None:
    """Rows and bytes of every table, runs by state, bodies by age, the oldest waiting run, wakes per run."""
    now = time.time()
    with reading() as log, spinning():
        sizes, kept = table_sizes(log.store), keeping(log.store, now)
    if as_json:
        say_json({"tables": [asdict(size) for size in sizes], **asdict(kept)})
        return
    headings = (Column("TABLE", firm=True), Column("ROWS", right=True), Column("MB", right=True))
    say_all(
        table(headings, [(each.table, f"{each.rows:,}", _mb(each.size_bytes)) for each in sizes], columns())
    )
    say(f"Runs: {', '.join(f'{number:,} {state}' for state, number in kept.runs.items()) or 'none'}.")
    for each in kept.bodies:
        say(f"Bodies of runs that ended {each.age}: {each.bodies:,}, {_mb(each.size_bytes)} MB.")
    if kept.oldest_waiting is not None:
        since = duration(now - kept.oldest_waiting_since)
        say(f"Waiting longest: run {kept.oldest_waiting}, admitted {since} ago.")
    say(f"Wakes per run in the last day: {kept.wakes_mean:.2f} on average, {kept.wakes_most} at most.")


def _mb(size_bytes: int | None) -> str:
    return f"{size_bytes / 1e6:,.1f}" if size_bytes is not None else "unknown"


@db.command("purge")
@click.option("--older-than", required=True, metavar="TIME", help="Runs that ended so long ago, such as 90d.")
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Numbers of runs and bodies.")
@store_option
def purge(older_than: str, dry_run: bool, as_json: bool) -> None:
    """Drop what was said in runs that ended long ago; their skeletons stay, and the chain still verifies.

    Runs that have not ended keep everything. Records of business actions stay, so that none is done twice.
    """
    try:
        age_s = duration_seconds(older_than)
    except ValueError as error:
        raise click.UsageError(f"{older_than!r} is no time: write it like 90d or 12h.") from error
    with reading() as log:
        gone = _purged(log, time.time() - age_s, dry_run=dry_run)
    if as_json:
        say_json({"dry_run": dry_run, **asdict(gone)})
        return
    verb = "would be" if dry_run else "were"
    say(f"Bodies of {count(gone.runs, 'run')} {verb} dropped: {gone.bodies:,}.")
    if not dry_run and gone.bodies:
        note("A file does not shrink by itself: the space is used again.")


def _purged(log: Log, before: float, *, dry_run: bool) -> Purged:
    with spinning() as spinner:

        def show(runs: int) -> None:
            if spinner is not None:
                spinner.show(f"{runs:,} runs")

        return purge_log(log.store, before, dry_run=dry_run, progress=show)


@db.command("backup")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Where the copy is, and its size.")
@store_option
def backup(file: Path, as_json: bool) -> None:
    """Copy a log in a file to FILE, while others go on writing to it; on Postgres, use pg_dump."""
    address = existing_store()
    with spinning():
        back_up(address, file)
    size_bytes = file.stat().st_size
    if as_json:
        say_json({"file": str(file), "size_bytes": size_bytes})
        return
    say(f"{shown_address(address)} is copied to {file} ({_mb(size_bytes)} MB).")
    note(f"`remit verify --store {file}` says whether it is whole.")
