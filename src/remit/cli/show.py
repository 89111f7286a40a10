"""`remit show`: what happened in one run?"""

import time
from collections.abc import Callable, Iterator

import click

from remit.cli.place import store_option
from remit.cli.reading import entries_of, reading, run_id_of
from remit.cli.screen import columns, say, say_all
from remit.event import Ended
from remit.export import line_of, masked
from remit.log import Entry, Log
from remit.telling import WHOLE, Reader, duration, faint, json_safe, lines_of, moment, story, strong, tree

POLL_S = 0.2


@click.command()
@click.argument("run")
@click.option("--full", is_flag=True, help="Print long values whole.")
@click.option("--follow", is_flag=True, help="Go on printing events until the run has ended.")
@click.option("--mask", "hide", is_flag=True, help="Mask e-mail addresses, card and telephone numbers.")
@click.option("--json", "as_json", is_flag=True, help="Every event as one JSON object per line.")
@store_option
def show(run: str, full: bool, follow: bool, hide: bool, as_json: bool) -> None:
    """Tell the story of one run, then every step with what is known of it.

    RUN is a run's id, the beginning of one, or `last` for the newest.

    \b
    Examples:
      remit show last
      remit show 1jq3 --full
      remit show last --follow
      remit show last --json

    Exit codes: 0 done, 1 a problem (no such run), 2 wrong use.
    """
    with reading() as log:
        run_id = run_id_of(log, run)
        seen = masked if hide else _as_it_is
        if as_json:
            _print_lines(log, run_id, seen, follow=follow)
        elif follow:
            _print_moments(log, run_id, seen)
        else:
            _print_whole([seen(entry) for entry in entries_of(log, run_id)], full=full)


def _as_it_is(entry: Entry) -> Entry:
    return entry


def _print_whole(entries: list[Entry], *, full: bool) -> None:
    width = columns()
    say_all(story(entries, Reader(now=time.time(), room=WHOLE if full else width)))
    say("")
    say(strong("Steps"), faint("  since the run was admitted"))
    say_all(lines_of(tree(entries), entries[0].at, width, full=full))


def _print_lines(log: Log, run_id: str, seen: Callable[[Entry], Entry], *, follow: bool) -> None:
    for entry in _followed(log, run_id) if follow else entries_of(log, run_id):
        click.echo(json_safe(line_of(seen(entry), masked=False)))


def _print_moments(log: Log, run_id: str, seen: Callable[[Entry], Entry]) -> None:
    """One line per event as it comes, the story's end when there is one."""
    entries: list[Entry] = []
    for entry in _followed(log, run_id):
        entries.append(seen(entry))
        line = moment(entries[-1], columns() - 11)
        if line is not None:
            say(faint(f"{'+' + duration(round(entry.at - entries[0].at, 3)):>9}  "), *line)
    say("")
    say_all(story(entries, Reader(now=time.time(), room=columns())))


def _followed(log: Log, run_id: str) -> Iterator[Entry]:
    """The events that there are, then each new one, until the run has ended."""
    next_seq = 0
    while True:
        new = [entry for entry in entries_of(log, run_id) if entry.seq >= next_seq]
        yield from new
        next_seq += len(new)
        if any(isinstance(entry.event, Ended) for entry in new):
            return
        time.sleep(POLL_S)
