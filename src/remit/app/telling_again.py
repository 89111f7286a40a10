"""Who was not told of a case, and why; and another try for what was given up."""

from remit.app.access import Identity
from remit.errors import NotFound
from remit.log import Log
from remit.store import Changes, Row, Statement

NOTIFICATION_STATES = ("dead", "pending", "sending", "sent")
MOST = 200


def notifications_seen(log: Log, identity: Identity, state: str) -> list[Row]:
    """The newest notifications in that state of the cases that somebody may see."""
    rows = log.store.rows("notifications_of_runs", {"state": state, "most": MOST})
    return [
        row
        for row in rows
        if identity.sees(agent=row["agent"], tenant=row["tenant"]) and identity.sees(queue=row["queue"])
    ]


def tell_again(log: Log, changes: Changes, identity: Identity, notification_id: str) -> None:
    """Has one that was given up tried anew, with all its attempts; NotFound where it was not given up."""
    row = log.store.row("notification_of_run", {"notification_id": notification_id})
    seen = row is not None and identity.sees(agent=row["agent"], tenant=row["tenant"])
    if row is not None and seen and identity.sees(queue=row["queue"]):
        again = Statement("retry_notification", {"notification_id": notification_id})
        if changes.carry_out(again):
            return
    raise NotFound(
        f"No notification {notification_id} was given up.", remedy="`remit notifications list` lists them."
    )
