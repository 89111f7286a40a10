"""`remit notifications`: who was not told of a case, and why."""

from contextlib import closing
from typing import Any

import click

from remit.cli.place import store_option
from remit.cli.reading import reading
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.cli.store_place import existing_store
from remit.cli.table import Column, table
from remit.errors import NotFound
from remit.store import Row, Statement, open_changes
from remit.telling import Piece, count, iso_time

MOST = 200
STATES = ("dead", "pending", "sending", "sent")


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
@click.option("--state", type=click.Choice(STATES), default="dead", show_default=True, help="Which ones.")
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
        rows = log.store.rows("notifications", {"state": state, "most": MOST})
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
@store_option
def retry(notification: str | None, every: bool) -> None:
    """Try a notification again that was given up, with all its attempts.

    \b
    Examples:
      remit notifications retry 1jq3m5.7.0
      remit notifications retry --all

    Exit codes: 0 done, 1 a problem (no such notification), 2 wrong use.
    """
    if every == (notification is not None):
        raise click.UsageError("Name one notification, or --all.")
    store = existing_store()
    with reading() as log:
        dead = log.store.rows("notifications", {"state": "dead", "most": 10_000})
        clock = log.clock
    with closing(open_changes(store, clock)) as changes:
        wanted = [row["notification_id"] for row in dead] if notification is None else [notification]
        tried = [
            each
            for each in wanted
            if changes.carry_out(Statement("retry_notification", {"notification_id": each}))
        ]
    if notification is not None and not tried:
        raise NotFound(
            f"No notification {notification} was given up.", remedy="`remit notifications list` lists them."
        )
    say(f"{count(len(tried), 'notification')} will be tried again by a worker or `remit serve`.")


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
