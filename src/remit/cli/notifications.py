"""`remit notifications`: who was not told of a case, and why."""

from contextlib import suppress
from typing import Any

import click

from remit.app import NOTIFICATION_STATES, Identity, notifications_seen, tell_again
from remit.cli.acting import at_the_log, reviewer
from remit.cli.place import store_option
from remit.cli.reading import reading
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.cli.table import Column, table
from remit.errors import NotFound
from remit.log import Log
from remit.store import Row
from remit.telling import Piece, count, iso_time

MOST_AT_ONCE = 10_000


@click.group()
def notifications() -> None:
    """What people were told of cases: list what could not be delivered, and try it again.

    \b
    Examples:
      remit notifications list
      remit notifications retry --all

    Exit codes: 0 done, 1 a problem, 2 wrong use.
    """


@notifications.command("list")
@click.option(
    "--state", type=click.Choice(NOTIFICATION_STATES), default="dead", show_default=True, help="Which ones."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the list `notifications`.")
@store_option
def listing(state: str, as_json: bool) -> None:
    """List notifications, by default those that were given up.

    \b
    Examples:
      remit notifications list
      remit notifications list --state pending --json

    Exit codes: 0 done, 1 a problem, 2 wrong use.
    """
    with reading() as log:
        rows = notifications_seen(log, at_the_log(""), state).rows
    if as_json:
        say_json({"notifications": [_fields(row) for row in rows]})
    elif not rows:
        note(f"No notification is {state}.")
    else:
        headings = (
            Column("NOTIFICATION", firm=True),
            Column("QUEUE"),
            Column("TRIED", right=True),
            Column("WHY"),
        )
        lines: list[list[Piece]] = [
            [row["notification_id"], row["queue"], str(row["attempts"]), row["error"]] for row in rows
        ]
        say_all(table(headings, lines, columns()))


@notifications.command()
@click.argument("notification", required=False)
@click.option("--all", "every", is_flag=True, help="All that were given up.")
@click.option("--by", help="Who does it; otherwise $REMIT_REVIEWER, otherwise your login name.")
@store_option
def retry(notification: str | None, every: bool, by: str | None) -> None:
    """Try a notification again that was given up, with all its attempts.

    Who did it stands in the administrative log.

    \b
    Examples:
      remit notifications retry 1jq3m5.7.0
      remit notifications retry --all --by ann@example.com

    Exit codes: 0 done, 1 a problem (no such notification), 2 wrong use.
    """
    if every == (notification is not None):
        raise click.UsageError("Name one notification, or --all.")
    who = at_the_log(reviewer(by))
    with reading() as log:
        if notification is not None:
            tell_again(log, who, notification)
            tried = 1
        else:
            tried = _all_again(log, who)
    say(f"{count(tried, 'notification')} will be tried again by a worker or `remit serve`.")


def _all_again(log: Log, who: Identity) -> int:
    """How many that were given up are tried again; one that another did first is not counted."""
    tried = 0
    for row in notifications_seen(log, who, "dead", most=MOST_AT_ONCE).rows:
        with suppress(NotFound):
            tell_again(log, who, row["notification_id"])
            tried += 1
    return tried


def _fields(row: Row) -> dict[str, Any]:
    return {
        "notification": row["notification_id"],
        "case": row["case_id"],
        "run_id": row["run_id"],
        "agent": row["agent"],
        "queue": row["queue"],
        "target": row["target"],
        "state": row["state"],
        "attempts": row["attempts"],
        "error": row["error"],
        "created_at": iso_time(row["created_at"]),
    }
