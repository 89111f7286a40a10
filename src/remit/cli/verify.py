"""`remit verify`: does the log still say what it said?"""

import os
from pathlib import Path

import click

from remit.cli.place import FILE, store_option
from remit.cli.progress import spinning
from remit.cli.reading import reading
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.cli.table import Column, table
from remit.errors import NotFound, RemitError
from remit.log import Break, Log, Verification, anchor_lines, compare_anchor
from remit.log import verify as verify_log
from remit.telling import Painted, Style, count, faint

KEY_VARIABLE = "REMIT_ANCHOR_KEY"
MOST_SHOWN = 50


@click.command()
@click.option("--anchor", type=FILE, help="Write the signed heads here.")
@click.option("--against", type=FILE, help="Compare with this anchor.")
@click.option("--json", "as_json", is_flag=True, help="What was looked at, and the list `breaks`.")
@store_option
@click.pass_context
def verify(context: click.Context, anchor: Path | None, against: Path | None, as_json: bool) -> None:
    """Recompute the hash chain of every run; a changed, missing or reordered event shows.

    An anchor holds the head of every chain, signed with $REMIT_ANCHOR_KEY: kept elsewhere, it also
    shows the loss of whole runs and of a run's last events.

    \b
    Examples:
      remit verify
      remit verify --anchor /mnt/elsewhere/2026-11-23.anchor
      remit verify --against /mnt/elsewhere/2026-11-23.anchor

    Exit codes: 0 the log is whole, 1 it is not (every break is listed) or a problem, 2 wrong use.
    """
    key = _key() if anchor is not None or against is not None else b""
    with reading() as log:
        found = _verified(log)
        breaks = found.breaks
        if against is not None:
            breaks += compared(log, against, key)
        if anchor is not None and not breaks:
            _write(anchor, list(anchor_lines(log.store, key)))
    if as_json:
        say_json(_fields(found, breaks))
    else:
        _say(found, breaks, anchor)
    context.exit(1 if breaks else 0)


def _verified(log: Log) -> Verification:
    with spinning() as spinner:

        def show(runs: int) -> None:
            if spinner is not None:
                spinner.show(f"{runs:,} runs")

        return verify_log(log.store, progress=show)


def _key() -> bytes:
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise click.UsageError(f"An anchor is signed: set {KEY_VARIABLE} to a key that is kept elsewhere.")
    return key.encode()


def compared(log: Log, against: Path, key: bytes) -> tuple[Break, ...]:
    """What the log has lost since that anchor; RemitError if the file is no anchor."""
    try:
        return compare_anchor(log.store, against.read_text(encoding="utf-8").splitlines(), key)
    except FileNotFoundError as error:
        raise NotFound(f"There is no anchor at {against}.") from error
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise RemitError(f"{against} cannot be read as an anchor: {error}.") from error


def _write(anchor: Path, lines: list[str]) -> None:
    draft = anchor.with_name(f"{anchor.name}.new")
    try:
        draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        draft.replace(anchor)
    except OSError as error:
        message = f"{anchor} cannot be written: {error.strerror}."
        raise RemitError(message, remedy="Name another file.") from error


def _say(found: Verification, breaks: tuple[Break, ...], anchor: Path | None) -> None:
    erased = f", {found.erased:,} of them erased" if found.erased else ""
    seen = f"{count(found.runs, 'run')}, {count(found.events, 'event')}{erased}"
    if not breaks:
        say(Painted("The log is whole", Style.GOOD), f": {seen}.")
        if anchor is not None:
            note(f"Its heads are in {anchor}: keep it where this machine cannot write.")
        return
    say(Painted(f"The log is not whole: {count(len(breaks), 'break')}", Style.BAD), f" in {seen}.")
    rows = [(each.run_id or "(anchor)", str(each.seq), each.reason) for each in breaks[:MOST_SHOWN]]
    headings = (Column("RUN", firm=True), Column("EVENT", right=True, firm=True), Column("WHAT"))
    say_all(table(headings, rows, columns()))
    if len(breaks) > MOST_SHOWN:
        say(faint(f"and {len(breaks) - MOST_SHOWN} more; --json lists all"))
    if anchor is not None:
        note("No anchor was written.")


def _fields(found: Verification, breaks: tuple[Break, ...]) -> dict[str, object]:
    return {
        "whole": not breaks,
        "runs": found.runs,
        "events": found.events,
        "erased": found.erased,
        "breaks": [{"run_id": each.run_id, "seq": each.seq, "reason": each.reason} for each in breaks],
    }
